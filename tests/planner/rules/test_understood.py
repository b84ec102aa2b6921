"""Whether all of a folder is understood."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.planner.rules.understood import understood
from gateway.testing.scenario import prepare


@pytest.mark.parametrize(
    ("specs", "whole"),
    [
        ("intent: ask\noutput: 1\n", True),
        ("intent: ask\nsoft_deadline: 1s\nconfirm: Sure?\noutput: 1\n", True),  # GW110 and GW111 are no misunderstanding
        ("intent: ask\noutptu: 1\n", False),
        ("intent: ask\noutput: ${ inptu.a }\n", False),
        ("intent: ask\nsteps: {a: {call: erp.order}}\noutput: ${ steps.a }\n", False),
    ],
)
def test_understood(tmp_path: Path, specs: str, whole: bool) -> None:
    assert understood(prepare(tmp_path, {"specs/a.yaml": specs}, {}).planned) is whole


def test_nothing_is_without_its_gateway(tmp_path: Path) -> None:
    assert not understood(prepare(tmp_path, {"gateway.yaml": "gatewya: x\n"}, {}).planned)
