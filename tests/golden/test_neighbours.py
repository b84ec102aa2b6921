"""One file's fault hides no other's: thirty files with one fault each tell together what each tells alone."""

from __future__ import annotations

from pathlib import Path

from gateway.app import prepare
from gateway.sdk import Problem
from tests.golden.cases import SOUND, Case, lay

MANY = 30
UNUSED = {*(f"GW{number}" for number in (*range(270, 278), *range(540, 544)))}
"""What nothing uses is told only where everything is understood."""


def intent(name: str, *lines: str) -> str:
    return "\n".join([f"intent: {name}", "access: {roles: [customer]}", *lines, ""])


def source(name: str, *lines: str) -> str:
    return "\n".join([f"source: {name}", "type: http", 'servers: ["http://backend.test"]', *lines, ""])


ORDER = 'steps: {order: {call: erp.order, with: {order_id: "1"}}}'
FILES: dict[str, bytes | str] = {
    "specs/bytes.yaml": intent("bytes", "output: {}").encode() + b"summary: Gr\xfc\xdfe\n",
    "specs/tab.yaml": intent("tab", "output:", "\ta: 1"),
    "specs/quote.yaml": intent("quote", 'summary: "open', "output: {}"),
    "specs/bracket.yaml": intent("bracket", "tags: [a, b", "output: {}"),
    "specs/twice.yaml": intent("twice", "deadline: 1s", "deadline: 2s", "output: {}"),
    "specs/tag.yaml": intent("tag", "output: {a: !include x}"),
    "specs/alias.yaml": intent("alias", "output: {a: *nothing}"),
    "specs/zero.yaml": intent("zero", "output: {a: 007}"),
    "specs/list.yaml": "- intent: in_a_list\n",
    "specs/kind.yaml": "intnet: kind\noutput: {}\n",
    "specs/misplaced.yaml": "policy: flags\nflags: {a: {default: true}}\n",
    "specs/key.yaml": intent("key", "sumary: x", "output: {}"),
    "specs/unit.yaml": intent("unit", "deadline: 5", "output: {}"),
    "specs/type.yaml": intent("type", "examples: x", "output: {}"),
    "specs/schema.yaml": intent("schema", "input: {type: objct}", "output: ${ input }"),
    "specs/name.yaml": intent("Name", "output: {}"),
    "specs/step.yaml": intent("step", "output: ${ steps.order }"),
    "specs/source_name.yaml": intent("source_name", "steps: {a: {call: erpp.order}}", "output: ${ steps.a }"),
    "specs/operation.yaml": intent("operation", "steps: {a: {call: erp.ordr}}", "output: ${ steps.a }"),
    "specs/argument.yaml": intent("argument", 'steps: {a: {call: erp.order, with: {order_id: "1", id: "2"}}}', "output: ${ steps.a }"),
    "specs/field.yaml": intent("field", ORDER, "output: ${ steps.order.idd }"),
    "specs/items.yaml": intent("items", ORDER, "output: ${ steps.order.id[*].x }"),
    "specs/root.yaml": intent("root", "output: ${ inptu.a }"),
    "specs/function.yaml": intent("function", "output: ${ lenght(user.roles) }"),
    "specs/literal.yaml": intent("literal", "output: ${ user.id == true }"),
    "specs/circle.yaml": intent("circle", "steps: {a: {let: {x: '${ steps.b }'}}, b: {let: {x: '${ steps.a }'}}}", "output: ${ steps.a }"),
    "specs/role.yaml": intent("role", "output: {}").replace("customer", "custmer"),
    "specs/route.yaml": "route: route\nmatch: {path: /route}\nintent: innr\n",
    "specs/request.yaml": source("request", 'operations: {a: {request: "GET a"}}'),
    "specs/server.yaml": source("server", 'operations: {a: {request: "GET /a"}}').replace("http://", "ftp://"),
    "specs/variable.yaml": source("variable", "timeout: ${ env.NOT_SET }", 'operations: {a: {request: "GET /a"}}'),
    "specs/secret.yaml": source("secret", 'headers: {X-Key: "${ secret.not_set }"}', 'operations: {a: {request: "GET /a"}}'),
    "specs/spec.yaml": "source: spec\ntype: openapi\nspec: nowhere.yaml\nservers: ['http://backend.test']\n",
    "specs/query.yaml": 'source: query\ntype: sql\nurl: sqlite:///x.db\noperations: {a: {query: "DELETE FROM a"}}\n',
    "specs/base.yaml": "intent: extending\nextends: nobody\n",
    "policies/parent.yaml": "policy: roles\nroles: {clerk: {inherits: [custmer], allow: ['intent:inner']}}\n",
    "policies/permission.yaml": "policy: roles\nroles: {partner: {allow: ['intent:innner']}}\n",
    "policies/flag.yaml": "policy: flags\nflags: {a: {defalt: 1}}\n",
}


def told(files: dict[str, bytes | str], folder: Path) -> set[tuple[str, str, int, int, str]]:
    """What is told of these files, laid over the sound folder: code, place and message."""
    lay(Case(raw={name: text if isinstance(text, bytes) else text.encode() for name, text in files.items()}), folder)
    return {shown(problem) for problem in prepare(folder, environ={}).problems if problem.code not in UNUSED}


def shown(problem: Problem) -> tuple[str, str, int, int, str]:
    place = problem.place
    return problem.code, place.file, place.line, place.column, problem.message


def test_together_they_tell_what_each_tells_alone(tmp_path: Path) -> None:
    alone = {name: told({name: text}, tmp_path / str(number)) for number, (name, text) in enumerate(FILES.items())}
    about_itself = {name: {each for each in found if each[1] == name} for name, found in alone.items()}
    assert [name for name, found in about_itself.items() if not found] == []
    everything = set[tuple[str, str, int, int, str]]().union(*alone.values())
    together = told(FILES, tmp_path / "together")
    assert sorted(everything - together) == []
    assert sorted(together - everything) == []
    assert len(FILES) >= MANY
    assert told({}, tmp_path / "none") == set(), SOUND
