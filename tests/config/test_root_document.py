"""`gateway.yaml` and its overlays."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.config.root_document import RootDocument
from gateway.config.strict_yaml import YamlFile, read_yaml
from gateway.sdk.problem import Place, Problem


def load(folder: Path, env: str | None = None, **files: str) -> tuple[RootDocument, list[Problem]]:
    for name, text in files.items():
        (folder / f"{name.replace('_', '.')}.yaml").write_text(text)
    problems: list[Problem] = []

    def read(name: str, content: bytes) -> YamlFile:
        found = read_yaml(name, content)
        problems.extend(found.problems)
        return found

    root = RootDocument(folder, read)
    root.load(env)
    return root, [*problems, *root.problems]


def test_one_document(tmp_path: Path) -> None:
    root, problems = load(tmp_path, gateway="gateway: x\n")
    assert root.draft is not None
    assert (root.draft.document.data, root.draft.document.file, problems) == ({"gateway": "x"}, "gateway.yaml", [])


def test_an_overlay_is_laid_over_it(tmp_path: Path) -> None:
    text = "gateway: x\nserver: {port: 80, host: a}\nsummary: s\n"
    root, problems = load(tmp_path, "prod", gateway=text, gateway_prod="server:\n  port: 81\nsummary: null\n")
    assert root.draft is not None
    assert problems == []
    assert root.draft.document.data == {"gateway": "x", "server": {"port": 81, "host": "a"}}
    assert root.draft.document.place(("server", "port")) == Place("gateway.prod.yaml", 2, 9, 11)
    assert root.draft.document.place(("server", "host")) == Place("gateway.yaml", 2, 26, 27)


def test_an_overlay_is_not_laid_without_being_asked_for(tmp_path: Path) -> None:
    root, _ = load(tmp_path, gateway="gateway: x\n", gateway_prod="gateway: y\n")
    assert root.draft is not None
    assert root.draft.name == "x"


def test_no_folder_and_no_file_are_one_problem_each(tmp_path: Path) -> None:
    root, problems = load(tmp_path / "nowhere")
    assert (root.exists, [problem.message for problem in problems]) == (False, ["there is no such folder"])
    root, problems = load(tmp_path)
    assert (root.exists, [(problem.code, problem.place) for problem in problems]) == (False, [("GW020", Place("gateway.yaml", 1, 1, 1))])
    (tmp_path / "gateway.yml").write_text("gateway: x\n")
    _, problems = load(tmp_path)
    assert problems[0].hint == "rename `gateway.yml`"


@pytest.mark.parametrize(
    ("env", "hint"),
    [("prdo", "did you mean `prod`?"), ("zzzzz", "known here: prod, staging"), ("../../etc/x", "known here: prod, staging")],
)
def test_an_unknown_environment(tmp_path: Path, env: str, hint: str) -> None:
    root, problems = load(tmp_path, env, gateway="gateway: x\n", gateway_prod="{}\n", gateway_staging="{}\n")
    assert [(problem.code, problem.hint) for problem in problems] == [("GW021", hint)]
    assert root.draft is not None


def test_nothing_known_nothing_suggested(tmp_path: Path) -> None:
    _, (problem,) = load(tmp_path, "prod", gateway="gateway: x\n")
    assert problem.hint is None


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("", ["GW012"]),
        ("# nothing\n", ["GW012"]),
        ("---\n", ["GW012", "GW012"]),
        ("- a\n", ["GW013"]),
        ("a: [\n", ["GW003"]),
        ("gateway: x\n---\nsource: y\n---\nb: [\n", ["GW003", "GW122", "GW122"]),
    ],
)
def test_what_is_not_one_mapping(tmp_path: Path, text: str, codes: list[str]) -> None:
    root, problems = load(tmp_path, gateway=text)
    assert [problem.code for problem in problems] == codes
    assert root.exists


def test_faults_of_an_overlay_are_told_and_the_rest_is_there(tmp_path: Path) -> None:
    root, problems = load(tmp_path, "prod", gateway="gateway: x\n", gateway_prod="server: {port: 007}\n")
    assert [(problem.code, problem.place.file) for problem in problems] == [("GW010", "gateway.prod.yaml")]
    assert root.draft is not None
    assert root.draft.is_broken_at(("server", "port"))
    root, problems = load(tmp_path, "prod", gateway="gateway: x\n", gateway_prod="server: [\n")
    assert [problem.code for problem in problems] == ["GW003"]
    assert root.draft is not None


def test_a_folder_in_its_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "gateway.yaml").mkdir()
    root, problems = load(tmp_path)
    assert (root.draft, [problem.code for problem in problems]) == (None, ["GW001"])
