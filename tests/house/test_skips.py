"""The closing table of skips, and the switch that forbids skipping a `service` test."""

from __future__ import annotations

import pytest

from tests.skips import SkipTable, missing_program

pytest_plugins = ["pytester"]

SKIPPING = """
import pytest

@pytest.mark.service
@pytest.mark.parametrize("n", [1, 2])
def test_server(n):
    pytest.skip("no PostgreSQL server found")

@pytest.mark.skipif(True, reason="only on a Mac")
def test_mac():
    pass

@pytest.mark.xfail
def test_expected_to_fail():
    raise AssertionError
"""
OPTIONS = "-o", "markers=service: needs a server", "-o", "asyncio_default_fixture_loop_scope=function"


def test_table_counts_reasons_and_says_how_to_get_the_program(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SKIPPING)
    result = pytester.runpytest_inprocess(*OPTIONS, plugins=[SkipTable(require_services=False)])
    result.assert_outcomes(skipped=3, xfailed=1)
    result.stdout.re_match_lines(
        [
            "=+ skipped =+",
            "tests  missing     how to get it  reason",
            "2      PostgreSQL  make services  no PostgreSQL server found",
            "1      -           -              only on a Mac",
        ]
    )
    assert not any("xfail" in line for line in result.outlines[-4:-1])


def test_a_skipped_service_test_fails_where_services_are_required(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SKIPPING)
    result = pytester.runpytest_inprocess(*OPTIONS, plugins=[SkipTable(require_services=True)])
    result.assert_outcomes(failed=2, skipped=1, xfailed=1)
    result.stdout.fnmatch_lines(["a service test may not be skipped here: no PostgreSQL server found"])


def test_no_table_without_a_skip(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_nothing(): pass")
    result = pytester.runpytest_inprocess(*OPTIONS, plugins=[SkipTable(require_services=True)])
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*skipped*")


@pytest.mark.parametrize(
    ("reason", "program"),
    [("initdb is missing", "initdb"), ("POSTGRES not found", "postgres"), ("on a Mac", None), ("digits", None)],
)
def test_missing_program_is_a_whole_word(reason: str, program: str | None) -> None:
    assert missing_program(reason) == program
