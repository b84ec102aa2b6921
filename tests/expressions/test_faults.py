from __future__ import annotations

from gateway.expressions.faults import TITLES, Fault, did_you_mean, listed


def test_titles_are_one_line_each() -> None:
    assert all(title and title == title.strip() and "\n" not in title for title in TITLES.values())
    assert all(code.startswith("GW2") and len(code) == 5 for code in TITLES)


def test_a_fault_moves_with_its_text() -> None:
    fault = Fault("GW202", "m", "h", 3, 5, "warning")
    assert fault.moved(10) == Fault("GW202", "m", "h", 13, 15, "warning")


def test_suggests_the_closest_word() -> None:
    assert did_you_mean("stpes", {"steps", "status"}) == "did you mean `steps`?"
    assert did_you_mean("xyz", {"steps"}) is None
    assert did_you_mean("xyz", {"steps"}, otherwise="else") == "else"


def test_lists_words_in_order() -> None:
    assert listed({"b", "a"}) == "`a`, `b`"
