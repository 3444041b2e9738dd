#!/bin/sh
# Installs what `make bench` compares with and measures by: tesseract, NiceGUI and Streamlit, Lighthouse.
# What cannot be installed is said here, and its rows say that it is missing.
set -eu
cd "$(dirname "$0")/.."

rivals() {
    .rivals/bin/python -c 'import nicegui, streamlit' 2>/dev/null && return 0
    echo "→ Installing NiceGUI and Streamlit for the comparison"
    python3 -m venv .rivals && .rivals/bin/python -m pip install -q -r bench/rivals/requirements.txt
}

lighthouse() {
    [ -x .rivals/node_modules/.bin/lighthouse ] && return 0
    echo "→ Installing Lighthouse"
    mkdir -p .rivals
    PATH="$PWD/.venv/bin:$PATH" npm install --silent --no-save --no-audit --no-fund --prefix .rivals lighthouse@12.8.2
}

tesseract_() {
    command -v tesseract >/dev/null 2>&1 && return 0
    command -v apt-get >/dev/null 2>&1 || return 1
    echo "→ Installing tesseract for the comparison"
    sudo=""
    [ "$(id -u)" = 0 ] || sudo="sudo -n"
    $sudo apt-get update -qq &&
        $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
            tesseract-ocr tesseract-ocr-eng >/dev/null
}

for tool in rivals lighthouse tesseract_; do
    $tool || echo "→ ${tool%_} could not be installed; the comparison will be missing"
done
