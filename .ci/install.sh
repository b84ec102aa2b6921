#!/bin/sh
# Makes .venv with the locked dependencies and this checkout in it; uses uv where present.
set -eu
lock=requirements/dev.lock

runs() { "$1" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

# A name on the PATH may be too old, or a shim with nothing behind it: only one that runs counts.
find_python() {
    for name in python3.13 python3.12 python3.11 python3 python; do
        if runs "$name"; then
            command -v "$name"
            return
        fi
    done
}

no_python() {
    echo "gateway needs Python 3.11 or newer; python3 here is: $(python3 --version 2>&1 || true)" >&2
    echo "Install one, for example: sudo apt-get install -y python3.11 python3.11-venv, or: brew install python@3.13" >&2
    exit 1
}

no_venv() {
    version=$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    echo "$1 cannot make virtual environments (no ensurepip). This mends it; then run make again:" >&2
    echo "    sudo apt-get install -y python$version-venv" >&2
    exit 1
}

if command -v uv >/dev/null 2>&1; then
    # Without a python here uv brings its own.
    runs .venv/bin/python || uv venv --quiet --clear --python "$(find_python | grep . || echo '>=3.11')" .venv
    uv pip sync --quiet --python .venv/bin/python --require-hashes "$lock"
    uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
else
    if ! runs .venv/bin/python || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
        python=$(find_python)
        [ -n "$python" ] || no_python
        "$python" -c 'import venv, ensurepip' 2>/dev/null || no_venv "$python"
        "$python" -m venv --clear .venv
    fi
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement "$lock"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
fi
