#!/bin/sh
# Installs what `make security` looks with, apart from the product: semgrep and others want other versions than it does.
set -eu
cd "$(dirname "$0")/.."
mark=$(cksum <deploy/scanners/requirements.txt)
[ -f .scanners/installed ] && [ "$(cat .scanners/installed)" = "$mark" ] && exit 0
echo "→ Installing bandit, semgrep and sqlmap"
rm -rf .scanners
.venv/bin/python -m venv .scanners
.scanners/bin/python -m pip install --quiet --require-hashes -r deploy/scanners/requirements.txt
printf %s "$mark" >.scanners/installed
