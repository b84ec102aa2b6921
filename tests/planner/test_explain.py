"""What is told of an intent, as data."""

from __future__ import annotations

from pathlib import Path

import msgspec

from gateway.planner.explain import Account, account
from tests.planner.folders import planned

ROLES = "policy: roles\nroles: {customer: {allow: ['intent:ask']}, agent: {inherits: [customer]}}\n"
SPECS = """
intent: ask
summary: Asks
version: 2
deadline: 2s
access: {scopes: [read], when: "user.level == 'gold'"}
guard: [{check: "input.id == user.id", deny: not_found}]
input:
  type: object
  required: [id]
  properties: {id: {type: string}, all: {type: boolean, default: true}, any: {}, either: {type: [string, "null"]}}
steps:
  order: {call: erp.order, with: {id: "${ input.id }"}, timeout: 800ms, ensure: [{check: "result.owner == user.id"}]}
  quick: {call: erp.orders, timeout: 100ms, required: false}
  each:
    foreach: steps.order.id
    call: erp.order
    with: {id: "${ item.id }"}
    max_items: 10
    concurrency: 4
    timeout: 200ms
    when: input.all
    fallback:
      - {when: error.code == 'timeout', call: erp.orders, timeout: 50ms}
      - {return: {state: none}}
      - {return: null}
  names: {let: {first: "${ steps.quick[0].name }"}}
  note: {call: erp.note, with: {text: "${ steps.names.first }"}}
  rows: {join: {left: steps.each, right: steps.quick, by: id, as: other}}
  inner: {call: intent.inner}
output: ["${ steps.rows }", "${ steps.inner }"]
---
intent: inner
access: {internal: true}
deadline: 300ms
output: 1
"""


def told(folder: Path, name: str = "ask", specs: str = SPECS) -> Account:
    plan = planned(folder, specs, roles=ROLES).plan
    intent = plan.catalogue.get(name)
    assert intent is not None
    return account(plan, intent)


def test_the_whole(tmp_path: Path) -> None:
    found = told(tmp_path)
    assert (found.intent, found.version, found.summary, found.place) == ("ask", 2, "Asks", "specs/all.yaml:5")
    assert found.roles == ("agent", "customer")
    assert found.conditions == ("scope read", "when user.level == 'gold'")
    assert found.input == ("id: string", "[all: boolean = true]", "[any: any]", "[either: string|null]")
    assert found.guards == ("input.id == user.id (else not_found, specs/all.yaml:6)",)
    assert found.identity == "user (it has guards or ensures)"
    assert found.pipeline[0] == ("trace", "trace")
    assert found.deadline == 2.0
    assert 1.5 < found.budget < 2.0


def test_each_step(tmp_path: Path) -> None:
    steps = {step.id: step for step in told(tmp_path).steps}
    assert {step.id: (step.action, step.effect) for step in steps.values()} == {
        "order": ("call erp.order", "read"),
        "quick": ("call erp.orders", "read"),
        "each": ("call erp.order", "read"),
        "names": ("let first", "pure"),
        "note": ("call erp.note", "write"),
        "rows": ("join by id (as other)", "pure"),
        "inner": ("call intent.inner", "read"),
    }
    assert steps["note"].barriers == ("order",)
    assert set(steps["note"].after) == {"names", "order"}
    assert steps["order"].notes == ("ensure result.owner == user.id (else forbidden, specs/all.yaml:12)",)
    assert steps["quick"].notes == ("optional: a failure becomes null and an entry in errors",)
    assert steps["each"].notes == ("when input.all", "for each of steps.order.id (4 at a time, 10 at most)")
    assert steps["each"].ladder == ("when error.code == 'timeout': call erp.orders", 'return {"state":"none"}', "return null")


def test_the_worst_case_is_that_of_the_critical_path(tmp_path: Path) -> None:
    found = told(tmp_path)
    steps = {step.id: step for step in found.steps}
    assert steps["each"].timeout == 0.25 * 3  # own call and rung, ten items four at a time
    assert (steps["each"].starts, round(steps["each"].ends, 6)) == (0.8, 1.55)
    assert steps["inner"].timeout == 0.3
    assert (steps["names"].starts, steps["names"].ends) == (0.1, 0.1)
    # A call without a limit of its own has its source's five seconds.
    assert (found.worst, found.critical) == (5.8, ("order", "note"))
    assert found.waves == (("order", "quick", "inner"), ("each", "names"), ("note", "rows"))


def test_an_intent_without_anything(tmp_path: Path) -> None:
    found = told(tmp_path, "inner")
    assert (found.roles, found.conditions, found.input, found.steps, found.waves) == ((), ("only by other intents",), (), (), ())
    assert (found.worst, found.critical, found.identity) == (0.0, (), "tenant")


def test_whose_answer_it_is(tmp_path: Path) -> None:
    mine = "intent: ask\nsteps: {a: {call: erp.order, with: {id: '${ user.id }'}}}\noutput: ${ steps.a }\n"
    assert told(tmp_path, specs=mine).identity == "user"
    assert told(tmp_path, specs=mine.replace("user.id", "tenant.id")).identity == "tenant"


def test_it_can_be_written_as_json(tmp_path: Path) -> None:
    plan = planned(
        tmp_path,
        """
        intent: ask
        input: {type: object}
        steps: {one: {call: erp.orders, timeout: 100ms}, two: {call: erp.orders}}
        output: ["${ steps.one }", "${ steps.two }"]
        """,
    ).plan
    told = msgspec.json.decode(msgspec.json.encode(account(plan, plan.catalogue.intents["ask"])))
    assert [step["timeout"] for step in told["steps"]] == [0.1, 5.0]
    assert told["deadline"] == 10.0
