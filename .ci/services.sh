#!/bin/sh
# Installs what `service` tests start or read, and only what is missing: servers from the system's own packages, the rest from npm.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
npm_folder=${XDG_CACHE_HOME:-$HOME/.cache}/gateway-tests/npm

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

# The OpenID provider that tests run needs Node 20; Debian 13 has it.
has_node() {
    command -v npm >/dev/null 2>&1 && node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null
}

install_postgres() {
    if command -v apt-get >/dev/null 2>&1; then
        apt_install postgresql
    elif command -v brew >/dev/null 2>&1; then
        brew install postgresql@16
    else
        echo "Install PostgreSQL's server with your system's package manager (initdb has to be on the PATH)." >&2
        exit 1
    fi
}

# Tests run the program themselves: the service that the package enables and starts is ended again.
install_redis() {
    if command -v apt-get >/dev/null 2>&1; then
        apt_install redis-server
        if [ -d /run/systemd/system ]; then
            as_root systemctl disable --now redis-server
        else
            as_root service redis-server stop >/dev/null 2>&1 || true
        fi
    elif command -v brew >/dev/null 2>&1; then
        brew install redis
    else
        echo "Install Redis with your system's package manager (redis-server has to be on the PATH)." >&2
        exit 1
    fi
}

install_node() {
    if command -v apt-get >/dev/null 2>&1; then
        command -v node >/dev/null 2>&1 || apt_install nodejs
        command -v npm >/dev/null 2>&1 || apt_install npm
    elif command -v brew >/dev/null 2>&1; then
        brew install node
    fi
    has_node && return
    echo "Install Node.js 20 or newer, with npm (both have to be on the PATH); node here is: $(node --version 2>&1 || true)" >&2
    exit 1
}

# What .ci/npm/package-lock.json pins, by hash, outside the checkout. To pin one more:
#     npm install --prefix .ci/npm --package-lock-only --omit-lockfile-registry-resolved --save-exact NAME@VERSION
# and take the `funding` entries out: no host stands in a lock file.
install_npm_packages() {
    mkdir -p "$npm_folder"
    cp "$here/npm/package.json" "$here/npm/package-lock.json" "$npm_folder"
    npm install --prefix "$npm_folder" --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error
    cp "$here/npm/package-lock.json" "$npm_folder/installed"
}

if has_postgres; then
    echo "PostgreSQL: there already"
else
    install_postgres
fi

if command -v redis-server >/dev/null 2>&1; then
    echo "Redis: there already"
else
    install_redis
fi

if has_node; then
    echo "Node.js: there already"
else
    install_node
fi

if cmp -s "$here/npm/package-lock.json" "$npm_folder/installed"; then
    echo "npm packages: there already"
else
    install_npm_packages
fi
