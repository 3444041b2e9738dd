#!/bin/sh
# Makes .venv and installs the pinned packages; does nothing when they are there already.
# Usage: install.sh [test]
set -eu
cd "${BACKOFFICE_ROOT:-$(dirname "$0")/..}"

lock=requirements.txt
[ "${1:-}" = test ] && lock=requirements-test.txt

newest_python() {
    for name in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
        if command -v "$name" >/dev/null 2>&1 &&
            "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
}

fresh() { [ -f .venv/installed ] && [ "$(cat .venv/installed)" = "$1" ]; }

digest() { cat requirements.txt pyproject.toml "$1" | cksum | tr -d ' '; }

[ "$lock" = requirements.txt ] && fresh "test-$(digest requirements-test.txt)" && exit 0
mark="${1:-run}-$(digest "$lock")"
fresh "$mark" && exit 0

python=$(newest_python)
if [ -z "$python" ]; then
    found=$(python3 --version 2>/dev/null || echo "none")
    echo "Python 3.11, 3.12 or 3.13 is needed and was not found (python3 here: $found). Install one, or name it: make run PYTHON=/path/to/python3.11" >&2
    exit 1
fi
if [ ! -x .venv/bin/python ]; then
    echo "→ Making .venv with $("$python" --version)"
    "$python" -m venv .venv || {
        echo "The venv module is missing. On Debian and Ubuntu: apt-get install python3-venv" >&2
        exit 1
    }
fi
echo "→ Installing $(grep -c '==' "$lock") pinned packages (about two minutes the first time)"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$lock"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
echo "$mark" >.venv/installed
