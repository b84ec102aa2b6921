"""A field that is misspelt in a mask is told, with the one that was meant; where anything may be there, nothing is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.planner.masked_folders import masked


def told(folder: Path, output: str, *fields: str) -> list[tuple[str, str | None]]:
    specs = f"intent: ask\naccess: {{roles: [agent]}}\nsteps: {{c: {{call: crm.contact}}, r: {{call: crm.raw}}}}\noutput: {output}\n"
    rules = [f'fields: ["{field}"], mask: hash' for field in fields]
    made = masked(folder, specs, "classification: pii, mask: hash", "classification: hr, mask: hash", *rules)
    return [(problem.message.partition("`")[2].rstrip("`"), problem.hint) for problem in made.problems if problem.code == "GW504"]


@pytest.mark.parametrize("field", ["*.iban", "who.iban", "who", "who.*", "*.friends.kind", "*", "*.who.iban"])
def test_what_names_something_is_right(tmp_path: Path, field: str) -> None:
    assert told(tmp_path, '{who: "${ steps.c }"}', field) == []


@pytest.mark.parametrize(
    ("field", "hint"),
    [
        ("*.ibna", "did you mean `*.iban`?"),
        ("iban", "did you mean `*.iban`?"),
        ("who.frends.kind", None),
        ("*.zzz", "a name without `*.` before it is one at the top of an answer's data"),
    ],
)
def test_what_names_nothing_is_told(tmp_path: Path, field: str, hint: str | None) -> None:
    ((name, given),) = told(tmp_path, '{who: "${ steps.c }"}', field)
    assert name == field
    assert hint is None or given == hint


def test_where_data_has_no_schema_only_what_is_like_another_name_is_told(tmp_path: Path) -> None:
    assert [name for name, _ in told(tmp_path, '{who: "${ steps.c }", raw: "${ steps.r }"}', "*.ibna", "*.zzz")] == ["*.ibna"]


def test_of_a_folder_with_errors_nothing_is_told(tmp_path: Path) -> None:
    assert told(tmp_path, "${ steps.nobody }", "*.zzz") == []
