"""The phases of a request (architecture §2). Named, never numbered; the tuple is their one order."""

from __future__ import annotations

from typing import Literal, get_args

Phase = Literal[
    "trace", "record", "render", "identify", "tenant", "limit", "understand", "authorize", "admit", "validate", "recall", "execute"
]  # fmt: skip

PHASES: tuple[Phase, ...] = get_args(Phase)
"""Outside in. `record` and `render` do their work on the way out, so they wrap everything whose outcome they tell:
a request passes `trace → identify → … → execute → render → record`."""

INNERMOST: Phase = "execute"
"""The plan's own handler; stages may be put before it."""

FRONT: frozenset[Phase] = frozenset(PHASES[: PHASES.index("understand")])
"""The phases that know the caller and not yet the intent."""
