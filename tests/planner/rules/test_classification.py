"""Ways in which classified data could reach somebody who isn't cleared, or a source that doesn't accept it: each is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.planner.rules.classification import accepts
from gateway.sdk import SourceConfig
from gateway.testing.scenario import Scenario
from tests.planner.folders import marked, planned

ROLES = """
policy: roles
roles:
  customer: {}
  agent: {inherits: [customer], clears: [pii]}
  chief: {inherits: [agent]}
  anonymous: {allow: ["intent:open"]}
"""
CRM = """
source: crm
type: fake
default_classification: internal
operations:
  one:
    params: {type: object, properties: {id: {type: string}}}
    output_schema:
      type: object
      required: [id, mail, age, notes]
      properties:
        id: {type: string}
        mail: {type: string, classification: pii}
        age: {type: integer, classification: pii}
        notes: {type: array, items: {type: object, required: [text], properties: {text: {type: string, classification: confidential}}}}
  all:
    params: {type: object, properties: {}}
    output_schema:
      type: array
      items: {type: object, required: [id, mail], properties: {id: {type: string}, mail: {type: string, classification: pii}}}
  free: {params: {type: object, properties: {}}, classification: pii}
  plain: {params: {type: object, properties: {}}}
---
source: bus
type: fake
accepts: []
operations:
  send: {effect: write, params: {type: object, properties: {text: {}, id: {}}}}
---
"""
ASK = """
intent: ask
access: {roles: [customer]}
input: {type: object, properties: {q: {type: string}}}
steps:
  one: {call: crm.one}
  all: {call: crm.all}
  free: {call: crm.free}
  plain: {call: crm.plain}
  STEP
