"""Kept answers of intents as callers are served them: replies, masks and checks are each caller's own; records and metrics tell."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from gateway.testing.scenario import write
from gateway.testing.servers import Route
from tests.scenarios.conftest import Start
from tests.scenarios.running import Gateway

SPECS = """
source: crm
type: http
servers: ["${ env.CRM_URL }"]
forward: [Accept-Language]
default_classification: internal
operations:
  person:
    request: GET /people/{id}
    params: {type: object, required: [id], properties: {id: {type: string}}}
    output_schema:
      type: object
      properties: {id: {type: string}, mail: {type: string, classification: pii}, owner: {type: string}, call: {type: integer}}
  hours: {request: GET /hours}
---
intent: person
access: {roles: [customer, operator]}
input: {type: object, required: [id], properties: {id: {type: string}}}
cache: {ttl: 1m, tags: ["person:${ input.id }"]}
steps: {person: {call: crm.person, with: {id: "${ input.id }"}}}
output: {mail: "${ steps.person.mail }", call: "${ steps.person.call }"}
reply: {en: "Mail ${ output.mail }", de: "Post ${ output.mail }"}
---
intent: own
access: {roles: [customer, operator]}
input: {type: object, required: [id], properties: {id: {type: string}}}
cache: {ttl: 1m}
steps:
  person: {call: crm.person, with: {id: "${ input.id }"}, ensure: [{check: "result.owner == user.customer_id", deny: not_found}]}
output: {call: "${ steps.person.call }"}
---
intent: hours
cache: {ttl: 200ms, stale_if_error: 1m}
steps: {hours: {call: crm.hours}}
output: ${ steps.hours }
---
route: hours
match: {method: GET, path: /hours}
intent: hours
respond: {body: {from: "${ output.from }", to: "${ user.id }"}}
"""
MASKING = """
policy: masking
rules: [{classification: pii, unless: "contains(user.roles, 'operator')", mask: partial}]
"""


class People:
    """Tells how often it was asked."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, _: Any) -> Any:
        self.calls += 1
        return {"id": "7", "mail": "ann.miller@example.org", "owner": "C1", "call": self.calls}


@pytest.fixture
async def served(tmp_path: Path, start: Start) -> tuple[Gateway, People, Route]:
    write(tmp_path, {"policies/masking.yaml": MASKING})
    people, hours = People(), Route(json={"from": 8})
    return await start(SPECS, crm={"/people/7": Route(json=people), "/hours": hours}), people, hours


async def test_masks_and_languages_are_each_callers_own(served: tuple[Gateway, People, Route]) -> None:
    gateway, people, _ = served
    plain, hidden = "ann.miller@example.org", "an" + "*" * 18 + "rg"
    for _ in range(2):
        shown = [(user, locale) for user in ("operator", "alice", "operator", "bob") for locale in ("en", "de")]
        for user, locale in shown:
            answer = (await gateway.chat({"intent": "person", "input": {"id": "7"}, "locale": locale}, user=user)).json()
            mail = plain if user == "operator" else hidden
            assert answer["data"] == {"mail": mail, "call": 1}
            assert answer["reply"]["text"] == f"{'Mail' if locale == 'en' else 'Post'} {mail}"
    assert people.calls == 1


async def test_a_caller_who_may_not_ask_is_given_nothing(served: tuple[Gateway, People, Route]) -> None:
    gateway, people, _ = served
    assert (await gateway.ask("person", user="alice", id="7")).status_code == 200
    refused = await gateway.ask("person", user="partner", id="7")
    assert (refused.status_code, "miller" in refused.text) == (403, False)
    assert (await gateway.ask("person", user=None, id="7")).status_code == 401
    assert people.calls == 1


async def test_what_is_one_callers_is_never_anothers(served: tuple[Gateway, People, Route]) -> None:
    gateway, people, _ = served
    for _ in range(2):
        assert (await gateway.ask("own", user="alice", id="7")).json()["data"] == {"call": 1}
        denied = await gateway.ask("own", user="bob", id="7")
        assert denied.status_code == 404
        assert denied.json()["code"] == "not_found"
    assert people.calls == 3


async def test_what_was_forwarded_tells_apart(served: tuple[Gateway, People, Route]) -> None:
    gateway, people, _ = served
    for language in ("de", "en", "de"):
        await gateway.chat({"intent": "person", "input": {"id": "7"}}, accept_language=language)
    assert people.calls == 2


async def test_many_equal_cold_requests_ask_once(served: tuple[Gateway, People, Route]) -> None:
    gateway, people, _ = served
    answers = await asyncio.gather(*(gateway.quick("person", user=user, id="7") for user in ("alice", "bob") for _ in range(100)))
    assert {status for status, _ in answers} == {200}
    assert people.calls == 1


async def test_traces_and_metrics_tell(served: tuple[Gateway, People, Route]) -> None:
    gateway, _, _ = served
    told = [(await gateway.ask("person", user="operator", id="7")).json()["meta"]["steps"]["person"] for _ in range(2)]
    assert [(step["cached"], step["attempts"], step["source"]) for step in told] == [(False, 1, "crm"), (True, 0, "crm")]
    metrics = await gateway.metrics()
    for result in ("hit", "miss"):
        assert f'gateway_cache_requests_total{{operation="person",result="{result}",source="intent"}} 1.0' in metrics


async def test_a_route_over_a_stale_answer(served: tuple[Gateway, People, Route]) -> None:
    gateway, _, hours = served
    for user in ("alice", "bob", "alice"):
        assert (await gateway.get("/hours", user=user)).json() == {"from": 8, "to": user}
    assert hours.count == 1
    hours.status = 503
    while hours.count == 1:
        await asyncio.sleep(0.02)
        assert (await gateway.get("/hours", user="bob")).json() == {"from": 8, "to": "bob"}
    whole = (await gateway.ask("hours", user="operator")).json()
    assert (whole["status"], whole["level"], whole["meta"]["steps"]["hours"]["status"]) == ("complete", "reduced", "stale")
