"""Levels that operators set: which holds for whom and until when, and that all who hear of the same settings know the same."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from gateway.policies.level_settings import FORGOTTEN, MOST, LevelSetting, LevelSettings, Target, packed, unpacked

NOW = 1_800_000_000.0


def setting(level: Any, at: float = NOW, **more: Any) -> LevelSetting:
    return LevelSetting(level=level, at=at, **more)


def level(settings: LevelSettings, tenant: str = "acme", intent: str | None = "track", now: float = NOW) -> str | None:
    found = settings.worst(tenant, intent, now)
    return None if found is None else found.level


@pytest.mark.parametrize(
    ("target", "holds"),
    [
        ({}, {("acme", "track"), ("acme", None), ("zeta", "track"), ("zeta", "bill")}),
        ({"tenant": "acme"}, {("acme", "track"), ("acme", None)}),
        ({"intent": "track"}, {("acme", "track"), ("zeta", "track")}),
        ({"tenant": "acme", "intent": "track"}, {("acme", "track")}),
    ],
)
def test_one_holds_for_what_it_names(target: dict[str, str], holds: set[tuple[str, str | None]]) -> None:
    settings = LevelSettings()
    assert not settings.any
    settings.take([setting("static", **target)], NOW)
    assert settings.any
    asked = [("acme", "track"), ("acme", None), ("zeta", "track"), ("zeta", "bill")]
    assert {each for each in asked if level(settings, *each) == "static"} == holds


def test_the_worst_of_all_that_hold_counts() -> None:
    settings = LevelSettings()
    settings.take([setting("reduced"), setting("maintenance", intent="track"), setting("static", tenant="acme")], NOW)
    assert [level(settings), level(settings, "acme", "bill"), level(settings, "zeta", "bill")] == ["maintenance", "static", "reduced"]


def test_one_whose_time_is_over_holds_no_longer_and_is_told_once() -> None:
    settings = LevelSettings()
    settings.take([setting("static", until=NOW + 10), setting("reduced", intent="track", until=NOW + 20)], NOW)
    assert settings.expired(NOW + 9.9) == set()
    assert level(settings, now=NOW + 9.9) == "static"
    assert level(settings, now=NOW + 10) == "reduced", "whether anybody has looked or not"
    assert settings.expired(NOW + 10) == {Target()}
    assert settings.expired(NOW + 10) == set()
    assert settings.expired(NOW + 30) == {Target(None, "track")}
    assert not settings.any


def test_full_takes_back_what_was_set() -> None:
    settings = LevelSettings()
    settings.take([setting("static")], NOW)
    assert settings.take([setting("full", NOW + 1)], NOW + 1) == {Target()}
    assert (level(settings), settings.any, settings.holding(NOW + 1)) == (None, False, [])


def test_the_later_stays_in_whatever_order_they_are_heard() -> None:
    """Two at one moment, too: whoever hears both ends with the same."""
    heard = [
        setting("static", NOW),
        setting("full", NOW + 1),
        setting("reduced", NOW + 2, reason="a"),
        setting("maintenance", NOW + 2, reason="b"),
        setting("reduced", NOW, tenant="acme"),
    ]
    ends = set()
    for order in itertools.permutations(heard):
        settings = LevelSettings()
        for each in order:
            settings.take([each], NOW)
        ends.add(packed(sorted(settings.all(), key=lambda each: str(each.target))))
    assert len(ends) == 1


def test_a_new_one_is_later_than_what_another_clock_has_set() -> None:
    settings = LevelSettings()
    settings.take([setting("static", NOW + 3600)], NOW)
    later = settings.later(Target(), NOW)
    assert settings.take([setting("full", later)], NOW) == {Target()}
    assert level(settings) is None
    assert settings.later(Target("acme"), NOW) == NOW


def test_what_was_taken_back_long_ago_is_forgotten_and_never_too_much_is_known() -> None:
    settings = LevelSettings()
    settings.take([setting("full", NOW), setting("reduced", NOW, tenant="acme")], NOW)
    settings.take([setting("static", NOW + FORGOTTEN + 1, intent="track")], NOW + FORGOTTEN + 1)
    assert {each.target for each in settings.all()} == {Target("acme"), Target(None, "track")}
    settings.take([setting("full", NOW + number / 1000, tenant=f"t{number}") for number in range(MOST + 50)], NOW)
    assert len(settings.all()) == MOST
    assert {Target("acme"), Target(None, "track")} <= {each.target for each in settings.all()}


def test_targets_are_told_in_words() -> None:
    named = [Target(), Target("acme"), Target(None, "track"), Target("acme", "track")]
    assert [str(each) for each in named] == ["gateway", "tenant acme", "intent track", "tenant acme, intent track"]


def test_what_is_packed_is_read_again() -> None:
    settings = [setting("static", tenant="ä\x00", intent="i", until=NOW + 1, reason='"', by="ann"), setting("full")]
    assert unpacked(packed(settings)) == settings
    assert unpacked(packed(settings).decode()) == settings


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"{",
        b"{}",
        b"[1]",
        b'[{"level":"off","at":1}]',
        b'[{"level":"static"}]',
        b'[{"level":"static","at":-1}]',
        b'[{"level":"static","at":1e300}]',
        b'[{"level":"static","at":1,"until":1e300}]',
        b'[{"level":"static","at":NaN}]',
        b'[{"level":"static","at":1,"tenant":""}]',
        b"\xff\xfe",
        "\udcff",
        b"[" * 100_000,
    ],
)
def test_anything_else_is_refused(written: bytes | str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- whatever can't be read, for whatever reason
        unpacked(written)