output: {it: OUTPUT, ids: "${ [steps.one.id, steps.all[*].id, contains(steps.free, 'x')] }", more: "${ steps.plain }"}
"""


def ask(output: str, step: str = "more: {let: {x: 1}}") -> str:
    return CRM + ASK.replace("STEP", step).replace("OUTPUT", output)


def leaks(folder: Path, specs: str, roles: str = ROLES) -> list[tuple[str, str]]:
    made = planned(folder, specs, roles=roles)
    return [(code, word) for code, word in marked(folder, made) if code in ("GW532", "GW533")]


def reasons(made: Scenario) -> list[str]:
    return [problem.message for problem in made.problems if problem.code in ("GW532", "GW533")]


@pytest.mark.parametrize(
    "output",
    [
        *['"${ steps.one.mail }"', '"${ steps.one }"', '"to ${ steps.one.mail }"', '"${ steps.plain.x || steps.one.mail }"'],
        *['"${ lower(steps.one.mail) }"', '"${ concat(\'a\', steps.one.mail) }"', '"${ steps.one.age > `3` && steps.one.age }"'],
        *['"${ if(steps.one.age, \'a\', \'b\') }"', "{$if: steps.one.age, $then: a, $else: b}", '"${ steps.one.age || `1` }"'],
        *['"${ keys(steps.free) }"', '"${ values(steps.free) }"', '"${ steps.free.* }"', '"${ steps.free.any.thing }"'],
        *['"${ to_json(steps.one) }"', '"${ from_json(to_json(steps.one)).x }"', '"${ type(steps.one.mail) }"', '"${ steps.one | @ }"'],
        *['"${ steps.all[*].mail }"', '"${ steps.all[].mail | [0] }"', '"${ steps.all[?id == \'a\'] | [0] }"', '"${ steps.all[-1:] }"'],
        *['"${ sort(steps.all[*].mail) }"', '"${ sort_by(steps.all, &id)[*].mail }"', '"${ max_by(steps.all, &id).mail }"'],
        *['"${ map(&mail, steps.all) }"', '"${ join(\',\', steps.all[*].mail) }"', '"${ zip(steps.all[*].mail, steps.all[*].id) }"'],
        *['"${ index_by(steps.all, &id) }"', '"${ keys(index_by(steps.all, &mail)) }"'],
        '"${ keys(group_by(steps.all[*].{id: id, m: mail}, &m)) }"',
        *['"${ merge(steps.one, steps.free) }"', '"${ pick(steps.one, [\'mail\']) }"', '"${ omit(steps.one, [\'id\']) }"'],
        *['"${ lookup(index_by(steps.all, &id), \'a\').mail }"', '"${ [steps.one.mail] }"', '"${ reverse(steps.one.mail) }"'],
        *['"${ range(`0`, steps.one.age) }"', '"${ format_date(steps.one.mail, \'y\') }"', '"${ money(steps.one.age, \'EUR\') }"'],
        *["{$each: steps.all, $as: x, $do: '${ x.mail }'}", "{$each: steps.all, $as: x, $where: x.id, $do: {a: ['${ x }']}}"],
        *["{$use: mail, value: '${ steps.one }'}", "[[{deep: '${ steps.one.mail }'}]]", "{$use: wrap, value: '${ steps.one.mail }'}"],
    ],
)  # fmt: skip
def test_whatever_is_made_of_it(tmp_path: Path, output: str) -> None:
    transforms = (
        'transform: mail\noutput: {a: "${ value.mail }"}\n---\ntransform: wrap\noutput: {$use: mail, value: {mail: "${ value }"}}\n'
    )
    assert "GW532" in {code for code, _ in leaks(tmp_path, f"{ask(output)}---\n{transforms}")}


@pytest.mark.parametrize(
    "output",
    [
        *['"${ steps.one.id }"', '"${ steps.one.mail == \'a\' }"', '"${ length(steps.all) }"', '"${ contains(steps.all[*].mail, \'a\') }"'],
        *['"${ sha256(steps.one.mail) }"', '"${ mask(steps.one.mail, \'partial\') }"', '"${ steps.all[?mail == \'a\'].id }"'],
        *['"${ pick(steps.one, [\'id\']) }"', '"${ if(steps.one.mail == input.q, \'yes\', \'no\') }"', '"${ length(steps.one.notes) }"'],
    ],
)  # fmt: skip
def test_what_tells_too_little_of_it(tmp_path: Path, output: str) -> None:
    assert leaks(tmp_path, ask(output)) == []


@pytest.mark.parametrize(
    ("step", "output"),
    [
        ("s: {let: {a: '${ steps.one.mail }'}}", "steps.s.a"),
        ("s: {let: {a: {b: ['${ steps.one.mail }']}}}", "steps.s"),
        ("s: {call: crm.plain, output: {a: '${ steps.one.mail }'}}", "steps.s.a"),
        ("s: {call: crm.one, output: '${ result.mail }'}", "steps.s"),
        ("s: {call: crm.one, transform: t}", "steps.s"),
        ("s: {foreach: steps.all, call: crm.plain, output: '${ item.mail }'}", "steps.s"),
        ("s: {foreach: steps.all, as: c, call: crm.plain, output: {a: '${ c }'}}", "steps.s[0].a.mail"),
        ("s: {foreach: steps.free, as: c, call: crm.plain, output: '${ c.any }'}", "steps.s"),
        ("s: {call: crm.plain, fallback: [{return: '${ steps.one.mail }'}]}", "steps.s"),
        ("s: {call: crm.plain, fallback: [{return: 1}, {call: crm.one}]}", "steps.s.mail"),
        ("s: {call: crm.plain, fallback: [{call: crm.one, output: '${ result.mail }'}]}", "steps.s"),
        ("s: {call: crm.plain, fallback: [{call: crm.one, transform: t}]}", "steps.s"),
        ("s: {join: {left: steps.all, right: steps.plain, by: id, as: m}}", "steps.s[*].mail"),
        ("s: {join: {left: steps.plain, right: steps.all, by: id, as: m}}", "steps.s[*].m.mail"),
        ("s: {join: {left: steps.plain, right: steps.all, by: id, merge: true}}", "steps.s[0].mail"),
        ("s: {join: {left: 'steps.all[*].{id: id}', right: steps.all, by: id, merge: true}}", "steps.s[0].mail"),
        ("s: {join: {left: 'steps.all[*].{id: id}', right: steps.free, by: id, merge: true}}", "steps.s[0].any"),
        ("s: {join: {left: steps.plain, right: steps.all, by: id, as: m, cardinality: many}}", "steps.s[*].m[].mail"),
        ("s: {call: intent.sub, with: {x: '${ steps.one.mail }'}}", "steps.s.x"),
        ("s: {call: intent.sub, with: {x: {deep: '${ steps.one.mail }'}}}", "steps.s"),
        ("s: {call: intent.outer, with: {y: '${ steps.one.mail }'}}", "steps.s.of.x"),
        ("s: {call: crm.plain, fallback: [{call: intent.sub, with: {x: '${ steps.one.mail }'}}]}", "steps.s.x"),
        ("s: {call: intent.card}", "steps.s.a"),
        ("s: {call: intent.narrow}", "steps.s"),
    ],
)
def test_whatever_way_it_takes_through_steps(tmp_path: Path, step: str, output: str) -> None:
    others = """
