"""Calls in keys that are not in force yet."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.planner.rules.found import Found, found

STEP = "intent: ask\nsteps: {{a: {{call: erp.note, with: {{text: a}}, compensate: {{{undo}}}}}}}\n"
CODES = {"GW222", "GW223", "GW224", "GW227", "GW232"}


@pytest.mark.parametrize(
    ("undo", "expected"),
    [
        ("call: erp.note, with: {text: a}", []),
        ("call: erp.note, with: {txet: a}", [("GW224", "txet")]),
        ("call: erp.orders, with: {any: thing}", []),
        ("call: epr.note", [("GW222", "epr")]),
        ("call: erp.ntoe", [("GW223", "ntoe")]),
        ("call: intent.ask", []),
        ("call: intent.aks", [("GW227", "aks")]),
    ],
)
def test_compensations(tmp_path: Path, undo: str, expected: Found) -> None:
    assert [each for each in found(tmp_path, STEP.format(undo=undo), "GW2") if each[0] in CODES] == expected


def test_each_version_is_looked_at(tmp_path: Path) -> None:
    specs = "intent: ask\nversion: 1\nmode: async\nnotify: [{call: epr.note}]\noutput: 1\n---\nintent: ask\nversion: 2\noutput: 1\n"
    assert found(tmp_path, specs, "GW222") == [("GW222", "epr")]


def test_what_planning_looks_at_is_told_once(tmp_path: Path) -> None:
    specs = "intent: ask\nsteps: {a: {call: epr.note, fallback: [{call: erp.ntoe}]}}\noutput: ${ steps.a }\n"
    assert [each for each in found(tmp_path, specs, "GW2") if each[0] in CODES] == [("GW222", "epr"), ("GW223", "ntoe")]


def test_of_a_broken_source_nothing_is_missed(tmp_path: Path) -> None:
    broken = "source: erp\ntype: fake\noperations: {note: {effect: write, params: {type: object, properties: {text: {}}}}}\ntimout: 1s\n"
    assert found(tmp_path, STEP.format(undo="call: erp.any"), "GW22", sources=broken) == []


@pytest.mark.parametrize(
    ("proxy", "expected"),
    [
        ("source: erp", []),
        ("source: epr", [("GW222", "epr")]),
        ("source: erp, response: {transform: card}, request: {transform: cadr}", [("GW232", "cadr")]),
    ],
)
def test_proxies(tmp_path: Path, proxy: str, expected: Found) -> None:
    specs = f"route: through\nmatch: {{path: /x/**}}\nproxy: {{{proxy}}}\n---\ntransform: card\noutput: 1\n"
    assert [each for each in found(tmp_path, specs, "GW2") if each[0] in CODES] == expected


@pytest.mark.parametrize(
    ("called", "expected"), [("erp.order", []), ("erp.ordre", [("GW223", "ordre")]), ("intent.aks", [("GW227", "aks")])]
)
def test_the_handoff(tmp_path: Path, called: str, expected: Found) -> None:
    gateway = f"gateway: shop\nidentity: [{{scenario: {{}}}}]\nhandoff: {{call: {called}}}\n"
    assert [each for each in found(tmp_path, "intent: ask\noutput: 1\n", "GW22", gateway=gateway) if each[0] in CODES] == expected
