"""The kit that runs a whole folder in memory does what it says, so that tests made with it mean something."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from gateway.sdk import Caller, NotFound, Response, Unavailable
from gateway.testing.scenario import FakeSource, caller_of, prepare, scenario, write

SPECS = """
source: erp
type: fake
operations:
  order: {params: {type: object, properties: {id: {type: string}}}, result: body.row || body}
  note: {effect: write}
---
intent: ask
input: {type: object}
steps: {order: {call: erp.order, with: {id: "${ input.id }"}, required: false}}
output: {order: "${ steps.order }", user: "${ user.id }", locale: "${ ctx.locale }"}
"""
ROLES = "policy: roles\nroles: {customer: {allow: ['intent:ask']}, anonymous: {}}\n"
FILES = {"specs/a.yaml": SPECS, "policies/r.yaml": ROLES}
USER = {"id": "u1", "roles": ["customer"]}


async def later(id: str = "") -> dict[str, str]:
    await asyncio.sleep(0)
    return {"id": id}


@pytest.mark.parametrize(
    ("fake", "order", "code"),
    [
        ({"id": "1"}, {"id": "1"}, None),
        (lambda id: {"given": id}, {"given": "7"}, None),
        (later, {"id": "7"}, None),
        (Response({"row": 3}), 3, None),
        (Response({"any": 1}, 404), None, "not_found"),
        (NotFound(), None, "not_found"),
        (Unavailable, None, "unavailable"),
        (lambda id: Unavailable(), None, "unavailable"),
        (None, None, None),
    ],
)
async def test_a_fake_is_a_value_a_function_a_response_or_an_error(tmp_path: Path, fake: Any, order: Any, code: str | None) -> None:
    async with scenario(tmp_path, FILES, {"erp.order": fake}) as made:
        answer = await made.ask("ask", {"id": "7"}, user=USER, locale="de")
    assert answer.data == {"order": order, "user": "u1", "locale": "de"}
    assert [error.code for error in answer.errors] == ([] if code is None else [code])
    assert made.called("erp.order") == [{"id": "7"}]
    assert made.called("erp.note") == []


async def test_an_operation_without_a_fake_fails_the_test(tmp_path: Path) -> None:
    async with scenario(tmp_path, FILES, {}) as made:
        with pytest.raises(KeyError, match=r"erp\.order"):
            await made.ask("ask", {"id": "7"}, user=USER)


async def test_callers_are_whoever_the_test_says(tmp_path: Path) -> None:
    async with scenario(tmp_path, FILES, {"erp.order": {}}) as made:
        assert (await made.ask("ask", user={"id": "u2", "roles": ["other"]})).status == "denied"
        assert (await made.ask("ask")).status == "denied"
    assert caller_of(None) == Caller(("anonymous", "", ""), caller_of(None).user, anonymous=True)
    assert caller_of(None).roles == ["anonymous"]
    assert caller_of({"id": "a", "level": "gold"}).user["level"] == "gold"
    assert caller_of({"id": "a"}).key != caller_of({"id": "b"}).key


def test_a_folder_with_errors_has_problems_and_no_plan(tmp_path: Path) -> None:
    made = prepare(tmp_path, {"specs/a.yaml": "intent: ask\ntimout: 1s\n"}, {})
    assert made.codes == ["GW101"]
    with pytest.raises(AssertionError, match="unknown key `timout`"):
        _ = made.plan


def test_environ_is_what_the_test_gives(tmp_path: Path) -> None:
    files = {
        "specs/a.yaml": "intent: ask\naccess: {roles: [a]}\noutput: 1\n",
        "gateway.yaml": "gateway: g\nidentity: [{scenario: {}}]\nsummary: ${ env.WORD }\n",
    }
    assert prepare(tmp_path, files, {}).codes == ["GW401"]
    assert prepare(tmp_path, files, {}, environ={"WORD": "w"}).codes == []


def test_what_is_not_given_is_minimal(tmp_path: Path) -> None:
    assert sorted(path.name for path in write(tmp_path, {"specs/deep/a.yaml": ""}).rglob("*")) == [
        *("a.yaml", "deep", "gateway.yaml", "policies", "specs"),
    ]


async def test_its_source_knows_its_operations(tmp_path: Path) -> None:
    async with scenario(tmp_path, FILES, {}) as made:
        source = made.plan.sources["erp"]
        assert isinstance(source, FakeSource)
        assert sorted(source.names()) == ["note", "order"]
        assert source.operation("nothing") is None
        assert await source.ready()
        note = source.operation("note")
        assert note is not None
        assert note.effect == "write"