---
transform: t
output: ${ value.mail }
---
intent: sub
access: {internal: true}
input: {type: object, properties: {x: {}}}
output: {x: "${ input.x }"}
---
intent: outer
access: {internal: true}
input: {type: object, properties: {y: {}}}
steps: {s: {call: intent.sub, with: {x: "${ input.y }"}}}
output: {of: "${ steps.s }"}
---
intent: card
access: {internal: true}
steps: {c: {call: crm.one}}
output: {a: "${ steps.c.mail }"}
---
intent: narrow
access: {roles: [agent]}
steps: {c: {call: crm.one}}
output: {a: "${ steps.c.mail }"}
"""
    assert "GW532" in {code for code, _ in leaks(tmp_path, ask(f'"${{ {output} }}"', step) + others)}


def intent(more: str, access: str = "access: {roles: [customer]}", output: str = "${ steps.one.id }") -> str:
    return f'{CRM}intent: ask\n{access}\nsteps: {{one: {{call: crm.one}}}}\noutput: {{a: "{output}"}}\n{more}\n'


MAIL = "${ steps.one.mail }"


@pytest.mark.parametrize(
    "more",
    [
        f'reply: "to {MAIL}"',
        f'reply: {{en: a, de: "{MAIL}"}}',
        f'reply: [{{when: error.code, text: "{MAIL}"}}, {{text: a}}]',
        f'reply: [{{text: a, blocks: [{{card: {{title: "{MAIL}"}}}}]}}]',
        f'reply: [{{text: a, actions: [{{label: a, intent: ask, input: {{q: "{MAIL}"}}}}]}}]',
        f'reply: [{{text: a, suggestions: ["mail {MAIL}"]}}]',
    ],
)
def test_in_every_part_of_a_reply(tmp_path: Path, more: str) -> None:
    assert [code for code, _ in leaks(tmp_path, intent(more))] == ["GW532"]


@pytest.mark.parametrize(
    ("access", "policy", "reached"),
    [
        ("access: {roles: [customer]}", ROLES, "role `customer`"),
        ("access: {roles: [agent]}", ROLES, None),
        ("access: {roles: [chief]}", ROLES, None),
        ("access: {roles: [agent, customer]}", ROLES, "role `customer`"),
        ("access: {internal: true, roles: [customer]}", ROLES, None),
        ("access: {scopes: [orders]}", ROLES, None),
        ("access: {scopes: [orders]}", ROLES.replace("open", "ask"), "role `anonymous`"),
        ("access: {scopes: [orders]}", ROLES.replace("intent:open", "intent:*"), "role `anonymous`"),
        ("access: {roles: [agent]}", ROLES.replace("anonymous: {", "anonymous: {inherits: [agent], "), None),
        ("access: {roles: [customer]}", ROLES.replace("customer: {}", "customer: {clears: [pi]}"), "role `customer`"),
        ("access: {roles: [nobody_knows]}", "policy: circuit_breakers\ncircuit_breakers: {}\n", "role `nobody_knows`"),
    ],
)
def test_roles_by_whatever_way_they_come_to_it(tmp_path: Path, access: str, policy: str, reached: str | None) -> None:
    made = planned(tmp_path, intent("", access, MAIL), roles=policy)
    assert reasons(made) == ([] if reached is None else [f"`a` is pii (from crm.one: mail) and reaches {reached} without clearance"])


def test_heirs_of_a_role_are_cleared_by_themselves_only(tmp_path: Path) -> None:
    customers, guests = "customer: {clears: [pii]}, vip: {inherits: [customer]}", "guest: {}, host: {inherits: [guest], clears: [pii]}"
    roles = f"policy: roles\nroles: {{{customers}, {guests}}}\n"
    assert leaks(tmp_path, intent("", "access: {roles: [customer]}", MAIL), roles) == []
    [message] = reasons(planned(tmp_path, intent("", "access: {roles: [guest]}", MAIL), roles=roles))
    assert "role `guest`" in message


def test_older_versions_too(tmp_path: Path) -> None:
    newer = 'intent: ask\nversion: 2\naccess: {roles: [customer]}\noutput: {a: "x"}\n'
    assert leaks(tmp_path, f"{intent('', output=MAIL)}---\n{newer}") == [("GW532", f'"{MAIL}"')]


def test_a_route_is_told_of_where_its_intent_is_not(tmp_path: Path) -> None:
    route = '---\nroute: r\nmatch: {path: /r}\nintent: ask\nrespond: {body: {x: "${ output.a }"}, headers: {X-Mail: "${ output.a }"}}\n'
    assert leaks(tmp_path, intent("", output=MAIL) + route) == [("GW532", f'"{MAIL}"')]
    assert leaks(tmp_path, intent("", "access: {roles: [agent]}", MAIL) + route) == []


PAY = """
source: pay
type: fake
default_classification: pii
operations:
  bill:
    params: {type: object, properties: {}}
    ERROR
    output_schema: {type: object, properties: {ok: {type: boolean, classification: public}, code: {type: string, classification: public}}}
