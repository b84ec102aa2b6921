"""Whatever is kept, shared, batched, hedged, tried again or given stale: nobody is shown what was made for another.

People of three tenants, with the same names by several issuers, ask for the same things at once; every answer of the backend has a number
of its own, and the backend remembers what it was told when it made it. Each answer is held against what its own request would have told.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.scenarios.isolation_storm import storm


@pytest.mark.parametrize(
    ("seed", "memory"), [(1, "256KiB"), (2, "16MiB"), (random.randrange(10**9), "2MiB")], ids=["tiny", "ample", "random"]
)
async def test_nobody_is_shown_what_was_made_for_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, memory: str) -> None:
    print(f"seed {seed}")
    async with storm(tmp_path / "c", monkeypatch, seed, memory=memory) as run:
        await run.run(1500)
        print(run.statuses, await run.counted(), run.oracle.shared, run.oracle.seen, run.oracle.given)
