"""A document on its way to a model."""

from __future__ import annotations

import pytest

from gateway.config.draft import Draft
from tests.config.yaml_texts import document


@pytest.mark.parametrize(
    ("text", "name", "version"),
    [("intent: a", "a", 1), ("intent: a\nversion: 3", "a", 3), ("intent: 5\nversion: true", None, 1), ("intent: [a]\nversion: x", None, 1)],
)
def test_name_and_version(text: str, name: str | None, version: int) -> None:
    draft = Draft("intent", document(text))
    assert (draft.name, draft.version, draft.failed) == (name, version, False)


def test_what_follows_from_a_fault_is_known() -> None:
    draft = Draft("intent", document("intent: a"), (("steps", "a"),))
    assert draft.failed
    assert draft.is_broken_at(("steps", "a"))
    assert draft.is_broken_at(("steps", "a", "call"))
    assert not draft.is_broken_at(("steps",))
    assert not draft.is_broken_at(("steps", "b"))


def test_a_silenced_draft_is_broken_everywhere() -> None:
    draft = Draft("intent", document("intent: a"))
    draft.silence()
    assert draft.failed
    assert draft.is_broken_at(())
    assert draft.is_broken_at(("version",))
