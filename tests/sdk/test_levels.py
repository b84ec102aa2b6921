"""The order of levels."""

from __future__ import annotations

from gateway.sdk.levels import LEVELS, SEVERITY, worst


def test_of_two_the_worse_holds() -> None:
    assert LEVELS == ("full", "reduced", "static", "maintenance")
    for number, level in enumerate(LEVELS):
        assert SEVERITY[level] == number
        for better in LEVELS[: number + 1]:
            assert worst(level, better) == worst(better, level) == level
