"""Credentials are taken out of what comes back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sdk import Response
from gateway.sources.decoding import decode_body
from gateway.sources.redaction import BLOT, SHORTEST, Redaction

JSON_TYPE = {"content-type": "application/json"}


def cleaned(secrets: list[str], body: bytes, headers: dict[str, str] | None = None) -> Response:
    headers = {**JSON_TYPE, **(headers or {})}
    redaction = Redaction(secrets)
    response = Response(decode_body(200, headers, body), 200, headers)
    return redaction.clean(response) if redaction.suspects(headers, body) else response


@pytest.mark.parametrize(
    ("body", "clean"),
    [
        (b'{"error": "no such token a+b/cdefgh=="}', {"error": f"no such token {BLOT}"}),
        (b'{"error": "no such token a\\u002bb\\/cdefgh\\u003d="}', {"error": f"no such token {BLOT}"}),
        (b'[["Bearer a+b/cdefgh=="], {"a+b/cdefgh==": 1, "x": null}]', [[f"Bearer {BLOT}"], {BLOT: 1, "x": None}]),
        (b'"a+b/cdefgh==a+b/cdefgh=="', BLOT * 2),
        (b'{"cdefgh": "cdefgh"}', {"cdefgh": "cdefgh"}),
        (b'{"a": 1}', {"a": 1}),
    ],
)
def test_bodies(body: bytes, clean: Any) -> None:
    assert cleaned(["a+b/cdefgh=="], body).body == clean


def test_text_of_other_encodings() -> None:
    headers = {"content-type": "text/plain; charset=utf-16"}
    body = "it was a-long-secret".encode("utf-16")
    redaction = Redaction(["a-long-secret"])
    assert redaction.suspects(headers, body)
    assert redaction.clean(Response(decode_body(200, headers, body), 200, headers)).body == f"it was {BLOT}"


def test_headers() -> None:
    found = cleaned(["a-long-secret"], b"{}", {"www-authenticate": 'Bearer error="a-long-secret"', "etag": "1"})
    assert found.headers == {**JSON_TYPE, "www-authenticate": f'Bearer error="{BLOT}"', "etag": "1"}


def test_what_is_part_of_another_goes_last() -> None:
    assert cleaned(["password1", "user:password1"], b'["user:password1", "password1"]').body == [BLOT, BLOT]


def test_what_is_too_short_is_left_alone() -> None:
    assert cleaned(["orders", "x" * (SHORTEST - 1), ""], b'["orders", "xxxxxxx"]').body == ["orders", "xxxxxxx"]


def test_most_answers_are_only_searched() -> None:
    assert not Redaction(["a-long-secret"]).suspects({"a": "b"}, b'{"a": "long secret"}')
    assert not Redaction([]).suspects({}, b"\x00")
    assert "secret" not in repr(Redaction(["a-long-secret"]))


SECRETS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=SHORTEST, max_size=40)


@given(
    SECRETS, st.recursive(st.text(max_size=5), lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner), max_leaves=6)
)
def test_no_form_of_json_hides_a_secret(secret: str, around: Any) -> None:
    value = {"a": [around, f"x{secret}y"], f"k{secret}": secret}
    for body in (json.dumps(value), json.dumps(value, indent=1), json.dumps(value).replace("/", "\\/").replace("+", "\\u002b")):
        found = cleaned([secret], body.encode())
        assert secret not in [*found.body, *(text for text in found.body["a"] if isinstance(text, str)), *found.body.values()]
        assert found.body["a"][1] == f"x{BLOT}y"
