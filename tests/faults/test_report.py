"""The report itself: what holds, what doesn't, and how it is told."""

from __future__ import annotations

import msgspec
import pytest
from click.testing import CliRunner

from tests.faults import __main__ as command
from tests.faults import cases, load
from tests.faults.report import Limit, Outcome, as_json, paragraphs, table


def outcome(measured: float, *, alone: bool = False) -> Outcome:
    made = Outcome("case", "Something was done.", seen=["something was seen"], seconds=1.5)
    made.at_most("calls", measured, 10, " calls", alone=alone)
    return made


@pytest.mark.parametrize(
    ("limit", "held", "told"),
    [
        (Limit("x", 10, most=10), True, "x: 10 (at most 10)"),
        (Limit("x", 10.5, most=10), False, "x: 10.50 (at most 10)"),
        (Limit("x", 3, least=4), False, "x: 3 (at least 4)"),
        (Limit("x", 0, 0, 0), True, "x: 0 (exactly 0)"),
        (Limit("x", 1, 0, 0), False, "x: 1 (exactly 0)"),
        (Limit("x", 5, 1, 8, " ms"), True, "x: 5 ms (1 to 8 ms)"),
    ],
)
def test_a_limit_tells_whether_it_held(limit: Limit, held: bool, told: str) -> None:
    assert (limit.held, limit.told()) == (held, told)


def test_a_broken_limit_is_in_the_table_and_the_paragraphs() -> None:
    good, bad = outcome(10), outcome(11)
    assert (good.verdict, bad.verdict) == ("held", "BROKEN")
    assert table([good, bad]).splitlines() == [
        "case  held       1 of  1 limits    1.5 s",
        "case  BROKEN     0 of  1 limits    1.5 s",
        "      - calls: 11 calls (at most 10 calls)",
    ]
    assert paragraphs(bad).splitlines() == [
        "case: BROKEN",
        "  Something was done.",
        "  | something was seen",
        "  BROKEN calls: 11 calls (at most 10 calls)",
    ]
    assert [each["verdict"] for each in msgspec.json.decode(as_json([good, bad]))["cases"]] == ["held", "BROKEN"]


@pytest.mark.parametrize(("full", "verdict"), [(True, "BROKEN"), (False, "held")])
async def test_in_short_limits_that_need_a_quiet_machine_are_left_out(monkeypatch: pytest.MonkeyPatch, *, full: bool, verdict: str) -> None:
    async def slow(*, full: bool) -> Outcome:
        return outcome(11, alone=True)

    monkeypatch.setattr(cases, "CASES", {"slow": slow})
    assert (await cases.outcome_of("slow", full=full)).verdict == verdict


def test_a_case_that_was_skipped_says_why() -> None:
    skipped = Outcome("case", "Something would be done.", skipped="no program")
    assert skipped.verdict == "skipped"
    assert "  skipped: no program" in paragraphs(skipped).splitlines()


@pytest.mark.parametrize(("measured", "code"), [(10, 0), (11, 1)])
def test_the_command_ends_with_1_where_a_limit_did_not_hold(monkeypatch: pytest.MonkeyPatch, measured: float, code: int) -> None:
    async def outcome_of(name: str, *, full: bool) -> Outcome:
        return outcome(measured)

    monkeypatch.setattr(command, "outcome_of", outcome_of)
    result = CliRunner().invoke(command.main, ["--case", "failing"])
    assert result.exit_code == code
    assert "Something was done." in result.output


def test_latencies_are_those_that_a_share_did_not_exceed() -> None:
    tally = load.Tally()
    tally.answers = [load.Answered(200, number / 1000) for number in range(1, 101)]
    assert (tally.milliseconds(0.5), tally.milliseconds(0.99), tally.milliseconds(1)) == (51, 100, 100)
    assert (tally.failed, load.Tally().milliseconds(0.99)) == (0, 0)
