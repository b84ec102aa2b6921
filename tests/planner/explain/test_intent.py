"""What is told of an intent, as data."""

from __future__ import annotations

from pathlib import Path

import msgspec

from gateway.planner.explain import Account, Asker, account
from gateway.planner.explain.account import Grant, Line, RungAccount
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
    foreach: steps.quick
    call: erp.order
    with: {id: "${ item.id }"}
    max_items: 10
    concurrency: 4
    timeout: 200ms
    when: input.all
    fallback:
      - {when: error.code == 'timeout', call: erp.orders, timeout: 50ms}
      - {stale: 5m}
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
steps: {a: {call: erp.orders}}
output: ${ steps.a }
---
route: plain
match: {path: /ask}
intent: ask
---
route: guarded
match: {path: /ask/more, method: [GET, POST]}
intent: ask
access: {roles: [agent]}
"""


def told(folder: Path, name: str = "ask", *, asker: Asker | None = None) -> Account:
    made = planned(folder, SPECS, roles=ROLES)
    intent = made.plan.catalogue.get(name)
    assert intent is not None
    return account(made.planned, made.plan, intent, asker)


def test_the_whole(tmp_path: Path) -> None:
    found = told(tmp_path)
    assert (found.intent, found.version, found.summary, found.place) == ("ask", 2, "Asks", "specs/all.yaml:1")
    assert found.roles == ("agent", "customer")
    assert found.grants == (
        Grant("customer", (), "allow intent:ask", "policies/roles.yaml:2"),
        Grant("agent", ("customer",), "allow intent:ask", "policies/roles.yaml:2"),
    )
    assert found.conditions == (Line("scope read", "specs/all.yaml:5"), Line("when user.level == 'gold'", "specs/all.yaml:5"))
    assert found.input == ("id: string", "[all: boolean = true]", "[any: any]", "[either: string|null]")
    assert found.guards == (Line("input.id == user.id (else not_found)", "specs/all.yaml:6"),)
    assert (found.scope, found.scope_because) == ("nobody", "it writes")
    records = "idempotency records for 24h; a keyed request whose outcome is not known is not done again"
    assert found.policies == (Line("deadline 2s", "specs/all.yaml:4"), Line(records, None))
    assert found.pipeline[0] == ("trace", "trace")
    assert found.deadline == 2.0
    assert 1.5 < found.budget < 2.0
    assert (found.asked, found.verdicts) == ((), ())


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
    assert steps["order"].ensures == (Line("result.owner == user.id (else forbidden)", "specs/all.yaml:12"),)
    assert [step.id for step in steps.values() if not step.required] == ["quick"]
    assert (steps["each"].when, steps["each"].foreach) == ("input.all", "steps.quick (4 at a time, 10 at most)")
    assert steps["each"].ladder == (
        RungAccount(0, "call erp.orders", "error.code == 'timeout'", 0.05),
        RungAccount(1, "stale 300s", None, None),
        RungAccount(2, 'return {"state": "none"}', None, None),
        RungAccount(3, "return null", None, None),
    )


def test_the_worst_case_is_that_of_the_critical_path(tmp_path: Path) -> None:
    found = told(tmp_path)
    steps = {step.id: step for step in found.steps}
    assert steps["each"].longest == 0.25 * 3  # own call and rung, ten items four at a time
    assert (steps["each"].starts, round(steps["each"].ends, 6)) == (0.1, 0.85)
    assert steps["inner"].longest == 0.3
    assert (steps["names"].starts, steps["names"].ends) == (0.1, 0.1)
    # A call without a limit of its own has its source's five seconds.
    assert (found.worst, found.critical) == (5.8, ("order", "note"))
    assert found.waves == (("order", "quick", "inner"), ("each", "names"), ("note", "rows"))


def test_requests_are_estimated(tmp_path: Path) -> None:
    found = told(tmp_path)
    assert {step.id: (step.requests.least, step.requests.usual, step.requests.most) for step in found.steps if step.calls} == {
        "order": (1, 1, 1),
        "quick": (1, 1, 1),
        "each": (0, 10, 20),
        "note": (1, 1, 1),
    }
    assert (found.requests.least, found.requests.usual, found.requests.most) == (4, 14, 24)


def test_routes_that_lead_here(tmp_path: Path) -> None:
    plain, guarded = sorted(told(tmp_path).routes, key=lambda route: route.place)
    assert (plain.name, plain.methods, plain.path, plain.roles) == ("plain", ("GET",), "/ask", None)
    assert (guarded.methods, guarded.roles, guarded.place) == (("GET", "POST"), ("agent",), "specs/all.yaml:43")


def test_a_route_permits_nothing_that_its_intent_does_not(tmp_path: Path) -> None:
    gold = [("scope", "read"), ("user.level", "gold")]
    for role, answers in [("agent", ["yes", "yes"]), ("customer", ["yes", "no"])]:
        found = told(tmp_path, asker=Asker.of([("role", role), *gold]))
        assert found.asked == (f"role={role}", "scope=read", "user.level=gold")
        assert [(verdict.what, verdict.answer) for verdict in found.verdicts] == list(
            zip(["intent:ask", "route:guarded"], answers, strict=True)
        )
    refused = told(tmp_path, asker=Asker.of([("role", "agent"), ("scope", "write")]))
    assert [verdict.answer for verdict in refused.verdicts] == ["no", "no"]
    assert [line.text for line in refused.verdicts[1].reasons] == ["without the scope read"]


def test_an_intent_for_other_intents(tmp_path: Path) -> None:
    found = told(tmp_path, "inner", asker=Asker.of([("role", "agent")]))
    assert (found.roles, found.grants, found.input) == ((), (), ())
    assert found.conditions == (Line("only other intents may call it", "specs/all.yaml:34"),)
    assert (found.worst, found.critical, found.scope) == (5.0, ("a",), "tenant")
    assert found.verdicts[0].answer == "no"
    assert found.verdicts[0].reasons[0] == found.conditions[0]


def test_it_can_be_written_as_json(tmp_path: Path) -> None:
    told_as_json = msgspec.json.decode(msgspec.json.encode(told(tmp_path)))
    assert [step["longest"] for step in told_as_json["steps"]][:2] == [0.8, 0.1]
    assert told_as_json["schema_version"] == 1
