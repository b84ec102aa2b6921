from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli import main
from tests.cli.conftest import Run, write


def test_a_sound_folder_says_nothing_on_stdout(run: Run, folder: Path) -> None:
    result = run("check", "-C", folder)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "0 errors, 0 warnings: ready to serve\n"


def test_every_problem_is_shown(run: Run, broken: Path) -> None:
    result = run("check", "-C", broken)
    assert result.exit_code == 3
    assert result.stdout.startswith("warning[GW110]: `soft_deadline`")
    assert "error[GW101]: unknown key `timout` in intent `bad`\n --> specs/bad.yaml:3:1\n" in result.stdout
    assert result.stderr == "1 error, 1 warning: refused\n"


def test_warnings_alone_are_no_refusal(run: Run, tmp_path: Path) -> None:
    late = "intent: late\naccess: {roles: [staff]}\nsoft_deadline: 1s\noutput: {}\n"
    result = run("check", "-C", write(tmp_path, **{"specs/late.yaml": late}))
    assert result.exit_code == 0
    assert "GW110" in result.stdout
    assert result.stderr == "0 errors, 1 warning: ready to serve\n"


def test_json_is_data(run: Run, broken: Path) -> None:
    result = run("check", "-C", broken, "--format", "json")
    assert (result.exit_code, result.stderr) == (3, "")
    found = json.loads(result.stdout)
    assert found["schema_version"] == 1
    assert [problem["code"] for problem in found["problems"]] == ["GW110", "GW101"]
    place = {"file": "specs/bad.yaml", "line": 3, "column": 1, "end": 7, "path": ["timout"]}
    text = {"message": "unknown key `timout` in intent `bad`", "hint": None}
    assert found["problems"][1] == {"code": "GW101", "severity": "error", **place, **text}


def test_a_folder_without_a_configuration(run: Run, tmp_path: Path) -> None:
    result = run("check", "-C", tmp_path)
    assert result.exit_code == 3
    assert "GW020" in result.stdout


MANY = {
    "gateway.yaml": "gateway: shop\nidentity: [{anonymous: {roles: [anonymous]}}, {api_key: {kys: [{hash: 'sha256:c0ab2538'}]}}]\n",
    "specs/many.yaml": "intent: many\nsumary: Größe\naccess: {roles: [staff]}\nsteps: {a: {call: stores.hous}}\noutput: ${ steps.a }\n",
}


@pytest.mark.parametrize(("form", "expected"), [("json", '{\n  "schema_version": 1,\n  "problems": []\n}\n'), ("github", "")])
def test_nothing_wrong_is_an_empty_document(form: str, expected: str, run: Run, folder: Path) -> None:
    result = run("check", "-C", folder, "--format", form)
    assert (result.exit_code, result.stdout, result.stderr) == (0, expected, "")


def test_nothing_wrong_is_a_log_without_results(run: Run, folder: Path) -> None:
    log = json.loads(run("check", "-C", folder, "--format", "sarif").stdout)
    assert (log["version"], log["runs"][0]["results"], log["runs"][0]["tool"]["driver"]["rules"]) == ("2.1.0", [], [])


