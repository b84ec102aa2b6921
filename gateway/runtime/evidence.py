"""What the checks of a run looked at, so that they can be asked again when its answer is given to somebody else, or later (language §4).

A run collects evidence only where its answer may be kept. All of it is plain data: values are shared with the run, and nobody changes them.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Look(msgspec.Struct, array_like=True):
    """What the `ensure` of a step has passed on: `names` are `result` and, for an item, the item under its own name."""

    step: str
    names: dict[str, Any]


class Evidence(msgspec.Struct, array_like=True):
    """One run of an intent. `step` is that of its caller which asked for it, empty for the run of a request.

    `steps status meta` are the roots of those names as the run's own checks see them; the run of a request has them elsewhere. `inner`
    are the sub-intents that its steps asked, those that failed too.
    """

    intent: str
    step: str = ""
    input: dict[str, Any] = {}
    steps: dict[str, Any] = {}
    status: dict[str, Any] = {}
    meta: dict[str, Any] = {}
    looks: list[Look] = []
    inner: list[Evidence] = []

    def looked(self, step: str, names: dict[str, Any]) -> None:
        """The checks of a step have passed on this."""
        self.looks.append(Look(step, names))

    def below(self, intent: str, step: str, scope: dict[str, Any], *, checks: bool) -> Evidence:
        """The evidence of a sub-intent that `step` asks. Of those without `checks` it is enough to know that they were asked, once."""
        if checks:
            made = Evidence(intent, step, scope["input"], scope["steps"], scope["status"], scope["meta"])
        else:
            known = next((each for each in self.inner if (each.intent, each.step) == (intent, step)), None)
            if known is not None:
                return known
            made = Evidence(intent, step)
        self.inner.append(made)
        return made
