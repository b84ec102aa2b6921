"""Kinds of identity that come later: their configuration is modelled, and using one is refused."""

from __future__ import annotations

import pytest

from gateway.config.validate import validate
from gateway.policies.identity_kinds import components
from gateway.sdk import Component
from tests.config.written import COMPONENTS, document


@pytest.mark.parametrize("component", components, ids=lambda component: component.name)
def test_example_is_sound_and_refused(component: Component) -> None:
    """Nothing is wrong with it but that it would not protect yet; nothing can be built of it."""
    written = document(f"gateway: example\n{component.example}")
    problems = validate(written, "gateway", COMPONENTS)
    assert [(problem.code, problem.severity, problem.path) for problem in problems] == [
        ("GW111", "error", ("identity", 0, component.name)),
    ]
    assert (component.kind, component.status, component.build) == ("identity", "protects", None)


def test_names_are_unique() -> None:
    assert len({component.name for component in components}) == len(components) == 1
