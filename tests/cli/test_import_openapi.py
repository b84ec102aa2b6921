from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from tests.cli.conftest import Run
from tests.importing.described import PET, answering, operation, path, query, written

ROOT_DOCUMENT = "gateway: shop\nidentity: [{anonymous: {roles: [anonymous]}}]\n"
PATHS = {
    "/pets": {"get": operation("pets/list", query("page", "integer"), responses=answering({"type": "array", "items": PET}))},
    "/pets/{id}": {
        "get": operation("pets/get", path("id"), responses=answering(PET)),
        "put": operation("pets/photo", path("id"), requestBody={"content": {"image/png": {}}}),
    },
}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "gateway.yaml").write_text(ROOT_DOCUMENT, encoding="utf-8")
    return folder


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return written(tmp_path, PATHS, "vendor/pets.json")


def test_the_table_and_the_files(run: Run, config: Path, file: Path) -> None:
    result = run("-C", config, "import", "openapi", file, "--name", "pets")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "GET /pets       read   pets.pets/list",
        "GET /pets/{id}  read   pets.pets/get",
        "PUT /pets/{id}  write  can't be called: bodies of type `image/png` are not supported; JSON, forms and text are",
        "2 of 3 operations can be called",
        "proposed: paginate for pets/list: it takes page",
    ]
    assert result.stderr.splitlines() == [
        "wrote openapi/pets.json",
        "wrote specs/sources/pets.yaml",
        "wrote specs/intents/pets_pets_get.yaml",
        "next: say in specs/intents/pets_pets_get.yaml who may use it, then run `gateway check`",
    ]
    checked = run("check", "-C", config)
    assert checked.exit_code == 0
    assert "0 errors" in checked.stderr
    assert "pets_pets_get" in run("list", "-C", config).stdout


def test_a_second_run_changes_nothing_and_a_changed_file_is_kept(run: Run, config: Path, file: Path) -> None:
    arguments = ("import", "openapi", file, "--name", "pets", "-C", config)
    assert run(*arguments).exit_code == 0
    again = run(*arguments)
    assert again.exit_code == 0
    assert "wrote" not in again.stderr
    intent = config / "specs" / "intents" / "pets_pets_get.yaml"
    intent.write_text("mine", encoding="utf-8")
    refused = run(*arguments)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr == (
        "there already, with another content: specs/intents/pets_pets_get.yaml (--force writes over them; --dry-run shows what would be)\n"
    )
    assert intent.read_text(encoding="utf-8") == "mine"
    forced = run(*arguments, "--force")
    assert "wrote specs/intents/pets_pets_get.yaml\n" in forced.stderr
    assert intent.read_text(encoding="utf-8") != "mine"


def test_dry_run_writes_nothing(run: Run, tmp_path: Path, file: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    result = run("import", "openapi", file, "--name", "pets", "-C", empty, "--dry-run")
    assert result.exit_code == 0
    assert "\n--- specs/sources/pets.yaml\n" in result.stdout
    assert "\nintent: pets_pets_get\n" in result.stdout
    assert list(empty.iterdir()) == []


def test_as_data(run: Run, config: Path, file: Path) -> None:
    result = run("import", "openapi", file, "--name", "pets", "-C", config, "--format", "json", "--dry-run", "--only", "pets/*")
    record = json.loads(result.stdout)
    assert (record["schema_version"], record["source"], record["spec"], record["intent"]) == (
        1,
        "pets",
        "openapi/pets.json",
        "pets_pets_get",
    )
    assert record["operations"][0] == {
        "name": "pets/list", "method": "GET", "path": "/pets", "effect": "read", "call": "pets.pets/list", "reason": None,
    }  # fmt: skip
    assert record["operations"][2]["call"] is None
    assert record["proposals"][0]["value"] == {"style": "page", "items": "body", "param": "page"}
    description, source, intent = record["files"]
    assert description == {"name": "openapi/pets.json"}
    assert yaml.safe_load(source["text"])["spec"] == "openapi/pets.json"
    assert yaml.safe_load(intent["text"])["intent"] == "pets_pets_get"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"openapi": "3.1.0",\n "paths": }', "`bad.json` is not valid JSON, line 2, column 11\n"),
        ('{"openapi": "3.1.0", "paths": {', "`bad.json` is not valid JSON: it ends too early\n"),
        ('{"a": ' + "[" * 100_000, "`bad.json` is not valid JSON: it is nested too deeply\n"),
        ('{"openapi": "9.0"}', "`bad.json` has version 9.0 (descriptions of OpenAPI 3.0, 3.1 and Swagger 2.0 can be read)\n"),
        ('{"openapi": "3.1.0"}', "`bad.json` describes no operation (operations stand under `paths`)\n"),
        ("a: [", "`bad.json` is not valid YAML, line 2\n"),
    ],
)
def test_bad_files(run: Run, config: Path, tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "bad.json").write_text(content + "\n", encoding="utf-8")
    result = run("import", "openapi", tmp_path / "bad.json", "--name", "pets", "-C", config)
    assert (result.exit_code, result.stdout, result.stderr) == (3, "", said)
    assert [entry.name for entry in config.iterdir()] == ["gateway.yaml"]


def test_usage(run: Run, config: Path, tmp_path: Path, file: Path) -> None:
    assert run("import", "openapi", tmp_path / "gone.json", "--name", "pets", "-C", config).exit_code == 2
    assert run("import", "openapi", file, "-C", config).exit_code == 2
    for name in ("Pets", "1a", "a-b", "", "a\n"):
        assert run("import", "openapi", file, "--name", name, "-C", config).exit_code == 2, name
    unknown = run("import", "openapi", file, "--name", "pets", "-C", config, "--only", "pets/lst")
    assert (unknown.exit_code, unknown.stderr) == (2, "no operation is called `pets/lst` (did you mean `pets/list`?)\n")
    elsewhere = run("import", "openapi", file, "--name", "pets", "-C", tmp_path)
    assert (elsewhere.exit_code, elsewhere.stderr) == (
        2, "there is no gateway.yaml here (give its folder with -C, or look first with --dry-run)\n",
    )  # fmt: skip


def test_a_folder_that_cannot_be_written(run: Run, config: Path, file: Path) -> None:
    (config / "specs").write_text("a file", encoding="utf-8")
    result = run("import", "openapi", file, "--name", "pets", "-C", config)
    assert result.exit_code == 2
    assert "can't be written" in result.stderr


@pytest.mark.parametrize("form", ["text", "json"])
def test_nothing_acts_on_a_terminal(run: Run, config: Path, tmp_path: Path, form: str) -> None:
    evil = "\x1b[2J\r\x9b31m\u202e"
    paths = {f"/a{evil}": {"get": operation(f"x{evil}"), "put": operation(requestBody={"content": {f"a/{evil}": {}}})}}
    file = written(tmp_path, {**paths, "/b": {"get": operation("b", {**query("q"), "description": evil}, summary=evil)}})
    result = run("import", "openapi", file, "--name", "pets", "-C", config, "--format", form, "--dry-run")
    assert result.exit_code == 0
    assert all(line.isprintable() for line in (result.stdout + result.stderr).split("\n"))


def test_force_follows_no_links(run: Run, config: Path, tmp_path: Path, file: Path) -> None:
    (tmp_path / "outside").mkdir()
    (config / "specs").symlink_to(tmp_path / "outside", target_is_directory=True)
    result = run("import", "openapi", file, "--name", "pets", "-C", config, "--force")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "links or folders are in the way: specs/sources/pets.yaml" in result.stderr
    assert list((tmp_path / "outside").iterdir()) == []
