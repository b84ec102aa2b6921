"""Nothing that is hidden from a caller is in any byte that reaches them, nor in logs and metrics; who may see it sees all of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

import httpx2
import jsonschema_rs
import pytest

from gateway.telemetry.logs import LogWriter
from gateway.testing.scenario import write
from gateway.testing.servers import Fault, Received, Route, http_server
from tests.scenarios.running import Gateway, running

SPECS = """
source: crm
type: http
servers: ["${ env.CRM_URL }"]
default_classification: internal
operations:
  person:
    request: GET /people/{id}
    params: {type: object, required: [id], properties: {id: {type: string}}}
    error: {code: body.code, message: body.name}
    output_schema: &person
      type: object
      required: [id, name, mail, city, pay, account]
      properties:
        id: {type: string}
        name: {type: string, classification: pii}
        mail: {type: string, classification: pii}
        city: {type: string}
        pay: {type: number, classification: pii}
        account: {type: object, required: [iban], properties: {iban: {type: string}, bank: {type: string}}}
        code: {type: string, classification: pii}
  people: {request: GET /people, output_schema: {type: array, items: {$ref: "#/$defs/person"}, $defs: {person: *person}}}
  whatever: {request: GET /whatever, classification: pii}
---
intent: person
input: {type: object, required: [id], properties: {id: {type: string}}}
steps:
  p: {call: crm.person, with: {id: "${ input.id }"}, required: false}
  all: {call: crm.people}
  w: {call: crm.whatever}
  l: {let: {label: "${ concat(steps.p.name, ' <', steps.p.mail, '>') }", sorted: "${ sort_by(steps.all, &name) }"}}
guard: [{check: "input.id != 'denied'"}]
output:
  whole: ${ steps.p }
  greeting: Dear ${ steps.p.name } in ${ steps.p.city }
  label: ${ steps.l.label }
  all: {$each: steps.l.sorted, $as: one, $do: {who: "${ one.name } (${ one.id })", account: "${ one.account }", pay: "${ one.pay }"}}
  by_mail: ${ index_by(steps.all, &mail) }
  json: ${ to_json(steps.all) }
  names: ${ join(', ', steps.all[*].name) }
  whatever: ${ steps.w }
  top: ${ max_by(steps.all, &pay).mail }
  total: ${ sum(steps.all[*].pay) }
  known: ${ steps.p.mail == 'nobody@example.org' }
  city: ${ steps.p.city }
reply:
  - when: error.code
    text: Sorry, ${ error.detail_code }.
  - when: output.whole.mail == 'nobody@example.org'
    text: never
  - text: {en: "${ output.greeting }: ${ output.label } ${ output.whole.account.iban }", de: "Guten Tag ${ steps.p.name }"}
    blocks: [{title: "${ output.city }", list: {$each: output.all, $as: one, $do: {title: "${ one.who }", text: "${ to_json(one) }"}}}]
    actions: [{label: "Write to ${ steps.p.mail }", intent: person, input: {id: "${ steps.p.id }"}}]
    suggestions: ["${ steps.p.name }"]
---
intent: broken
steps: {all: {call: crm.people}}
output: ${ abs(steps.all[0].name) }
---
intent: outer
input: {type: object, required: [id], properties: {id: {type: string}}}
steps: {inner: {call: intent.person, with: {id: "${ input.id }"}}}
output: {inner: "${ steps.inner }", one: "x ${ steps.inner.label } y"}
---
route: people
match: {path: "/people/{id}"}
intent: person
respond:
  status: ${ if(output.whole.mail == 'nobody@example.org', `404`, `200`) }
  headers: {X-Name: "${ output.whole.id }", X-Account: "${ output.whole.account.iban }"}
  body: {name: "${ output.whole.name }", all: "${ output.all }", failed: "${ error.detail_code }", text: "of ${ output.greeting }"}
"""
MASKS = """
policy: masking
rules:
  - {classification: pii, unless: "contains(user.roles, 'operator')", mask: %s}
  - {fields: ["*.iban"], unless: "contains(user.roles, 'operator')", mask: %s}
