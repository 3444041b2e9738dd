#!/bin/sh
# Pins every package with its hashes; no index line and no host name gets into the files.
set -eu
cd "$(dirname "$0")/.."
.venv/bin/python -m venv .venv/lock && .venv/lock/bin/pip install --quiet uv
pin() {
    out=$1
    shift
    .venv/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-annotate --no-header \
        --override deploy/lock-overrides.txt "$@" pyproject.toml -o "$out"
}
pin requirements.txt
# What the rest is pinned at holds for the extra, too; releases of today would not stand beside it.
cat requirements.txt >>requirements-saml.txt
pin requirements-saml.txt --extra saml
# Only what the extra adds: it is installed beside the rest.
awk 'NR == FNR { if (/==/) known[$1]; next } /==/ { new = !($1 in known) } new' requirements.txt requirements-saml.txt \
    >requirements-saml.new && mv requirements-saml.new requirements-saml.txt
pin requirements-test.txt --extra test --extra saml
