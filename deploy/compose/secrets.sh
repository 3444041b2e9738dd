#!/bin/sh
# Makes the secrets of compose.yaml, each once: what is there stays. Usage: secrets.sh [FOLDER]
set -eu
folder=${1:-$(dirname "$0")/secrets}
mkdir -p "$folder"
chmod 700 "$folder"
cd "$folder"

kept() { [ -s "$1" ] || cat >"$1"; }
random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }

for name in secret_key postgres_password owner_password app_password; do random | kept "$name"; done
echo "postgresql+psycopg://backoffice_app:$(cat app_password)@postgres:5432/backoffice" | kept database_url
echo "postgresql+psycopg://backoffice_owner:$(cat owner_password)@postgres:5432/backoffice" | kept database_owner_url
# A container reads them as another user; the folder is what keeps others out.
chmod 444 ./*
for name in certificate certificate_key; do
    [ -s "$name" ] || echo "→ Put your $name (PEM) at $PWD/$name"
done
