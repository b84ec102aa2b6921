"""How soon a worker is replaced."""

from __future__ import annotations

from gateway.server.respawn import FIRST, LONGEST, SOUND, Respawn


def test_ever_later_where_workers_end_soon_and_at_once_again_where_they_lived() -> None:
    respawn = Respawn()
    waits = [respawn.wait(1.0) for _ in range(12)]
    assert waits[:4] == [FIRST, FIRST * 2, FIRST * 4, FIRST * 8]
    assert waits[-2:] == [LONGEST, LONGEST]
    assert respawn.wait(SOUND) == FIRST
    assert respawn.wait(0.0) == FIRST * 2


def test_two_crashes_in_a_row_are_mended_within_two_seconds() -> None:
    respawn = Respawn()
    assert sum(respawn.wait(0.0) for _ in range(4)) < 2
