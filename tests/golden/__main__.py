"""`python -m tests.golden` writes what is reported now into every golden file, to be read and committed."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.golden.cases import PROBLEMS, check, read, rewrite

for path in sorted(PROBLEMS.glob("*.yaml")):
    with tempfile.TemporaryDirectory() as folder:
        rewrite(path, check(read(path), Path(folder))[1])
