"""How sources stand: what operators and expressions are told."""

from __future__ import annotations

from gateway.sdk.standings import Standings


def test_what_is_shown_is_read_anew_each_time() -> None:
    standings, waiting = Standings(), [1]
    standings.show("erp", "waiting", lambda: waiting[0])
    standings.show("erp", "circuit", lambda: None)
    assert standings.told("erp") == {"waiting": 1}
    waiting[0] = 2
    assert standings.told("erp") == {"waiting": 2}
    assert standings.told("other") == {}


def test_a_source_is_listed_while_any_of_its_circuits_refuses_calls() -> None:
    standings = Standings()
    for source in ("hr", "erp"):
        standings.separate(source, ())
    before = standings.open_circuits("t1", 0.0)
    assert before == []
    standings.turned("hr", "", "", until=60.0)
    standings.turned("erp", "", "search", until=60.0)
    standings.turned("erp", "", "", until=60.0)
    assert standings.open_circuits("t1", 1.0) == standings.open_circuits("t2", 1.0) == ["erp", "hr"]
    standings.turned("erp", "", "search", until=None)
    assert standings.open_circuits("t1", 1.0) == ["erp", "hr"]
    standings.turned("erp", "", "", until=None)
    assert standings.open_circuits("t1", 1.0) == ["hr"]
    assert before == [], "what a request was told does not change under it"


def test_a_circuit_whose_time_has_come_is_listed_no_longer_though_no_call_has_tried_it() -> None:
    standings = Standings()
    for source in ("hr", "erp"):
        standings.separate(source, ())
    standings.turned("erp", "", "", until=60.0)
    standings.turned("hr", "", "", until=70.0)
    assert standings.open_circuits("t1", 59.9) == ["erp", "hr"]
    assert standings.open_circuits("t1", 60.0) == ["hr"]
    assert standings.open_circuits("t1", 75.0) == []
    standings.turned("erp", "", "", until=130.0)
    assert standings.open_circuits("t1", 75.0) == ["erp"]


def test_tenants_that_are_apart_see_their_own_circuits() -> None:
    standings = Standings()
    standings.separate("erp", {"acme"})
    standings.separate("hr", ())
    standings.turned("erp", "", "", until=60.0)
    assert (standings.open_circuits("acme", 1.0), standings.open_circuits("other", 1.0)) == ([], ["erp"])
    standings.turned("hr", "", "", until=60.0)
    assert (standings.open_circuits("acme", 1.0), standings.open_circuits("other", 1.0)) == (["hr"], ["erp", "hr"])
    standings.turned("erp", "", "", until=None)
    standings.turned("erp", "acme", "", until=60.0)
    assert (standings.open_circuits("acme", 1.0), standings.open_circuits("other", 1.0)) == (["erp", "hr"], ["hr"])


def test_reading_the_list_makes_none() -> None:
    standings = Standings()
    standings.separate("erp", ())
    standings.turned("erp", "", "", until=60.0)
    assert standings.open_circuits("a", 1.0) is standings.open_circuits("b", 2.0)
