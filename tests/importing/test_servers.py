from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.importing.servers import base_url
from tests.importing.described import operation, surveyed

NOWHERE = "https://big-shop.invalid"


def url(folder: Path, **more: Any) -> tuple[str, bool]:
    return base_url(surveyed(folder, {"/a": {"get": operation("a")}}, **more), "big_shop")


@pytest.mark.parametrize(
    ("servers", "expected"),
    [
        (["https://a.example/v1/"], "https://a.example/v1"),
        (["http://a.example", "https://b.example"], "https://b.example"),
        (["http://a.example:8080/x%20y"], "http://a.example:8080/x%20y"),
        ([{"url": "https://{region}.a.example", "variables": {"region": {"default": "eu"}}}], "https://eu.a.example"),
    ],
)
def test_named(tmp_path: Path, servers: list[Any], expected: str) -> None:
    assert url(tmp_path, servers=[{"url": each} if isinstance(each, str) else each for each in servers]) == (expected, True)


@pytest.mark.parametrize(
    ("servers", "expected"),
    [
        ([{"url": "/v1/"}], f"{NOWHERE}/v1"),
        ([], NOWHERE),
        ("https://a.example", NOWHERE),
        ([{"url": "https://{region}.a.example"}], NOWHERE),
        ([{"url": "https://user:word@a.example"}], NOWHERE),
        ([{"url": "https://a.example' || env.HOME || 'x"}], NOWHERE),
        ([{"url": "https://a.example/${ env.HOME }"}], NOWHERE),
        ([{"url": "https://a.example/\nx: y"}], NOWHERE),
        ([{"url": "ftp://a.example"}, {"url": 7}, 8], NOWHERE),
        ([{"url": "//a.example/v1"}], NOWHERE),
    ],
)
def test_what_names_no_host_that_could_be_called(tmp_path: Path, servers: Any, expected: str) -> None:
    assert url(tmp_path, servers=servers) == (expected, False)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"host": "a.example", "basePath": "/v2", "schemes": ["http", "https"]}, ("https://a.example/v2", True)),
        ({"host": "a.example"}, ("https://a.example", True)),
        ({"basePath": "/v2"}, (f"{NOWHERE}/v2", False)),
        ({}, (NOWHERE, False)),
    ],
)
def test_swagger(tmp_path: Path, keys: dict[str, Any], expected: tuple[str, bool]) -> None:
    assert url(tmp_path, swagger="2.0", openapi=None, **keys) == expected
