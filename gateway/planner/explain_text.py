"""An intent's account as text: 80 columns, and ASCII as far as the configuration's own words are."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from gateway.planner.explain import Account, StepAccount

WIDTH = 80
BAR = 30
LONGEST_NAME = 24


def render(account: Account) -> str:
    """The whole account, section by section."""
    return "\n".join(line.rstrip() for line in _lines(account)) + "\n"


def _lines(account: Account) -> Iterator[str]:
    yield from _wrapped("", f"{account.intent} (version {account.version})  {account.place}")
    if account.summary:
        yield from _wrapped("", account.summary)
    yield ""
    yield from _wrapped("who       ", ", ".join(account.roles) or "nobody: no role allows it")
    for condition in account.conditions:
        yield from _wrapped("          ", f"and {condition}")
    yield from _wrapped("input     ", ", ".join(account.input) or "none")
    yield from _wrapped("identity  ", account.identity)
    yield from _wrapped("pipeline  ", " > ".join([*(name for _, name in account.pipeline), "steps"]))
    for guard in account.guards:
        yield from _wrapped("guard     ", guard)
    yield from _graph(account)
    for step in account.steps:
        yield from _step(step)
    yield from _budget(account)


def _graph(account: Account) -> Iterator[str]:
    yield ""
    yield "steps that can run side by side"
    for number, wave in enumerate(account.waves):
        yield from _wrapped(f"  {number + 1}. ", " | ".join(wave))
    yield ""
    yield "what waits for what"


def _step(step: StepAccount) -> Iterator[str]:
    after = f"after {', '.join(step.after)}" if step.after else "at once"
    yield from _wrapped("  ", f"{step.id}  {step.action} [{step.effect}] {after}", indent=6)
    for note in step.notes:
        yield from _wrapped("      ", note)
    for number, rung in enumerate(step.ladder):
        yield from _wrapped(f"      else {number}: ", rung)
    if step.barriers:
        yield from _wrapped("      ", f"held back until the checks of {', '.join(step.barriers)} passed")


def _budget(account: Account) -> Iterator[str]:
    span = max(account.worst, account.budget) or 1.0
    yield ""
    yield f"budget: {_time(account.deadline)} deadline, {_time(account.budget)} of it for steps"
    width = min(max((len(step.id) for step in account.steps), default=0), LONGEST_NAME)
    for step in account.steps:
        name = step.id if len(step.id) <= width else f"{step.id[: width - 2]}.."
        start, end = round(step.starts / span * BAR), round(step.ends / span * BAR)
        bar = " " * start + "#" * max(end - start, 1 if step.timeout else 0)
        yield f"  {name.ljust(width)}  |{bar.ljust(BAR)}|  {_time(step.starts)} to {_time(step.ends)}"
    yield from _wrapped("critical path  ", " > ".join(account.critical) or "none")
    over = "" if account.worst <= account.budget else ": more than there is, so the deadline cuts it short"
    yield from _wrapped("worst case     ", f"{_time(account.worst)}{over}")


def _wrapped(label: str, text: str, *, indent: int | None = None) -> list[str]:
    margin = " " * (min(len(label), 16) if indent is None else indent)
    return textwrap.wrap(text, WIDTH, initial_indent=label, subsequent_indent=margin, break_on_hyphens=False) or [label]


def _time(seconds: float) -> str:
    return f"{seconds * 1000:.0f}ms" if seconds < 1 else f"{seconds:g}s"
