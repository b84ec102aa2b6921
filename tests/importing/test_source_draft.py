from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.importing.proposals import Proposal
from gateway.importing.source_draft import source_draft
from tests.importing.described import operation, surveyed

PATHS = {"/a": {"get": operation("a")}}


def draft(folder: Path, *proposals: Proposal, **more: Any) -> str:
    return source_draft(surveyed(folder, PATHS, **more), "big_shop", "openapi/api.json", proposals)


def test_the_least(tmp_path: Path) -> None:
    assert draft(tmp_path, servers=[{"url": "https://a.example/v1"}]).splitlines()[3:] == [
        "source: big_shop",
        "summary: Pets",
        "type: openapi",
        "spec: openapi/api.json",
        "servers: [\"${ env.BIG_SHOP_URL || 'https://a.example/v1' }\"]",
    ]


def test_no_host_is_told(tmp_path: Path) -> None:
    *_, told, servers = draft(tmp_path).splitlines()
    assert told == "# The description names no host: set BIG_SHOP_URL. What stands here never answers."
    assert servers == "servers: [\"${ env.BIG_SHOP_URL || 'https://big-shop.invalid' }\"]"


def test_keys_in_force_are_written_and_others_wait(tmp_path: Path) -> None:
    text = draft(tmp_path, Proposal("a", "cache", {"ttl": "auto"}, ""), Proposal("b/c", "idempotency", {"header": "X-Key"}, ""))
    assert "\noperations: {b/c: {idempotency: {header: X-Key}}}\n" in text
    assert text.endswith("\n# operations: {a: {cache: {ttl: auto}}}\n")


def test_too_many_are_counted(tmp_path: Path) -> None:
    text = draft(tmp_path, *(Proposal(f"op{number}", "cache", {"ttl": "auto"}, "") for number in range(203)))
    assert text.endswith("# … and 3 more: import again with `--only` for those that you use.\n")
    assert "op199:" in text
    assert "op200:" not in text


def test_credentials_are_a_comment(tmp_path: Path) -> None:
    text = draft(tmp_path, components={"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}})
    assert text.endswith('#   token:\n#     headers: {Authorization: "Bearer ${ secret.big_shop_token }"}\n')


@pytest.mark.parametrize("title", [None, 7, "", "  "])
def test_without_a_title(tmp_path: Path, title: Any) -> None:
    assert "summary" not in draft(tmp_path, info={"title": title})


def test_a_title_is_no_template(tmp_path: Path) -> None:
    assert 'summary: "$${ env.HOME } shop"\n' in draft(tmp_path, info={"title": "${ env.HOME } shop"})
