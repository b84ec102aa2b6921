"""Where tests find what `make services` installed from npm: programs to run with Node.js, and documents to read."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gateway-tests" / "npm"


def npm_package(name: str) -> Path:
    """The folder of a package that `.ci/npm/package.json` names. Skips the test where it is not installed."""
    folder = CACHE / "node_modules" / name
    if not (folder / "package.json").is_file():
        pytest.skip(f"the npm package {name} is not installed")
    return folder


def node() -> str:
    """The path of Node.js. Skips the test where it is missing."""
    found = shutil.which("node")
    if found is None:
        pytest.skip("node is not on the PATH")
    return found
