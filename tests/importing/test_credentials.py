from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.importing.credentials import credentials
from tests.importing.described import operation, surveyed

PATHS = {"/a": {"get": operation("a")}}


def told(folder: Path, scheme: Any) -> list[str]:
    return list(credentials(surveyed(folder, PATHS, components={"securitySchemes": {"s": scheme}}), "shop"))[1:]


@pytest.mark.parametrize(
    ("scheme", "line"),
    [
        ({"type": "http", "scheme": "Bearer"}, '  headers: {Authorization: "Bearer ${ secret.shop_token }"}'),
        ({"type": "apiKey", "in": "header", "name": "X-Key"}, '  headers: {X-Key: "${ secret.shop_key }"}'),
        ({"type": "apiKey", "in": "query", "name": "key"}, "  a key as `key` in the query: such keys can't be secrets yet"),
    ],
)
def test_ways(tmp_path: Path, scheme: Any, line: str) -> None:
    assert told(tmp_path, scheme) == [line]


def test_credentials_of_the_gateways_own(tmp_path: Path) -> None:
    (basic,) = told(tmp_path, {"type": "http", "scheme": "basic"})
    assert basic == '  auth: {basic: {username: "${ secret.shop_username }", password: "${ secret.shop_password }"}}'
    flows = {"clientCredentials": {"tokenUrl": "https://a.example/token"}}
    key, oauth = told(tmp_path, {"type": "oauth2", "flows": flows})
    assert key == "  auth:"
    assert oauth.startswith('    oauth2: {token_url: "https://a.example/token", client_id: "${ secret.shop_client_id }"')


def test_people_sign_in_elsewhere(tmp_path: Path) -> None:
    said, header = told(tmp_path, {"type": "oauth2", "flows": {"implicit": {"authorizationUrl": "https://a.example"}}})
    assert said == "  OAuth 2 for people. A token got elsewhere can be sent:"
    assert header == '  headers: {Authorization: "Bearer ${ secret.shop_token }"}'
    assert "no such way" in told(tmp_path, {"type": "mutualTLS"})[0]


def test_swagger_and_references(tmp_path: Path) -> None:
    definitions = {"old": {"type": "basic"}}
    survey = surveyed(tmp_path, PATHS, swagger="2.0", openapi=None, securityDefinitions=definitions)
    assert next(iter(credentials(survey, "shop"))) == "old:"
    schemes = {"a": {"$ref": "#/components/securitySchemes/b"}, "b": {"type": "http", "scheme": "bearer"}}
    lines = list(credentials(surveyed(tmp_path, PATHS, components={"securitySchemes": schemes}), "shop"))
    assert lines[1] == lines[3]


def test_none(tmp_path: Path) -> None:
    assert list(credentials(surveyed(tmp_path, PATHS), "shop")) == []


def test_titles_stay_on_their_line(tmp_path: Path) -> None:
    hostile = {"\nheaders: {A: b}": {"type": "apiKey", "in": "header", "name": "X\r\nY"}, "\x1b[31m": None}
    lines = list(credentials(surveyed(tmp_path, PATHS, components={"securitySchemes": hostile}), "shop"))
    assert all(line.isprintable() for line in lines)
