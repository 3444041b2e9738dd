#!/bin/sh
# Finds nginx, PgBouncer and openssl for the tests of what stands in front and beside, or unpacks them into .edge:
# installed, the packages would start services. Needs no root unless the package lists are missing.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/.edge/usr/sbin:$PWD/.edge/usr/bin:$PATH:/usr/sbin:/usr/local/sbin"

found() {
    for name in nginx pgbouncer openssl; do command -v "$name" >/dev/null 2>&1 || return 1; done
}

unpacked() {
    apt-get install -y -qq --download-only --no-install-recommends -o Debug::NoLocking=1 \
        -o "Dir::Cache::archives=$PWD/.edge/packages" nginx-light pgbouncer openssl >/dev/null &&
        for package in .edge/packages/*.deb; do dpkg -x "$package" .edge; done
}

found && exit 0
echo "→ Unpacking nginx and PgBouncer for the tests"
if command -v apt-get >/dev/null 2>&1; then
    sudo=""
    [ "$(id -u)" = 0 ] || sudo="sudo -n"
    mkdir -p .edge/packages/partial
    unpacked 2>/dev/null || { $sudo apt-get update -qq && unpacked; } || true
fi
found || echo "→ nginx, PgBouncer or openssl is missing: their tests will fail. Install all three and run this again" >&2
