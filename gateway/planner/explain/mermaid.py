"""An intent's account as a mermaid flowchart (mermaid.js.org/syntax/flowchart.html).

Nodes have names of our own, and what comes from the configuration stands in quoted labels, every sign but the plainest written as a
character code: no name and no text can end a label, begin a directive or be taken for a keyword.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.planner.explain.account import Account, StepAccount
from gateway.planner.explain.columns import visible

_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 _.,=()+")
_LONGEST_LABEL = 120
_SHAPES = {"write": ("[[", "]]"), "read": ("[", "]"), "pure": ("(", ")")}


def render(account: Account) -> str:
    """The whole chart: steps, what waits for what, ladders (dotted), and writes that wait for checks (thick)."""
    return "\n".join(_lines(account)) + "\n"


def _lines(account: Account) -> Iterator[str]:
    yield "flowchart TD"
    yield f"  ask([{_label(account.intent)}])"
    names = {step.id: f"s{number}" for number, step in enumerate(account.steps)}
    for step in account.steps:
        yield from _nodes(step, names[step.id])
    answer = _label("answer", f"worst case {account.worst:g}s of {account.deadline:g}s")
    yield f"  done([{answer}])"
    for step in account.steps:
        yield from _edges(step, names)
    awaited = {name for step in account.steps for name in step.after}
    for step in account.steps:
        if step.id not in awaited:
            yield f"  {names[step.id]} --> done"
    if not account.steps:
        yield "  ask --> done"


def _nodes(step: StepAccount, name: str) -> Iterator[str]:
    opening, closing = _SHAPES[step.effect]
    more = [f"{step.longest:g}s at most"] if step.longest else []
    more += [f"when {step.when}"] if step.when is not None else []
    more += [f"for each of {step.foreach}"] if step.foreach is not None else []
    more += [f"ensure {line.text}" for line in step.ensures]
    yield f"  {name}{opening}{_label(step.id, step.action, *more)}{closing}"
    for rung in step.ladder:
        condition = [f"when {rung.when}"] if rung.when is not None else []
        yield f"  {name}r{rung.number}([{_label(rung.action, *condition)}])"


def _edges(step: StepAccount, names: dict[str, str]) -> Iterator[str]:
    name = names[step.id]
    if not step.after:
        yield f"  ask --> {name}"
    for other in step.after:
        yield f"  {names[other]} {'==>' if other in step.barriers else '-->'} {name}"
    before = name
    for rung in step.ladder:
        yield f"  {before} -. else .-> {name}r{rung.number}"
        before = f"{name}r{rung.number}"


def _label(*lines: str) -> str:
    """A quoted label; lines that are too long are cut."""
    shown = (text if len(text) <= _LONGEST_LABEL else f"{text[:_LONGEST_LABEL]}..." for text in map(visible, lines))
    return f'"{"<br/>".join(map(_encoded, shown))}"'


def _encoded(text: str) -> str:
    """The text with character codes. A line with `direction LR` anywhere in it is a statement to mermaid, whatever stands round it."""
    codes = "".join(sign if sign in _PLAIN else f"#{ord(sign)};" for sign in text)
    return re.sub("(?<=direction) ", "#32;", codes, flags=re.IGNORECASE)
