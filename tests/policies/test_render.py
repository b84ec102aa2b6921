"""Every outcome becomes one answer, with its reply where it has one."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import pytest

from gateway.policies.render import component
from gateway.sdk import (
    Answer,
    Exchange,
    ExpressionFault,
    Forbidden,
    GatewayError,
    Handler,
    Maintenance,
    NotFound,
    Reply,
    Scope,
    Unauthorized,
)
from gateway.sdk.levels import NOTE
from tests.policies.exchanges import FakeCard, FakeServices, answering, identified, make_caller, make_exchange, raising
from tests.policies.test_levels import Kit


async def render(exchange: Exchange, proceed: Handler) -> Answer:
    assert component.build is not None
    answer = await component.build(component.Config(), FakeServices())(exchange, proceed)
    assert answer is exchange.answer
    assert isinstance(answer, Answer)
    return answer


def chosen(reply: Callable[[Scope, Answer], Reply | None]) -> Exchange:
    return identified(make_caller("customer"), chosen=FakeCard("track_order", version=3, render=reply))


@pytest.mark.parametrize(
    ("error", "status", "level"),
    [
        (Unauthorized(), "denied", "full"),
        (Forbidden(), "denied", "full"),
        (NotFound(), "failed", "full"),
        (Maintenance(), "failed", "maintenance"),
    ],
)
async def test_a_refusal_is_an_answer(error: GatewayError, status: str, level: str) -> None:
    answer = await render(make_exchange(), raising(error))
    assert (answer.status, answer.level, answer.error, answer.data) == (status, level, error, None)


async def test_what_was_wrong_before_the_pipeline_is_answered_at_once() -> None:
    async def never(exchange: Exchange) -> Answer:
        raise AssertionError

    error = NotFound()
    assert (await render(make_exchange(error=error), never)).error is error


async def test_the_reply_sees_the_scope_and_the_answer() -> None:
    def reply(scope: Scope, answer: Answer) -> Reply:
        return Reply(text=f"{scope['user']['id']} {scope['input']} {answer.data}")

    answer = await render(chosen(reply), answering(Answer("complete", data=1)))
    assert answer.reply == Reply(text="u1 {} 1")
    assert (answer.intent, answer.version) == ("track_order", 3)


async def test_a_denied_answer_has_a_reply_too_and_every_root_is_there() -> None:
    def reply(scope: Scope, answer: Answer) -> Reply | None:
        assert {"input", "session", "flags", "steps", "status", "meta", "user", "tenant", "ctx", "config"} <= scope.keys()
        return Reply(text="No.") if answer.status == "denied" else None

    answer = await render(chosen(reply), raising(Forbidden()))
    assert answer.reply == Reply(text="No.")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("complete", "full"), ("partial", "reduced")),
        (("partial", "reduced"), ("partial", "reduced")),
        (("degraded", "static"), ("degraded", "static")),
    ],
)
async def test_a_fault_in_the_reply_never_costs_the_answer(before: Any, after: Any) -> None:
    def reply(scope: Scope, answer: Answer) -> Reply:
        raise ExpressionFault

    answer = await render(chosen(reply), answering(Answer(*before, data={"a": 1})))
    assert (answer.status, answer.level) == after
    assert (answer.data, answer.reply) == ({"a": 1}, None)
    assert [(entry.path, entry.code) for entry in answer.errors] == [("/reply", "expression_error")]


async def test_a_reply_that_a_stage_gave_is_kept() -> None:
    def reply(scope: Scope, answer: Answer) -> Reply:
        raise AssertionError

    given = Reply(suggestions=["track 1007"])
    assert (await render(chosen(reply), answering(Answer("failed", error=NotFound(), reply=given)))).reply is given


async def test_data_is_narrowed_after_the_reply_saw_all_of_it() -> None:
    exchange = chosen(lambda scope, answer: Reply(text=answer.data["b"]))
    exchange.fields = ["a"]
    answer = await render(exchange, answering(Answer("complete", data={"a": 1, "b": "all"})))
    assert (answer.data, answer.reply) == ({"a": 1}, Reply(text="all"))


async def test_a_fault_of_our_own_goes_on_to_the_border() -> None:
    with pytest.raises(ZeroDivisionError):
        await render(make_exchange(), raising(ZeroDivisionError()))


async def test_a_field_that_turns_out_not_to_be_there_is_told_and_costs_nothing_else() -> None:
    answer = await render(make_exchange(fields=["a", "nope"]), answering(Answer("complete", data={"a": None, "b": 2})))
    assert (answer.status, answer.data) == ("partial", {"a": None})
    assert [(entry.path, entry.message) for entry in answer.errors] == [("/fields", "The answer has no field `nope`.")]
    rows = await render(make_exchange(fields=["a"]), answering(Answer("complete", data=[{"a": 1, "b": 2}, {"b": 2}])))
    assert (rows.status, rows.data) == ("complete", [{"a": 1}, {}])


async def test_what_is_hidden_is_noted_and_the_reply_still_reads_it() -> None:
    def hide(scope: Scope, answer: Answer) -> Collection[str]:
        assert "user" in scope
        answer.masked({"a": "****"})
        return {"data.a"}

    card = FakeCard("track_order", render=lambda _, answer: Reply(text=answer.output["a"]), hides=hide)
    exchange = identified(make_caller("customer"), chosen=card)
    answer = await render(exchange, answering(Answer("complete", data={"a": "secret"})))
    assert (answer.data, answer.reply) == ({"a": "****"}, Reply(text="secret"))
    assert exchange.notes["masked"] == ["data.a"]


async def test_what_can_t_be_hidden_is_not_shown() -> None:
    def hide(scope: Scope, answer: Answer) -> Collection[str]:
        raise ExpressionFault

    exchange = identified(make_caller("customer"), chosen=FakeCard("track_order", hides=hide), fields=["a"])
    answer = await render(exchange, answering(Answer("complete", data={"a": "secret"})))
    assert (answer.status, answer.level, answer.data) == ("failed", "reduced", None)
    assert isinstance(answer.error, ExpressionFault)
    assert [(entry.code, entry.path) for entry in answer.errors] == [("expression_error", "/data")]


async def test_where_the_intent_has_nothing_to_say_the_gateway_has() -> None:
    answer = await render(chosen(lambda *_: None), raising(NotFound()))
    assert answer.reply == Reply("Sorry, I could not find that.")
    own = await render(chosen(lambda *_: Reply("Gone.")), raising(NotFound()))
    assert own.reply == Reply("Gone.")


async def test_what_is_denied_as_not_there_reads_like_what_is_not_there() -> None:
    denied = Answer("denied", error=NotFound())
    assert (await render(chosen(lambda *_: None), answering(denied))).reply == (await render(make_exchange(), raising(NotFound()))).reply


@pytest.mark.parametrize("error", [Unauthorized(), Forbidden()])
async def test_who_is_not_let_in_is_told_nothing_more(error: GatewayError) -> None:
    assert (await render(make_exchange(), raising(error))).reply is None


async def test_an_answer_is_never_better_than_the_level_in_force() -> None:
    kit = Kit()
    kit.set("static")
    for found, level in (("full", "static"), ("maintenance", "maintenance")):
        exchange = chosen(lambda *_: None)
        exchange.notes[NOTE] = kit.levels.of(kit.scope(), "track_order")
        answer = await render(exchange, answering(Answer("complete", level=found)))  # type: ignore[arg-type]
        assert (answer.status, answer.level) == ("complete", level)


async def test_a_fault_of_the_gateway_goes_on_and_is_apologised_for() -> None:
    exchange = chosen(lambda *_: None)
    exchange.locale = "de"
    with pytest.raises(ZeroDivisionError):
        await render(exchange, raising(ZeroDivisionError()))
    assert exchange.answer is not None
    assert (exchange.answer.status, exchange.answer.error) == ("failed", None)
    assert exchange.answer.reply is not None
    assert str(exchange.answer.reply.text).startswith("Entschuldigung")
