"""The parts of a template, and how each becomes a function `(scope, budget) -> value`.

A part is made runnable only when its template is first used: checking a configuration runs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from gateway.expressions.functions_number import whole
from gateway.expressions.limits import Budget, spend, spend_steps
from gateway.expressions.values import as_text, is_true
from gateway.sdk import Compiled, ExpressionFault, Reference, Scope

Run = Callable[[Any, Budget], Any]
Around = Callable[[Any, Scope], Any]
"""Makes of a value, in a scope, what is shown of it."""


class Part(msgspec.Struct, frozen=True):
    """A piece of a template. `make` gives its function. `plain`: it is the literal `value`; then the whole may be put together at load."""

    make: Callable[[], Run]
    references: frozenset[Reference] = frozenset()
    plain: bool = False
    value: Any = None


def literal(value: Any) -> Part:
    """A value that is given as it stands."""
    return Part(lambda: lambda _scope, _budget: value, plain=True, value=value)


def references_of(parts: Sequence[Part]) -> frozenset[Reference]:
    """All that several parts read."""
    return frozenset[Reference]().union(*(part.references for part in parts))


def mapping(parts: dict[str, Part]) -> Part:
    """An object."""
    if all(part.plain for part in parts.values()):
        return literal({key: part.value for key, part in parts.items()})

    def make() -> Run:
        items = tuple((key, part.make()) for key, part in parts.items())
        return lambda scope, budget: {key: each(scope, budget) for key, each in items}

    return Part(make, references_of(list(parts.values())))


def sequence(parts: list[Part]) -> Part:
    """A list."""
    if all(part.plain for part in parts):
        return literal([part.value for part in parts])

    def make() -> Run:
        runs = tuple(part.make() for part in parts)
        return lambda scope, budget: [each(scope, budget) for each in runs]

    return Part(make, references_of(parts))


def text(pieces: list[str | Part]) -> Part:
    """A text with values in it."""

    def make() -> Run:
        runs = tuple(piece if isinstance(piece, str) else piece.make() for piece in pieces)

        def run(scope: Any, budget: Budget) -> Any:
            written = "".join([piece if piece.__class__ is str else as_text(piece(scope, budget)) for piece in runs])  # type: ignore[operator]
            spend(budget, len(written))
            return written

        return run

    return Part(make, references_of([piece for piece in pieces if isinstance(piece, Part)]))


def choice(condition: Part, then: Part, otherwise: Part) -> Part:
    """`$if`: only what is chosen gets evaluated."""

    def make() -> Run:
        test, one, other = condition.make(), then.make(), otherwise.make()
        return lambda scope, budget: (one if is_true(test(scope, budget)) else other)(scope, budget)

    return Part(make, references_of([condition, then, otherwise]))


def repetition(name: str, items: Part, where: Part | None, limit: Part | None, do: Part) -> Part:
    """`$each`: null items give an empty list; `$limit` counts what `$where` lets through."""

    def make() -> Run:
        return _loop(name, items.make(), where.make() if where else None, limit.make() if limit else None, do.make())

    inside = references_of([part for part in (where, do) if part])
    outside = references_of([part for part in (items, limit) if part])
    return Part(make, outside | {reference for reference in inside if reference[0] != name})


def _loop(name: str, source: Run, test: Run | None, limit: Run | None, body: Run) -> Run:
    def run(scope: Any, budget: Budget) -> Any:
        found = source(scope, budget)
        if found is None:
            return []
        if not isinstance(found, list):
            raise ExpressionFault("$each needs a list.")
        spend_steps(budget, len(found))
        most = len(found) if limit is None else _most(limit(scope, budget), len(found))
        inner, made = dict(scope), list[Any]()
        for item in found:
            if len(made) >= most:
                break
            inner[name] = item
            if test is None or is_true(test(inner, budget)):
                made.append(body(inner, budget))
        return made

    return run


def _most(limit: Any, count: int) -> int:
    if limit is None:
        return count
    most = whole("$limit", limit)
    if most < 0:
        raise ExpressionFault("$limit can't be negative.")
    return most


def rendered(part: Part, around: Around | None) -> Part:
    """A part whose value goes through `around` before anything else gets it."""
    if around is None:
        return part
    wrap = around

    def make() -> Run:
        run = part.make()
        return lambda scope, budget: wrap(run(scope, budget), scope)

    return Part(make, part.references)


def use(transform: Compiled, value: Part, *, config: bool) -> Part:
    """`$use`: a named transform of a value. `config`: the position knows that root."""
    own = {reference for reference in transform.references if reference[0] == "config"} if config else set()
    return Part(lambda: _applied(transform, value.make()), value.references | own)


def _applied(transform: Compiled, given: Run) -> Run:
    shared: Run | None = getattr(transform, "run", None)

    def run(scope: Scope, budget: Budget) -> Any:
        inner = {"value": given(scope, budget), "config": scope.get("config")}
        return transform(inner) if shared is None else shared(inner, budget)

    return run
