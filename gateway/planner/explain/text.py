"""An intent's account as text: 80 columns, and ASCII as far as the configuration's own words are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gateway.config.visible import width as columns
from gateway.planner.explain.account import Account, CallAccount, FanOut, Line, Shared, StepAccount
from gateway.planner.explain.columns import cut, wrapped
from gateway.planner.explain.drawing import ASCII, Drawing

BAR = 30
LONGEST_NAME = 24
DEEP = 6

SHARED: dict[Shared, str] = {
    "nobody": "with nobody",
    "caller": "with the same caller only",
    "equals": "with callers of the tenant who send the same",
    "tenant": "with every caller of the tenant",
    "all": "with callers of all tenants who send the same",
}

GIVEN = {
    "user": "to the same caller only",
    "tenant": "to every caller of the tenant who may ask",
    "public": "to callers of all tenants who may ask",
}


def render(account: Account, *, drawing: Drawing = ASCII) -> str:
    """The whole account, section by section."""
    return "\n".join(line.rstrip() for line in _lines(account, drawing)) + "\n"


def _lines(account: Account, drawing: Drawing) -> Iterator[str]:
    yield from wrapped("", f"{account.intent} (version {account.version}) [{account.place}]", 2)
    if account.summary:
        yield from wrapped("", account.summary, 0)
    yield from _who(account, drawing)
    yield from _verdicts(account)
    yield ""
    yield from wrapped("input     ", ", ".join(account.input) or "none", 10)
    yield from wrapped("pipeline  ", f" {drawing.arrow} ".join([*(name for _, name in account.pipeline), "steps"]), 10)
    yield from wrapped("answer    ", f"could be shared {SHARED[account.scope]}: {account.scope_because}", 10)
    yield from _kept(account)
    for line in account.policies:
        yield from _told("holds     ", line, 12)
    for guard in account.guards:
        yield from _told("guard     ", guard, 12)
    yield from _hidden(account)
    yield from _graph(account)
    for step in account.steps:
        yield from _step(step)
    yield from _budget(account, drawing)
    yield from wrapped("requests       ", _requests(account.requests), 15)


def _who(account: Account, drawing: Drawing) -> Iterator[str]:
    yield ""
    yield "who may call it"
    if not account.grants and not account.roles:
        yield from wrapped("  ", "nobody: no role allows it", 4)
    width = min(max((columns(grant.role) for grant in account.grants), default=0), LONGEST_NAME)
    for grant in account.grants:
        way = f"inherits {f' {drawing.arrow} '.join(grant.through)}: " if grant.through else ""
        yield from wrapped(f"  {cut(grant.role, width)}  ", f"{way}{grant.rule} [{grant.place}]", width + 4)
    for line in account.rules:
        yield from _told("  rule ", line, 9)
    for line in account.assigned:
        yield from _told("  gets ", line, 9)
    for line in account.conditions:
        yield from _told("  and  ", line, 9)
    for line in account.identities:
        yield from _told("  as   ", line, 9)
    for route in account.routes:
        roles = "" if route.roles is None else f", for {', '.join(route.roles) or 'nobody'}"
        yield from wrapped("  at   ", f"{'|'.join(route.methods)} {route.path} (route {route.name}){roles} [{route.place}]", 9)
        for line in route.rules:
            yield from _told("         rule ", line, 16)
        for line in route.conditions:
            yield from _told("         and  ", line, 16)


def _verdicts(account: Account) -> Iterator[str]:
    if account.verdicts:
        yield ""
        yield from wrapped("asked for ", ", ".join(account.asked), 10)
    for verdict in account.verdicts:
        yield from wrapped("  ", f"{verdict.answer}: {verdict.what}", 4)
        for line in verdict.reasons:
            yield from _told("      ", line, 8)


def _kept(account: Account) -> Iterator[str]:
    if account.kept is not None:
        yield from _told("kept      ", account.kept.cache, 12)
        yield from wrapped("          ", f"given {GIVEN[account.kept.scope]}, where these are equal: {', '.join(account.kept.key)}", 12)


def _hidden(account: Account) -> Iterator[str]:
    if account.hidden:
        yield ""
        yield "what is hidden in the answer"
    for field in account.hidden:
        word = "perhaps " if field.answer == "depends" else ""
        yield from _told(f"  {field.field}: {word}{field.mask}, ", field.rule, 6)


def _graph(account: Account) -> Iterator[str]:
    yield ""
    yield "steps that can run side by side"
    for number, wave in enumerate(account.waves):
        yield from wrapped(f"  {number + 1}. ", " | ".join(wave), DEEP)
    if not account.waves:
        yield "  none"
    yield ""
    yield "what waits for what"


def _step(step: StepAccount) -> Iterator[str]:
    after = f"after {', '.join(step.after)}" if step.after else "at once"
    yield from wrapped("  ", f"{step.id}: {step.action} ({step.effect}), {after}", DEEP)
    if step.when is not None:
        yield from wrapped("      when ", step.when, 8)
    if step.foreach is not None:
        yield from wrapped("      for each of ", step.foreach, 8)
    for line in step.ensures:
        yield from _told("      ensure ", line, 8)
    for rung in step.ladder:
        when = "" if rung.when is None else f"when {rung.when}: "
        longest = "" if rung.longest is None else f" ({_time(rung.longest)} at most)"
        yield from wrapped(f"      else {rung.number}: ", f"{when}{rung.action}{longest}", 8)
    if not step.required:
        yield from wrapped("      ", "optional: a failure becomes null and an entry in errors", 8)
    if step.barriers:
        yield from wrapped("      ", f"held back until the checks of {', '.join(step.barriers)} passed", 8)
    for call in step.calls:
        yield from _call(call)
    if step.requests.most > 1:
        yield from wrapped("      requests: ", _requests(step.requests), 8)


def _call(call: CallAccount) -> Iterator[str]:
    yield from wrapped(
        "      ", f"{call.operation}: equal calls shared {SHARED[call.shared]}, {'cached' if call.cache else 'not cached'}", 8
    )
    if call.sends:
        yield from wrapped("        sends ", ", ".join(call.sends), 10)
    for line in [*([call.cache] if call.cache else []), *call.policies]:
        yield from _told("        ", line, 10)


def _budget(account: Account, drawing: Drawing) -> Iterator[str]:
    span = max(account.worst, account.budget) or 1.0
    yield ""
    yield f"budget: {_time(account.deadline)} deadline, {_time(account.budget)} of it for steps"
    width = min(max((columns(step.id) for step in account.steps), default=0), LONGEST_NAME)
    for step in account.steps:
        start, end = round(step.starts / span * BAR), round(step.ends / span * BAR)
        bar = " " * start + drawing.bar * max(end - start, 1 if step.longest else 0)
        span_of = f"{_time(step.starts)} to {_time(step.ends)}"
        yield f"  {cut(step.id, width)}  {drawing.edge}{bar[:BAR].ljust(BAR)}{drawing.edge}  {span_of}"
    yield from wrapped("critical path  ", f" {drawing.arrow} ".join(account.critical) or "none", 15)
    over = "" if account.worst <= account.budget else ": more than there is, so the deadline cuts it short"
    yield from wrapped("worst case     ", f"{_time(account.worst)}{over}", 15)


def _told(label: str, line: Line, indent: int) -> Iterable[str]:
    later = "" if line.in_force else " (not in force yet)"
    place = "" if line.place is None else f" [{line.place}]"
    return wrapped(label, f"{line.text}{later}{place}", indent)


def _requests(fan: FanOut) -> str:
    usual = f"{fan.least} to {fan.usual}" if fan.least != fan.usual else f"{fan.usual}"
    return usual if fan.most == fan.usual else f"{usual}, {fan.most} at most with every retry and rung"


def _time(seconds: float) -> str:
    return f"{seconds * 1000:.0f}ms" if seconds < 1 else f"{seconds:g}s"