---
intent: ask
access: {roles: [customer]}
steps: {b: {call: pay.bill, fallback: [{return: {why: "${ error.detail_code }"}}]}}
output: {a: "${ steps.b.ok }"}
reply: [{when: error.code, text: "failed: ${ error.detail_code }"}, {text: a}]
---
intent: around
access: {roles: [customer]}
steps: {b: {call: intent.ask, required: false}}
output: {a: "${ steps.b.a }"}
"""


@pytest.mark.parametrize(
    ("error", "leaking"),
    [
        ("error: {code: body.code}", []),
        ("timeout: 1s", []),
        ("error: {code: body.reason}", ["pay.bill", '"failed: ${ error.detail_code }"', "intent.ask"]),
        ("error: {message: body.text}", ["pay.bill", '"failed: ${ error.detail_code }"', "intent.ask"]),
        ("error: {code: headers.reason}", ["pay.bill", '"failed: ${ error.detail_code }"', "intent.ask"]),
        ("error: {code: body.code.x}", []),
    ],
)
def test_what_failures_tell(tmp_path: Path, error: str, leaking: list[str]) -> None:
    assert [word for _, word in leaks(tmp_path, PAY.replace("ERROR", error))] == leaking


PARTS = "$defs: {c: {properties: {m: {$ref: '#/$defs/m'}}}, m: {classification: pii}}"
NODE = "properties: {m: {classification: pii}, kids: {type: array, items: {$ref: '#/$defs/n'}}}"


@pytest.mark.parametrize(
    ("operation", "output"),
    [
        ("result: headers.location", "steps.s"),
        ("result: body.x", "steps.s"),
        ("result: 'body.{a: mail}', output_schema: {type: object, properties: {mail: {type: string, classification: pii}}}", "steps.s.a"),
        ("output_schema: {type: object, additionalProperties: {classification: pii}}", "steps.s.any"),
        ("output_schema: {type: object, patternProperties: {'^m': {classification: pii}}}", "steps.s.mail"),
        (f"output_schema: {{allOf: [{{$ref: '#/$defs/c'}}, {{type: object}}], {PARTS}}}", "steps.s.m"),
        ("output_schema: {oneOf: [{type: string}, {type: object, properties: {m: {classification: pii}}}]}", "steps.s.m"),
        ("output_schema: {type: array, prefixItems: [{type: string}, {classification: pii}]}", "steps.s[1]"),
        (f"output_schema: {{$ref: '#/$defs/n', $defs: {{n: {{{NODE}}}}}}}", "steps.s.kids[0].kids[0].m"),
    ],
)
def test_wherever_a_source_declares_it(tmp_path: Path, operation: str, output: str) -> None:
    default = "default_classification: pii\n" if "result" in operation else ""
    specs = f"source: hr\ntype: fake\n{default}operations: {{get: {{params: {{type: object, properties: {{}}}}, {operation}}}}}\n---\n"
    specs += f'intent: ask\naccess: {{roles: [customer]}}\nsteps: {{s: {{call: hr.get}}}}\noutput: {{a: "${{ {output} }}"}}\n'
    assert [code for code, _ in leaks(tmp_path, specs)] == ["GW532"]


PUBLIC = "default_classification: pii\noperations: {get: {output_schema: {type: object, properties: {a: {classification: public}}}}}"
ANCHORED = "$defs: {e: {$anchor: e, $dynamicAnchor: e, classification: pii}}"


@pytest.mark.parametrize(
    ("schema", "output"),
    [
        ("{type: object, propertyNames: {classification: pii}, additionalProperties: {type: integer}}", "keys(steps.s)"),
        (f"{{type: object, properties: {{id: {{$ref: '#e'}}}}, {ANCHORED}}}", "steps.s.id"),
        (f"{{type: object, properties: {{id: {{$dynamicRef: '#e'}}}}, {ANCHORED}}}", "steps.s.id"),
        ("{type: array, contains: {properties: {id: {classification: pii}}}}", "steps.s[0].id"),
        ("{type: array, prefixItems: [{type: string}], unevaluatedItems: {classification: pii}}", "steps.s[1]"),
    ],
)
def test_by_whatever_keyword_a_source_declares_it(tmp_path: Path, schema: str, output: str) -> None:
    specs = f"source: hr\ntype: fake\noperations: {{get: {{params: {{type: object, properties: {{}}}}, output_schema: {schema}}}}}\n---\n"
    specs += f'intent: ask\naccess: {{roles: [customer]}}\nsteps: {{s: {{call: hr.get}}}}\noutput: {{a: "${{ {output} }}"}}\n'
    assert [code for code, _ in leaks(tmp_path, specs)] == ["GW532"]


@pytest.mark.parametrize("output", ["merge(steps.s, `{}`)", "omit(steps.s, ['b'])"])
def test_members_that_no_list_names(tmp_path: Path, output: str) -> None:
    specs = f"source: hr\ntype: fake\n{PUBLIC}\n---\n"
    specs += f'intent: ask\naccess: {{roles: [customer]}}\nsteps: {{s: {{call: hr.get}}}}\noutput:\n  a: "${{ {output} }}"\n'
    assert [code for code, _ in leaks(tmp_path, specs)] == ["GW532"]


OTHER_SOURCES = {
    "static": 'source: s\ntype: static\ndefault_classification: pii\noperations: {get: {value: {mail: "a@b", of: {x: 1}}}}\n',
    "sql": 'source: s\ntype: sql\nurl: "sqlite://"\ndefault_classification: pii\noperations: {get: {query: "SELECT mail FROM c"}}\n',
    "batch": (
        "source: s\ntype: fake\noperations:\n"
        "  get: {params: {type: object, properties: {id: {}}}, batch: {operation: all, param: ids, match: {id: id}}}\n"
        "  all:\n    params: {type: object, properties: {ids: {}}}\n"
        "    output_schema: {type: array, items: {properties: {mail: {classification: pii}}}}\n"
    ),
}


@pytest.mark.parametrize(
    ("kind", "output"), [("static", "mail"), ("static", "of.x"), ("sql", "rows[0].mail"), ("sql", "rows[*]"), ("batch", "mail")]
)
def test_of_every_kind_of_source(tmp_path: Path, kind: str, output: str) -> None:
    asked = f'---\nintent: ask\naccess: {{roles: [customer]}}\nsteps: {{s: {{call: s.get}}}}\noutput: {{a: "${{ steps.s.{output} }}"}}\n'
    assert [code for code, _ in leaks(tmp_path, OTHER_SOURCES[kind] + asked)] == ["GW532"]


@pytest.mark.parametrize(
    ("step", "word"),
    [
        ("s: {call: bus.send, with: {text: '${ steps.one.mail }'}}", "'${ steps.one.mail }'"),
        ("s: {call: bus.send, with: {text: {a: ['of ${ steps.one.mail }']}}}", "{a: ['of ${ steps.one.mail }']}"),
        ("s: {emit: {to: bus.send, data: {text: '${ steps.one }'}}}", "'${ steps.one }'"),
        ("s: {foreach: steps.all, call: bus.send, with: {text: '${ item.mail }'}}", "'${ item.mail }'"),
        ("s: {call: crm.plain, fallback: [{call: bus.send, with: {text: '${ steps.one.mail }'}}]}", "'${ steps.one.mail }'"),
        ("s: {call: intent.sub, with: {x: '${ steps.one.mail }'}}", "'${ steps.one.mail }'"),
    ],
)
def test_sources_that_do_not_accept_it(tmp_path: Path, step: str, word: str) -> None:
    sub = "---\nintent: sub\naccess: {internal: true}\ninput: {type: object, properties: {x: {}}}\n"
    sends = 'steps: {s: {call: bus.send, with: {text: "a ${ input.x }"}}}\n'
    found = leaks(tmp_path, ask("x", step) + sub + sends)
    assert {code for code, _ in found} == {"GW533"}
    assert {marked for _, marked in found} == {word}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"type": "http"}, None),
        ({"type": "llm"}, set()),
        ({"type": "event"}, set()),
        ({"type": "llm", "accepts": ["pii"]}, {"pii"}),
        ({"type": "http", "accepts": []}, set()),
    ],
)
def test_what_a_source_accepts(written: dict[str, object], expected: set[str] | None) -> None:
    assert accepts(SourceConfig(source="s", **written)) == expected  # type: ignore[arg-type]


def test_public_data_goes_everywhere(tmp_path: Path) -> None:
    specs = ask("x", "s: {call: bus.send, with: {text: '${ steps.one.id }'}}").replace("internal", "public")
    assert leaks(tmp_path, specs) == []
    assert {code for code, _ in leaks(tmp_path, ask("x", "s: {call: bus.send, with: {text: '${ steps.one.id }'}}"))} == {"GW533"}
