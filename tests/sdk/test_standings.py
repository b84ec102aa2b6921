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


def test_a_source_is_listed_while_any_of_its_circuits_is_not_closed() -> None:
    standings = Standings()
    for source in ("hr", "erp"):
        standings.separate(source, ())
    before = standings.open_circuits("t1")
    assert before == []
    standings.turned("hr", "", "", closed=False)
    standings.turned("erp", "", "search", closed=False)
    standings.turned("erp", "", "", closed=False)
    assert standings.open_circuits("t1") == standings.open_circuits("t2") == ["erp", "hr"]
    standings.turned("erp", "", "search", closed=True)
    assert standings.open_circuits("t1") == ["erp", "hr"]
    standings.turned("erp", "", "", closed=True)
    assert standings.open_circuits("t1") == ["hr"]
    assert before == [], "what a request was told does not change under it"


def test_tenants_that_are_apart_see_their_own_circuits() -> None:
    standings = Standings()
    standings.separate("erp", {"acme"})
    standings.separate("hr", ())
    standings.turned("erp", "", "", closed=False)
    assert (standings.open_circuits("acme"), standings.open_circuits("other")) == ([], ["erp"])
    standings.turned("hr", "", "", closed=False)
    assert (standings.open_circuits("acme"), standings.open_circuits("other")) == (["hr"], ["erp", "hr"])
    standings.turned("erp", "", "", closed=True)
    standings.turned("erp", "acme", "", closed=False)
    assert (standings.open_circuits("acme"), standings.open_circuits("other")) == (["erp", "hr"], ["hr"])


def test_reading_the_list_makes_none() -> None:
    standings = Standings()
    standings.separate("erp", ())
    standings.turned("erp", "", "", closed=False)
    assert standings.open_circuits("a") is standings.open_circuits("b")
