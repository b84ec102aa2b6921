from __future__ import annotations

import pytest

from gateway.expressions import Fault
from gateway.planner.findings import MOST_COMPARED, Findings
from gateway.sdk import Place
from tests.planner.folders import document

TEXT = """
intent: ask
steps:
  order: {call: erp.order, with: {id: "x ${ inptu.id }"}}
"""


def test_a_problem_has_the_place_of_its_value_or_key() -> None:
    findings, written = Findings(), document(TEXT)
    findings.report(written, "GW999", "message", ("steps", "order", "call"), hint="hint", severity="warning")
    findings.report(written, "GW999", "message", ("steps", "order"), key=True)
    findings.report(written, "GW999", "message", ("steps",), place=Place("b.yaml", 7, 8, 9))
    assert [problem.place for problem in findings.problems] == [
        Place("specs/a.yaml", 3, 17, 26),
        Place("specs/a.yaml", 3, 3, 8),
        Place("b.yaml", 7, 8, 9),
    ]
    assert (findings.problems[0].hint, findings.problems[0].severity) == ("hint", "warning")


def test_an_unknown_name_gets_the_nearest_and_what_is_known() -> None:
    findings, written = Findings(), document(TEXT)
    findings.unknown(written, "GW223", "operation", "ordr", known=["orders", "order"], path=("steps",), of="erp")
    findings.unknown(written, "GW223", "operation", "shpments", known=["shipments", "order"], path=("steps",))
    findings.unknown(written, "GW220", "step", "xyz", known=[], path=("steps",))
    findings.unknown(written, "GW220", "step", "xyz", known=[f"step{number:02}" for number in range(13)], path=("steps",))
    near, sure, alone, many = findings.problems
    assert near.message == "unknown operation `ordr` of `erp`"
    assert (near.hint, near.help, near.fix) == ("did you mean `order`?", "known here: order, orders", None)
    assert (sure.hint, sure.fix) == ("did you mean `shipments`?", "shipments")
    assert (alone.message, alone.hint, alone.help, alone.fix) == ("unknown step `xyz`", None, "there is no step here", None)
    assert many.help == "known here: " + ", ".join(f"step{number:02}" for number in range(12)) + ", …"


def test_what_may_be_in_a_missing_file_is_not_reported_and_fails_all_the_same() -> None:
    findings, written = Findings(complete=False), document(TEXT)
    findings.unknown(written, "GW222", "source", "erp", known=[], path=("steps",))
    assert (findings.problems, findings.failed_in(written)) == ([], True)
    findings.unknown(written, "GW220", "step", "x", known=[], path=("steps",))
    assert [problem.code for problem in findings.problems] == ["GW220"]


def test_a_problem_is_shown_where_it_was_asked_for() -> None:
    findings, written, asking = Findings(), document(TEXT), document(TEXT)
    findings.report(written, "GW222", "before", ("steps",))
    findings.report(written, "GW248", "here", ("steps",))
    findings.report(written, "GW248", "elsewhere", ("steps", "order"))
    findings.moved(written, ("steps",), since=1, to=(asking, ("steps", "order", "call")))
    assert [problem.path for problem in findings.problems] == [("steps",), ("steps", "order", "call"), ("steps", "order")]
    assert findings.problems[1].place == written.place(("steps", "order", "call"))
    assert findings.failed_in(asking)


@pytest.mark.parametrize(
    ("name", "known", "hint"),
    [("order", ("steps", "user"), "did you mean `steps.order`?"), ("order", ("user",), "old"), ("no", ("steps",), "old")],
)
def test_a_step_that_lacks_its_root_is_recognised(name: str, known: tuple[str, ...], hint: str) -> None:
    findings, written = Findings(), document(TEXT)
    findings.faults(written, ("steps", "order", "with", "id"), [Fault("GW202", "x", "old", 0, 1, name=name, known=known)])
    assert [problem.hint for problem in findings.problems] == [hint]


def test_what_decides_who_may_do_what_is_no_fix() -> None:
    findings, policy = Findings(), document("policy: roles\nroles: {a: {inherits: [stff]}}")
    findings.unknown(policy, "GW501", "role", "stff", known=["staff"], path=("roles", "a", "inherits", 0))
    findings.unknown(document(TEXT), "GW226", "field", "custmer", known=["customer"], path=("ensure", 0, "check"))
    assert [(problem.hint, problem.fix) for problem in findings.problems] == [
        ("did you mean `staff`?", None),
        ("did you mean `customer`?", None),
    ]


def test_looking_for_suggestions_ends() -> None:
    findings, written, known = Findings(), document(TEXT), [f"name_{number}" for number in range(MOST_COMPARED // 2)]
    for _ in range(3):
        findings.unknown(written, "GW223", "operation", "x" * 40, known=known, path=("steps",))
    findings.unknown(written, "GW223", "operation", "nam_1", known=["name_1"], path=("steps",))
    assert findings.problems[-1].hint is None


def test_faults_stand_in_the_text_or_at_its_key() -> None:
    findings, written = Findings(), document(TEXT)
    path = ("steps", "order", "with", "id")
    findings.faults(written, path, [Fault("GW202", "m", "h", 5, 10), Fault("GW209", "m", None, 0, 0)])
    assert [problem.place for problem in findings.problems] == [Place("specs/a.yaml", 3, 45, 50), Place("specs/a.yaml", 3, 35, 37)]


def test_a_document_fails_by_errors_only() -> None:
    findings, written, other = Findings(), document(TEXT), document(TEXT)
    findings.report(written, "GW231", "m", (), severity="warning")
    assert not findings.failed_in(written)
    findings.faults(written, (), [Fault("GW202", "m", None, 0, 1)])
    assert findings.failed_in(written)
    assert not findings.failed_in(other)
