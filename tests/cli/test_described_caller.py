"""Whom `--as` describes, for every verb that takes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("role=stff", "unknown role: stff, did you mean staff?"),
        ("rol=staff", "unknown key: rol, did you mean role?"),
        ("tenant=defalt", "unknown tenant: defalt, did you mean default?"),
        ("tenant=acme", "unknown tenant: acme"),
        ("staff", "`staff` is not KEY=VALUE"),
        ("role=", "`role=` is not KEY=VALUE"),
    ],
)
@pytest.mark.parametrize("verb", [["explain", "hours"], ["list", "--access"]])
def test_a_caller_that_cannot_be(run: Run, folder: Path, verb: list[str], said: str, told: str) -> None:
    result = run(*verb, "-C", folder, "--as", said)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"{told}\n")
