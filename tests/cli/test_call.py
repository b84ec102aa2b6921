from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest
from click.testing import Result

from gateway.cli import call
from tests.cli.conftest import Run


def answer(result: Result) -> Any:
    return json.loads(result.stdout)


def test_a_call_in_this_process(run: Run, folder: Path) -> None:
    result = run("call", "hours", "day=monday", "-C", folder)
    assert result.exit_code == 0
    assert answer(result)["data"] == {"day": "monday", "open": "09:00"}
    assert "steps" not in answer(result)["meta"]


def test_traced(run: Run, folder: Path) -> None:
    steps = answer(run("call", "hours", "-C", folder, "--trace"))["meta"]["steps"]
    assert steps["hours"]["status"] == "ok"


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("count=3", {"count": 3}),
        ('rows=[{"a": 1}]', {"rows": [{"a": 1}]}),
        ("text=a=b", {"text": "a=b"}),
        ("text=", {"text": ""}),
        ("text=[not json", {"text": "[not json"}),
        ("text=3", {"text": "3"}),
        ("text=" + "[" * 5000, {"text": "[" * 5000}),
    ],
)
def test_values_are_text_lists_or_objects(run: Run, folder: Path, written: str, value: dict[str, Any]) -> None:
    assert answer(run("call", "echo", written, "-C", folder))["data"] == value


@pytest.mark.parametrize(("intent", "status"), [("gw_status", 401), ("huors", 404)])
def test_a_problem_is_shown_and_told_by_the_exit_code(run: Run, folder: Path, intent: str, status: int) -> None:
    result = run("call", intent, "-C", folder)
    assert result.exit_code == 1
    assert answer(result)["status"] == status


def test_an_input_against_its_schema(run: Run, folder: Path) -> None:
    result = run("call", "echo", "count=many", "-C", folder)
    assert (result.exit_code, answer(result)["status"]) == (1, 422)


def test_what_is_no_pair_is_a_usage_error(run: Run, folder: Path) -> None:
    result = run("call", "hours", "monday", "-C", folder)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", "`monday` is not KEY=VALUE\n")


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "127.0.0.1:1", "ftp://127.0.0.1", "http://[", "http://no-such-host.invalid"])
def test_no_gateway_there(run: Run, url: str) -> None:
    result = run("call", "hours", "--url", url)
    assert (result.exit_code, result.stdout, result.stderr) == (5, "", f"no gateway answers at {url}\n")


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"", b"[" * 100_000, b"\xff"])
def test_what_answers_is_no_gateway(run: Run, monkeypatch: pytest.MonkeyPatch, body: bytes) -> None:
    async def answers(*_: Any) -> httpx2.Response:
        return httpx2.Response(200, content=body)

    monkeypatch.setattr(call, "_ask_there", answers)
    result = run("call", "hours", "--url", "http://shop.test")
    assert (result.exit_code, result.stdout, result.stderr) == (5, "", "what answers at http://shop.test is no gateway\n")
