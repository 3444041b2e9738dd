#!/bin/sh
# Installs what `make bench` compares with: tesseract. Without it those rows say that it is missing.
set -eu
command -v tesseract >/dev/null 2>&1 && exit 0
command -v apt-get >/dev/null 2>&1 || { echo "→ No apt-get here: install tesseract-ocr for the comparison"; exit 0; }
echo "→ Installing tesseract for the comparison"
sudo=""
[ "$(id -u)" = 0 ] || sudo="sudo -n"
$sudo apt-get update -qq &&
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        tesseract-ocr tesseract-ocr-eng >/dev/null ||
    echo "→ tesseract could not be installed; the comparison will be missing"