free_text: {logs: true}
"""
ASKED: tuple[tuple[str, Any], ...] = (
    ("/v1/chat", {"intent": "person", "input": {"id": "7"}}),
    ("/v1/chat", {"intent": "person", "input": {"id": "7"}, "locale": "de"}),
    ("/v1/chat", {"intent": "person", "input": {"id": "7"}, "fields": ["whole.mail", "by_mail", "json"]}),
    ("/v1/chat", {"intent": "person", "input": {"id": "denied"}}),
    ("/v1/chat", {"intent": "outer", "input": {"id": "7"}}),
    ("/v1/chat", {"intent": "broken"}),
    ("/v1/intents/person", {"id": "7"}),
    ("/v1/intents/outer", {"id": "denied"}),
    ("/people/7", None),
)


WAYS_TO_FAIL: tuple[tuple[int, Fault | None], ...] = ((422, None), (500, None), (200, "garbage"), (200, "reset"))


class People:
    """A backend full of canaries: each text and number is found nowhere else."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self.canaries: list[str] = []

    def canary(self) -> str:
        """Ten digits, of which no mask leaves five; fewer than eight in a row may be anything, such as a time."""
        self.canaries.append(str(self._random.randint(1_000_000_000, 9_999_999_999)))
        return self.canaries[-1]

    def person(self, name: str) -> dict[str, Any]:
        account = {"iban": f"DE89{self.canary()}abcd", "bank": "Bank", "undeclared": {"iban": f"DE89{self.canary()}abcd"}}
        person = {"id": name, "name": f"Ann{self.canary()}Smith", "mail": f"ann{self.canary()}@example.org", "city": "Bonn"}
        return {**person, "pay": int(self.canary()), "account": account}

    def routes(self) -> dict[str, Route]:
        whatever = {"a": [f"x{self.canary()}yz", {"b": int(self.canary())}], "c": f"x{self.canary()}yz"}
        people = [self.person(str(number)) for number in range(3)]
        failing = {"code": f"E-{self.canary()}-x", "name": f"Ann{self.canary()}Smith"}

        def one(request: Received) -> Any:
            return failing if request.target.endswith("failing") else people[0]

        return {"/people/7": Route(one), "/people": Route(people), "/whatever": Route(whatever)}


def left(text: str, people: People) -> list[str]:
    """The canaries of which eight digits in a row are there."""
    return [canary for canary in people.canaries if any(canary[start : start + 8] in text for start in range(3))]


async def everything(gateway: Gateway, user: str) -> list[httpx2.Response]:
    found = []
    for path, body in ASKED:
        headers = {"X-API-Key": f"key-{user}"}
        found.append(
            await (gateway.client.get(path, headers=headers) if body is None else gateway.client.post(path, json=body, headers=headers))
        )
    return found


def faults(routes: dict[str, Route]) -> Iterator[None]:
    """All is well; then one after the other fails in one way after the other, with words of its own."""
    yield
    for route in routes.values():
        for status, fault in WAYS_TO_FAIL:
            route.status, route.fault = status, fault
            yield
        route.status, route.fault = 200, None


@pytest.mark.parametrize(
    ("mask", "fields"),
    [("remove", "remove"), ("hash", "tokenize"), ("tokenize", "hash"), ("last4", "last4"), ("partial", "last4"), ("partial", "remove")],
)
async def test_no_canary_reaches_who_may_not_see_it(tmp_path: Path, mask: str, fields: str) -> None:
    people = People(7)
    routes = people.routes()
    written = StringIO()
    logs = LogWriter(written, service="acme")
    logs.start()
    write(tmp_path, {"policies/masks.yaml": MASKS % (mask, fields)})
    async with http_server(routes) as url, running(tmp_path, SPECS, {"CRM_URL": url}) as gateway:
        for _ in faults(routes):
            for answer in await everything(gateway, "alice"):
                assert answer.status_code != 500
                assert left(f"{answer.text} {answer.headers}", people) == []
        metrics = await gateway.metrics()
        schema = next(each for each in (await gateway.get("/v1/intents")).json()["intents"] if each["name"] == "person")["output"]
        answers = [await everything(gateway, user) for user in ("alice", "operator")]
    logs.close()
    assert left(metrics, people) == left(written.getvalue(), people) == []
    assert 'gateway_masked_values_total{classification="pii"}' in metrics
    assert '"masked":' in written.getvalue()
    assert '"fault":' in written.getvalue()
    for found in answers:
        jsonschema_rs.Draft202012Validator(schema).validate(found[0].json()["data"])
    whole = answers[1][0].json()
    assert len(left(json.dumps(whole["data"]), people)) == len(people.canaries) - 2  # but for the two of business errors
    assert "*" not in json.dumps([whole["data"], whole["reply"]])


async def test_what_is_hidden_is_the_same_wherever_it_is_asked_for(tmp_path: Path) -> None:
    people = People(8)
    write(tmp_path, {"policies/masks.yaml": MASKS % ("tokenize", "tokenize") + "key: the key\n"})
    async with http_server(people.routes()) as url, running(tmp_path, SPECS, {"CRM_URL": url}) as gateway:
        chat, _, narrow, _, outer, broken, _, _, route = await everything(gateway, "alice")
    data, name = chat.json()["data"], chat.json()["data"]["whole"]["name"]
    assert name.startswith("tok_")
    assert data["greeting"] == f"Dear {name} in Bonn"
    assert chat.json()["reply"]["suggestions"] == [name]
    assert outer.json()["data"]["inner"]["whole"]["name"] == name
    assert narrow.json()["data"]["whole"] == {"mail": data["whole"]["mail"]}
    assert (route.json()["name"], route.json()["text"].startswith("of tok_")) == (name, True)
    assert route.headers["x-name"] == "0"
    assert route.headers["x-account"] == data["whole"]["account"]["iban"]
    assert all(key.startswith("tok_") for key in data["by_mail"])
    assert data["known"] is False
    assert (broken.status_code, broken.json()["code"]) == (502, "expression_error")
