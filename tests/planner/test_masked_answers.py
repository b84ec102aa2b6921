"""What the masks of one intent are made of."""

from __future__ import annotations

from pathlib import Path

from gateway.runtime.masking import Rendered
from gateway.runtime.plan import IntentPlan
from gateway.runtime.replies import Replies
from tests.planner.masked_folders import masked

PII = "classification: pii, mask: partial"


def plan(folder: Path, specs: str, *rules: str) -> IntentPlan:
    found = masked(folder, f"intent: ask\nsteps: {{c: {{call: crm.contact}}}}\n{specs}\n", *rules).plan.catalogue.get("ask")
    assert found is not None
    return found


def test_only_what_rules_are_about_is_masked(tmp_path: Path) -> None:
    found = plan(
        tmp_path,
        'output: "${ steps.c.city }"\nreply: [{text: {en: "${ steps.c.name }", de: Hallo}, suggestions: ["${ steps.c.city }"]}]',
        PII,
    )
    assert found.shown is not None
    assert (found.shown.data, found.shown.errors) == (None, frozenset())
    assert isinstance(found.render, Replies)
    (form,) = found.render._forms
    assert isinstance(form.texts["en"], Rendered)
    assert not isinstance(form.texts["de"], Rendered)
    assert not isinstance(form.suggestions, Rendered)
    assert form.blocks is None


def test_what_a_sub_intent_is_called_with_is_never_masked(tmp_path: Path) -> None:
    found = plan(tmp_path, 'output: "${ steps.c.name }"', PII)
    assert not isinstance(found.output, Rendered)
    assert found.shown is not None
    assert isinstance(found.shown.data, Rendered)
    assert found.shown.data.plain is found.output


def test_an_intent_without_an_output_has_a_reply(tmp_path: Path) -> None:
    found = plan(tmp_path, "reply: To ${ steps.c.email }", PII)
    assert found.shown is not None
    assert found.shown.data is None


def test_the_published_output_is_true_of_what_is_masked(tmp_path: Path) -> None:
    rules = PII, "classification: hr, mask: remove"
    found = plan(tmp_path, 'output: {name: "${ steps.c.name }", pay: "${ steps.c.salary }", vip: "${ steps.c.vip }"}', *rules)
    assert found.output_schema["properties"] == {
        "name": {"type": "string"},
        "pay": {"type": ["null", "number"]},
        "vip": {"type": ["boolean", "null"]},
    }
