"""`python -m tests.golden [NAME…]` writes what is reported now into golden files (all of them, or these), to be read and committed."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.golden.cases import PROBLEMS, check, read, rewrite

for path in [PROBLEMS / f"{name}.yaml" for name in sys.argv[1:]] or sorted(PROBLEMS.glob("*.yaml")):
    with tempfile.TemporaryDirectory() as folder:
        rewrite(path, check(read(path), Path(folder))[1])
