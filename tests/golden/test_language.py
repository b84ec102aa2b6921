"""The examples of the language's description, in one folder: they are understood, and what is not in force yet is said."""

from __future__ import annotations

from pathlib import Path

from gateway.app import prepare

FOLDER = Path(__file__).parent / "language"
ENVIRON = {
    "INVENTORY_URL": "http://inventory.test",
    "INVENTORY_URL_2": "http://inventory-2.test",
    "TOKEN_URL": "https://id.test/token",
    "GATEWAY_SECRET_INVENTORY": "not told",
    "GATEWAY_SECRET_SLACK_SIGNING": "not told",
    "GATEWAY_SECRET_SLACK_TOKEN": "not told",
}


def test_all_of_it_is_understood() -> None:
    prepared = prepare(FOLDER, environ=ENVIRON)
    unexpected = [problem for problem in prepared.problems if problem.code not in {"GW110", "GW111"}]
    assert unexpected == []
    assert {problem.code: problem.severity for problem in prepared.problems} == {"GW110": "warning", "GW111": "error"}
    assert prepared.plan is None


def test_without_its_environment_that_is_what_is_told() -> None:
    unset = [problem for problem in prepare(FOLDER, environ={}).problems if problem.code in {"GW401", "GW402"}]
    assert len(unset) == len(ENVIRON)
    assert not any("not told" in problem.message for problem in unset)
