"""The commonest faults of configurations like ours, of which other gateways' checkers find a part: all are found, at the very word,
with what was meant."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from gateway.app import prepare
from tests.golden.cases import SOUND, Case, lay
from tests.golden.test_neighbours import ORDER, intent, source


class Fault(NamedTuple):
    """A file with a fault: the code that is told, the word that is marked, and what the hint or help says."""

    text: str
    code: str
    marked: str
    says: str
    file: str = "specs/case.yaml"


COMMON = {
    "a misspelt key": Fault(intent("a", "dedline: 2s", "output: {}"), "GW101", "dedline", "did you mean `deadline`?"),
    "a misspelt key far down": Fault(
        source("a", "operations: {a: {request: GET /a, params: {type: object, propertis: {}}}}"), "GW101", "propertis", "`properties`"
    ),
    "a key written twice": Fault(intent("a", "deadline: 1s", "deadline: 2s", "output: {}"), "GW004", "deadline", "keep one"),
    "a number without its unit": Fault(intent("a", "deadline: 800", "output: {}"), "GW105", "800", "`800ms`"),
    "a text for a list": Fault(intent("a", "examples: hello", "output: {}"), "GW102", "hello", "`[hello]`"),
    "a word that is not possible": Fault(intent("a", "priority: hihg", "output: {}"), "GW104", "hihg", "`high`"),
    "`no` for false": Fault(intent("a", "steps: {a: {call: erp.orders, required: no}}", "output: ${ steps.a }"), "GW102", "no", "`false`"),
    "a lost indentation": Fault(intent("a", "steps:", "a: {call: erp.orders}", "output: ${ steps.a }"), "GW102", "steps", "indent `a`"),
    "a brace unquoted": Fault(
        intent("a", "input: {type: object, properties: {b: {}}}", "output: {b: ${ input.b }}"), "GW014", "${ input.b }", "quote it"
    ),
    "an unknown backend": Fault(intent("a", "steps: {a: {call: epr.orders}}", "output: ${ steps.a }"), "GW222", "epr", "`erp`"),
    "an unknown operation": Fault(intent("a", "steps: {a: {call: erp.ordrs}}", "output: ${ steps.a }"), "GW223", "ordrs", "`orders`"),
    "a missing argument": Fault(intent("a", "steps: {a: {call: erp.order}}", "output: ${ steps.a }"), "GW225", "erp.order", "`order_id`"),
    "an unknown step": Fault(intent("a", ORDER, "output: ${ steps.oder.id }"), "GW220", "oder", "`order`"),
    "a field that the backend doesn't send": Fault(
        intent("a", ORDER, "output: ${ steps.order.custmer }"), "GW226", "custmer", "`customer`"
    ),
    "steps that wait for each other": Fault(
        intent("a", "steps: {a: {let: {x: '${ steps.b.x }'}}, b: {let: {x: '${ steps.a.x }'}}}", "output: ${ steps.a.x }"), "GW221", "a", ""
    ),
    "a placeholder nothing fills": Fault(
        source("a", 'operations: {a: {request: "GET /a/{id", params: {type: object}}}'), "GW242", '"GET /a/{id"', "`{name}`"
    ),
    "a security rule that can't be read": Fault(
        intent("a", "output: {}").replace("[customer]", "[customer], when: \"user.id = 'x'\""), "GW201", "=", "`==`"
    ),
    "a role that nobody has": Fault(intent("a", "output: {}").replace("customer", "costumer"), "GW501", "costumer", "`customer`"),
    "a permission that names nothing": Fault(
        "policy: roles\nroles: {clerk: {allow: ['intent:iner']}}\n", "GW503", "'intent:iner'", "`inner`", "policies/case.yaml"
    ),
    "two routes for one address": Fault(
        "route: a\nmatch: {path: /x}\nintent: inner\n---\nroute: b\nmatch: {path: /x}\nintent: inner\n", "GW238", "/x", ""
    ),
    "a name given twice": Fault(
        "source: erp\ntype: static\noperations: {a: {value: 1}}\n", "GW120", "erp", "specs/case.yaml", "specs/sources.yaml"
    ),
    "a variable that is not set": Fault(
        source("a", "timeout: ${ env.TIMEOUT }", "operations: {a: {request: GET /a}}"), "GW401", "env.TIMEOUT", "set it"
    ),
}


@pytest.mark.parametrize("name", COMMON)
def test_it_is_found_where_it_is(name: str, tmp_path: Path) -> None:
    fault = COMMON[name]
    written = "specs/case.yaml" if fault.file == "specs/sources.yaml" else fault.file
    prepared = prepare(tmp_path, environ=lay(Case(files={written: fault.text}), tmp_path))
    assert prepared.plan is None, "serve would start"
    [problem] = [each for each in prepared.problems if each.severity == "error"]
    place = problem.place
    line = (tmp_path / place.file).read_text(encoding="utf-8").splitlines()[place.line - 1]
    assert (problem.code, place.file, line[place.column - 1 : place.end - 1]) == (fault.code, fault.file, fault.marked)
    assert fault.says in f"{problem.hint} {problem.help}"


def test_none_of_it_is_there_without(tmp_path: Path) -> None:
    assert prepare(tmp_path, environ=lay(Case(), tmp_path)).problems == [], SOUND
