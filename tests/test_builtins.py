"""Every built-in component is there under its name, declares itself, and costs nothing before it is used."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gateway.builtins import BUILTINS, components
from gateway.pipeline.phases import PHASES
from gateway.planner.assembly import STAGES
from gateway.planner.backends import INTERCEPTORS


@pytest.mark.parametrize("key", BUILTINS, ids=".".join)
def test_what_a_line_names_is_there(key: tuple[str, str]) -> None:
    component = components()[key]
    assert (component.kind, component.name) == key
    assert component.summary.endswith(".")
    assert component.example
    assert (component.build is None) is (component.status != "ready")
    assert component.trust == "builtin"


def test_the_planner_s_chains_are_made_of_these() -> None:
    assert {name for kind, name in BUILTINS if kind == "stage"} == set(STAGES)
    assert {name for kind, name in BUILTINS if kind == "interceptor"} == set(INTERCEPTORS)
    assert all(components()["stage", name].phase in PHASES for name in STAGES)


def test_it_is_a_mapping() -> None:
    found = components()
    assert list(found) == list(BUILTINS)
    assert len(found) == len(BUILTINS)
    assert ("source", "http") in found
    assert ("source", "htpp") not in found
    assert found["source", "http"] is found["source", "http"]
    with pytest.raises(KeyError):
        _ = found["source", "htpp"]


def test_what_is_not_in_use_is_not_imported() -> None:
    program = "import sys; from gateway.builtins import components; components()['source', 'static']; print('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "False\n"
