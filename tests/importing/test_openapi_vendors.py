"""Vendors' own descriptions: they import, what is written loads, and nearly all of their operations can be called."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest

from gateway.app import prepare
from gateway.importing.files import write
from gateway.importing.openapi import Imported, import_openapi
from gateway.sources.openapi_document import DocumentFault
from tests.importing.vendors import Backend, directory, github, sample

pytestmark = pytest.mark.service

SMALL = ("xkcd.com.json", "spotify.com.json", "twilio.com/api.json", "slack.com.json", "amazonaws.com/translate.json")
SECONDS = 10.0
"""For one document: reading it, and all that is drafted."""


def imported(file: Path, folder: Path, *only: str) -> Imported:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "gateway.yaml").write_text("gateway: shop\nidentity: [{anonymous: {roles: [anonymous]}}]\n", encoding="utf-8")
    result = import_openapi(file, folder=folder, name="vendor", only=only)
    write(folder, result.files, force=False)
    return result


def errors(folder: Path) -> list[str]:
    return [f"{each.code} {each.message}" for each in prepare(folder, environ={}).problems if each.severity == "error"]


async def test_githubs_description(tmp_path: Path) -> None:
    result = imported(github(), tmp_path)
    reasons = {offered.name: offered.reason for offered in result.operations if offered.reason is not None}
    assert len(result.operations) > 1_000
    assert reasons == {
        "repos/upload-release-asset": "bodies of type `application/octet-stream` are not supported; JSON, forms and text are"
    }
    assert result.draft is not None
    begun = time.perf_counter()
    assert errors(tmp_path) == []
    assert time.perf_counter() - begun < 2


async def test_githubs_operations_can_be_called() -> None:
    backend = Backend(github())
    names = [name for name in backend.source.names() if name.startswith(("issues/", "repos/", "code-scanning/"))]
    reasons = {name: reason for name in names[:300] if (reason := await backend.reason(name)) is not None}
    assert reasons.keys() <= {"repos/upload-release-asset"}


@pytest.mark.parametrize("name", SMALL)
async def test_small_descriptions(tmp_path: Path, name: str) -> None:
    result = imported(directory() / name, tmp_path)
    assert errors(tmp_path) == []
    backend = Backend(directory() / name)
    for offered in result.operations:
        assert await backend.reason(offered.name) == offered.reason, offered.line


@pytest.mark.slow
async def test_a_sample_of_the_directory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    total = good = 0
    shares: list[float] = []
    reasons: Counter[str] = Counter()
    slowest = (0.0, "")
    for number, file in enumerate(sample()):
        name = file.relative_to(directory()).as_posix()
        begun = time.perf_counter()
        try:
            result = imported(file, tmp_path / str(number))
        except DocumentFault as fault:
            assert "describes no operation" in fault.message, name  # noqa: PT017 - the only fault that a sound file may have
            continue
        slowest = max(slowest, (time.perf_counter() - begun, name))
        assert errors(tmp_path / str(number)) == [], name
        backend = Backend(file)
        for offered in result.operations:
            reason = await backend.reason(offered.name)
            reasons.update([reason] if reason is not None else [])
            assert offered.reason is None or offered.reason == reason, f"{name}: {offered.line}"
        bad = sum(offered.reason is not None for offered in result.operations)
        shares.append(1 - bad / len(result.operations))
        total += len(result.operations)
    good = total - reasons.total()
    with capsys.disabled():
        print(f"\n{len(shares)} documents, {total} operations, {good / total:.2%} can be called, {sum(shares) / len(shares):.2%} of a")
        print(f"document's on average; slowest import {slowest[0]:.1f} s ({slowest[1]}). The others:")
        print("\n".join(f"{count:6} {reason}" for reason, count in reasons.most_common()))
    assert good / total >= 0.95
    assert sum(shares) / len(shares) >= 0.95
    assert slowest[0] < SECONDS
