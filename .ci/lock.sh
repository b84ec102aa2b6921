#!/bin/sh
# Resolves requirements/*.lock for every platform and Python version at once, with hashes and without any host's name.
# What is locked stays locked unless pyproject.toml forbids it; `sh .ci/lock.sh --upgrade` takes the newest of all.
set -eu
uv=$(command -v uv || command -v .venv/bin/uv) || {
    echo "The lock is made with uv, which is not here. This mends it: pip install uv" >&2
    exit 1
}

resolve() {
    "$uv" pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
        --no-header --no-annotate --no-emit-index-url --no-emit-find-links --extra postgres --extra redis "$@"
}

resolve --output-file requirements/dev.lock --group dev "$@"
resolve --output-file requirements/runtime.lock --constraint requirements/dev.lock
