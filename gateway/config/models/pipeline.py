"""Stages that a configuration adds to the built-in pipeline (language §5, §7)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from gateway.sdk.fields import described
from gateway.sdk.source_config import Model

Phase = Literal[
    "trace", "identify", "tenant", "limit", "understand", "authorize", "admit", "validate", "recall", "execute", "render", "record"
]  # fmt: skip


class StageUse(Model, frozen=True, kw_only=True):
    """A stage, put before or after a built-in phase. Built-in phases can't be removed or reordered."""

    use: Annotated[str, described("Name of the stage, as its plugin gives it.")]
    before: Annotated[Phase | None, described("The phase in front of which it runs.")] = None
    after: Annotated[Phase | None, described("The phase behind which it runs.")] = None
    options: Annotated[dict[str, Any], described("The stage's own options, as its plugin describes them.")] = {}
