"""Collecting problems: places, the end of patience, what may be shown."""

from __future__ import annotations

from gateway.config.faults import MOST_FAULTS, Faults, written_at
from tests.config.written import document


def test_places_and_owner() -> None:
    faults = Faults(document("intent: a\nsteps: {s: {call: x.y}}"), "intent")
    faults.add("GW104", "m", ("steps", "s", "call"), hint="h", help="l", fix="f")
    faults.add("GW101", "m", ("steps", "s", "call"), key=True, severity="warning")
    value, key = faults.problems
    assert (value.place.column, value.hint, value.help, value.fix, value.severity) == (19, "h", "l", "f", "error")
    assert (key.place.column, key.severity) == (13, "warning")
    assert faults.owner(("steps", "s")) == "step `s`"


def test_enough_is_enough() -> None:
    faults = Faults(document("intent: a"), "intent")
    for _ in range(MOST_FAULTS):
        faults.add("GW101", "m", ())
    assert not faults.full
    for _ in range(3):
        faults.add("GW101", "m", ())
    assert faults.full
    assert [problem.code for problem in faults.problems[-2:]] == ["GW101", "GW100"]
    assert faults.problems[-1].severity == "error"


def test_what_may_be_shown() -> None:
    written = document('gateway: a\nserver: {host: "${ env.HOST }", port: 5}')
    written.data["server"]["host"] = "hush"
    faults = Faults(written, "gateway")
    assert written_at(written, ("server", "host")) == "${ env.HOST }"
    assert written_at(written, ("server",)) is None
    assert not faults.shows("hush", ("server", "host"), {})
    assert faults.shows(5, ("server", "port"), {})
    assert not faults.shows(5, ("server", "port"), {"x-gateway-kind": "secret"})
    assert faults.quoted("hush", ("server", "host"), {}) == "a text"
    assert faults.quoted(5, ("server", "port"), {}) == "`5`"