def test_no_color_off_a_terminal_or_where_it_is_not_wanted(run: Run, broken: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b" not in run("check", "-C", broken).stdout
    assert "\x1b[1;31m" in run("check", "-C", broken, "--color", "always").stdout
    for form in ("json", "sarif", "github"):
        assert "\x1b" not in run("check", "-C", broken, "--color", "always", "--format", form).stdout


def test_fix_mends_and_shows_what_is_left(run: Run, tmp_path: Path) -> None:
    folder = write(tmp_path, **MANY)
    result = run("check", "-C", folder, "--fix")
    assert result.exit_code == 3
    mended, _, left = result.stdout.partition("\nerror")
    assert mended == "mended specs/many.yaml:2:1 `sumary` → `summary`\nmended specs/many.yaml:4:26 `hous` → `hours`"
    assert left.startswith("[GW101]: unknown key `kys`")
    assert result.stderr == "1 error, 0 warnings: refused\n"
    assert "summary: Größe" in (folder / "specs/many.yaml").read_text(encoding="utf-8")


def test_fix_of_everything_ends_well(run: Run, tmp_path: Path) -> None:
    folder = write(tmp_path, **{"specs/many.yaml": MANY["specs/many.yaml"]})
    result = run("check", "-C", folder, "--fix", "--format", "json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "schema_version": 1,
        "problems": [],
        "mended": [
            {"code": "GW101", "file": "specs/many.yaml", "line": 2, "column": 1, "end": 7, "old": "sumary", "new": "summary"},
            {"code": "GW223", "file": "specs/many.yaml", "line": 4, "column": 26, "end": 30, "old": "hous", "new": "hours"},
        ],
        "refused": None,
    }
    again = run("check", "-C", folder, "--fix", "--format", "json")
    assert json.loads(again.stdout)["mended"] == []


@pytest.mark.parametrize("form", ["sarif", "github"])
def test_what_was_mended_is_told_beside_other_forms(form: str, run: Run, tmp_path: Path) -> None:
    folder = write(tmp_path, **{"specs/many.yaml": MANY["specs/many.yaml"]})
    result = run("check", "-C", folder, "--fix", "--format", form)
    assert "sumary" not in result.stdout
    assert result.stderr.count("mended specs/many.yaml:") == 2


CANARY = "canary-7f3a9c"
LEAKS = {
    "gateway.yaml": f"""
gateway: shop
identity: [{{anonymous: {{roles: [anonymous]}}}}, {{api_key: {{keys: [{{hash: 'sha256:{CANARY}', usr: 1}}]}}}}]
""",
    "specs/leaks.yaml": f"""
source: erp
type: http
servers: ["${{ env.LEAK_URL }}", 7]
timeout: ${{ env.LEAK_TIMEOUT }}
auth: {{basic: {{username: "${{ secret.leak }}", pasword: {CANARY}, pass_word: "{CANARY}"}}}}
headers: {{X-Own: {CANARY}, X-Next: "${{ secret.leak_file }}", X-Bad: [1]}}
proxy: http://user:{CANARY}@proxy.test:80 80
operations: {{a: {{request: GET /a, tmeout: 1s, cache: {{ttl: "${{ env.LEAK_TIMEOUT }}"}}}}}}
---
source: broken
type: http
auth: {{basic: {{username: u, password: !{CANARY} x}}}}
---
source: sql
type: sql
url: {CANARY}://nowhere
client_secret: |
  {CANARY}
   {CANARY}
oprations: {{}}
---
source: other
type: event
url: ["kafka://a:{CANARY}@b"
""",
}


@pytest.mark.parametrize("options", [(), ("--fix",)])
def test_no_secret_is_in_any_form(options: tuple[str, ...], run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEAK_URL", f"http://{CANARY}.test:port")
    monkeypatch.setenv("LEAK_TIMEOUT", CANARY)
    monkeypatch.setenv("GATEWAY_SECRET_LEAK", CANARY)
    monkeypatch.setenv("GATEWAY_SECRETS_DIR", str(tmp_path / "secrets"))
    folder = write(tmp_path / "folder", **LEAKS)
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/leak_file").write_text(f"{CANARY}\n")
    for form in ("text", "json", "sarif", "github"):
        result = run("check", "-C", folder, "--format", form, *options)
        assert result.exit_code == 3
        assert CANARY not in result.output + result.stderr
        assert all(code in result.stdout for code in ("GW003", "GW006", "GW101", "GW102", "GW105"))
    refused = run("list", "-C", folder)
    assert refused.exit_code == 3
    assert CANARY not in refused.output + refused.stderr


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github"])
def test_a_terminal_without_unicode_is_no_crash(form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(tmp_path, **MANY, **{"specs/umlaut.yaml": "intent: a\noutput: {}\nGrößße: 日本\n"})
    result = CliRunner(charset="ascii").invoke(main, ["check", "-C", str(folder), "--fix", "--format", form])
    assert result.exit_code == 3
    assert result.stdout.isascii()
    assert "GW101" in result.stdout
