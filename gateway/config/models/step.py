"""One step of an intent (language §4). A step is exactly one of `call`, `join`, `let` and `emit`."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET

from gateway.config.models.access import Checks
from gateway.sdk.fields import Duration, Expr, Name, Template, described, form, planned, protects
from gateway.sdk.source_config import Cache, Model, Positive, Retry

Target = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]*\.[^\s.](?:[^\t\r\n]*\S)?$"), form("`source.operation` or `intent.<name>`")]
"""`source.operation` or `intent.<name>`; an imported operation keeps its spelling."""

Arguments = dict[str, Template]
"""Argument by parameter name."""

Fields = str | Annotated[list[str], msgspec.Meta(min_length=1)]


class JoinKeys(Model, frozen=True, kw_only=True):
    """Key fields that are named differently on both sides, pairwise in order."""

    left: Annotated[list[str], msgspec.Meta(min_length=1), described("Key fields of the rows on the left.")]
    right: Annotated[list[str], msgspec.Meta(min_length=1), described("Key fields of the rows on the right, in the same order.")]


class Join(Model, frozen=True, kw_only=True):
    """Joins two lists by key, in memory and by hash."""

    exactly_one = (("as", "merge"),)

    left: Annotated[Expr, described("Expression that gives the rows to be completed.")]
    right: Annotated[Expr, described("Expression that gives the rows they are completed with; null rows are ignored.")]
    by: Annotated[Fields | JoinKeys, described("Key field or fields; null keys never match.")]
    cardinality: Annotated[Literal["one", "many"], described("How many rows may match; a second match under `one` is `bad_response`.")] = (
        "one"
    )
    type: Annotated[Literal["left", "inner"], described("Whether rows without a match stay.")] = "left"
    as_: Annotated[Name | None, described("Field that receives the match, or with `cardinality: many` the list of matches.")] = (
        msgspec.field(name="as", default=None)
    )
    merge: Annotated[bool, described("Puts the match's fields into the row itself; colliding fields are `bad_response`.")] = False
    cast: Annotated[Literal["string", "int", "lower"] | None, described("How keys are made comparable before they are compared.")] = None


class Emit(Model, frozen=True, kw_only=True):
    """Publishes data to a broker: `to` which operation, and what `data`."""

    to: Annotated[Target, described("Operation that publishes, as `source.operation`.")]
    data: Annotated[Template, described("What is published.")]


class Rung(Model, frozen=True, kw_only=True):
    """One rung of a `fallback` ladder: exactly one of `call`, `return` and `stale`."""

    exactly_one = (("call", "return", "stale"),)
    only_with = dict.fromkeys(("with", "timeout", "output", "transform"), ("call",))

    when: Annotated[Expr | None, described("Condition on `error`; without it the rung always applies.")] = None
    call: Annotated[Target | None, described("Another operation that answers instead.")] = None
    with_: Annotated[Arguments, described("Arguments of the other operation, by parameter name.")] = msgspec.field(
        name="with", default_factory=dict
    )
    timeout: Annotated[Duration | None, described("Longest wait for it; may only narrow the operation's.")] = None
    output: Annotated[Template, described("Reshapes its result.")] = UNSET
    transform: Annotated[Name | None, described("Named transform that reshapes its result.")] = None
    return_: Annotated[Template, described("A fixed answer; the step then counts as degraded.")] = msgspec.field(
        name="return", default=UNSET
    )
    stale: Annotated[Duration | None, described("A cached answer up to this age.")] = None


class Compensate(Model, frozen=True, kw_only=True):
    """What undoes a finished write."""

    call: Annotated[Target, described("The operation that undoes it.")]
    with_: Annotated[Arguments, described("Its arguments; `result` is what the write answered.")] = msgspec.field(
        name="with", default_factory=dict
    )


class AwaitCallback(Model, frozen=True, kw_only=True):
    """Waits until the backend calls back (asynchronous intents)."""

    timeout: Annotated[Duration, described("Longest wait for the callback, such as `24h`.")]
    success: Annotated[Expr | None, described("When the callback counts as success.")] = None
    output: Annotated[Template, described("Reshapes the callback's body.")] = UNSET


class Step(Model, frozen=True, kw_only=True):
    """One step of an intent: exactly one of `call`, `join`, `let` and `emit`. It starts when the steps that it reads are done."""

    exactly_one = (("call", "join", "let", "emit"),)
    only_with = {
        "with": ("call",),
        "cache": ("call",),
        "compensate": ("call",),
        "await_callback": ("call",),
        "timeout": ("call", "emit"),
        "retry": ("call", "emit"),
        "fallback": ("call", "emit"),
        "as": ("foreach",),
        "concurrency": ("foreach",),
        "max_items": ("foreach",),
        "item_error": ("foreach",),
    }

    call: Annotated[Target | None, described("`source.operation`, or `intent.<name>` for a sub-intent.")] = None
    with_: Annotated[Arguments, described("Arguments. A literal null is sent; an expression that yields null drops the parameter.")] = (
        msgspec.field(name="with", default_factory=dict)
    )
    join: Annotated[Join | None, described("Joins two lists by key, in memory.")] = None
    let: Annotated[
        Annotated[dict[Name, Template], msgspec.Meta(min_length=1)] | None,
        described("Named intermediate values, read as `steps.<step>.<name>`."),
    ] = None
    emit: Annotated[Emit | None, described("Publishes data to a broker: `to` which operation, and what `data`.")] = None
    when: Annotated[Expr | None, described("Condition; false skips the step.")] = None
    foreach: Annotated[Expr | None, described("A list; the step is done once for each item, with results in its order.")] = None
    as_: Annotated[Name, described("Name of the item in the step's expressions.")] = msgspec.field(name="as", default="item")
    concurrency: Annotated[Positive, described("Most items worked on at once.")] = 8
    max_items: Annotated[Positive, described("Most items; a longer list fails the step.")] = 1000
    item_error: Annotated[
        Literal["fail", "drop", "keep_null"], described("What a failed item does: fail the step, go missing, or become null.")
    ] = "fail"
    depends_on: Annotated[list[Name], described("Steps that must be done before; data order is inferred and needs none.")] = []
    timeout: Annotated[Duration | None, described("Longest wait; may only narrow the operation's.")] = None
    retry: Annotated[Retry | None, described("Further tries; may only narrow the operation's.")] = None
    cache: Annotated[Cache | None, described("How long the answer may be kept; may only narrow the operation's.")] = None
    ensure: Annotated[Checks | None, described("Barriers on `result`: nothing is written and nothing shown before they passed.")] = None
    fallback: Annotated[
        Annotated[list[Rung], msgspec.Meta(min_length=1)] | None,
        described("What answers instead when the step fails: the first rung that applies."),
    ] = None
    required: Annotated[bool, described("False: a failure becomes null and an entry in `errors`.")] = True
    output: Annotated[Template, described("Reshapes the result.")] = UNSET
    transform: Annotated[Name | None, described("Named transform that reshapes the result.")] = None
    compensate: Annotated[Compensate | None, protects("What undoes this write when a later step fails.")] = None
    await_callback: Annotated[AwaitCallback | None, planned("Waits until the backend calls back.")] = None
