"""What rules and accounts look at."""

from __future__ import annotations

from pathlib import Path

from tests.planner.folders import planned

ROLES = "policy: roles\nroles: {customer: {allow: ['intent:*']}}\n"


def test_only_intents_without_an_error_are_sound(tmp_path: Path) -> None:
    made = planned(tmp_path, "intent: a\noutput: 1\n---\nintent: b\noutput: ${ inptu }\n", roles=ROLES)
    assert [plan.name for _, plan in made.planned.sound_intents()] == ["a"]


def test_roles_are_those_of_access(tmp_path: Path) -> None:
    made = planned(tmp_path, "intent: a\noutput: 1\n", roles=ROLES)
    assert made.planned.roles is made.planned.access.roles
    assert list(made.planned.roles.names()) == ["customer"]
