#!/bin/sh
# Installs the servers that `service` tests start themselves, from the system's own packages, and only those that are missing.
set -eu

has_postgres() {
    command -v initdb >/dev/null 2>&1 && return
    for folder in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin; do
        [ -x "$folder/initdb" ] && return
    done
    return 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@"
    else
        echo "Run this as root, then make services again: $*" >&2
        exit 1
    fi
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" ||
        { as_root apt-get update && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"; }
}

if has_postgres; then
    echo "PostgreSQL: there already"
elif command -v apt-get >/dev/null 2>&1; then
    apt_install postgresql
elif command -v brew >/dev/null 2>&1; then
    brew install postgresql@16
else
    echo "Install PostgreSQL's server with your system's package manager (initdb has to be on the PATH)." >&2
    exit 1
fi
