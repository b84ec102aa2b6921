"""The most specific path wins, by method."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.server.paths import segments_of
from gateway.server.router import Found, Router


def make(*routes: tuple[str, str]) -> Router[str]:
    router: Router[str] = Router()
    for method, template in routes:
        router.add(method, template, f"{method} {template}")
    return router


def find(router: Router[str], method: str, path: str) -> tuple[str, dict[str, str]] | tuple[str, ...]:
    found = router.find(method, segments_of(path.encode()))
    return (found.target, dict(found.parameters)) if isinstance(found, Found) else found


ROUTES = make(
    ("GET", "/orders/{order_id}"),
    ("DELETE", "/orders/{order_id}"),
    ("POST", "/orders/search"),
    ("GET", "/orders/{order_id}/lines/{line}"),
    ("GET", "/orders/mine/lines/**"),
    ("GET", "/files/**"),
    ("GET", "/files/*/raw"),
    ("POST", "/v1/chat"),
    ("GET", "/"),
    ("GET", "/dir/"),
)


@pytest.mark.parametrize(
    ("method", "path", "found"),
    [
        ("POST", "/v1/chat", ("POST /v1/chat", {})),
        ("GET", "/", ("GET /", {})),
        ("GET", "/orders/7", ("GET /orders/{order_id}", {"order_id": "7"})),
        ("GET", "/orders/a%20b", ("GET /orders/{order_id}", {"order_id": "a b"})),
        ("GET", "/orders/search", ("GET /orders/{order_id}", {"order_id": "search"})),
        ("POST", "/orders/search", ("POST /orders/search", {})),
        ("HEAD", "/orders/7", ("GET /orders/{order_id}", {"order_id": "7"})),
        ("GET", "/orders/7/lines/2", ("GET /orders/{order_id}/lines/{line}", {"order_id": "7", "line": "2"})),
        ("GET", "/orders/mine/lines/2", ("GET /orders/mine/lines/**", {})),
        ("GET", "/orders/mine/lines/2/3", ("GET /orders/mine/lines/**", {})),
        ("GET", "/files", ("GET /files/**", {})),
        ("GET", "/files/", ("GET /files/**", {})),
        ("GET", "/files/a/raw", ("GET /files/*/raw", {})),
        ("GET", "/files/a/b/raw", ("GET /files/**", {})),
        ("GET", "/dir/", ("GET /dir/", {})),
        ("GET", "/dir", ()),
        ("GET", "/orders/", ()),
        ("GET", "/orders", ()),
        ("GET", "/nothing", ()),
        ("GET", "/orders/7/lines", ()),
        ("PUT", "/orders/7", ("DELETE", "GET", "HEAD")),
        ("PUT", "/orders/search", ("DELETE", "GET", "HEAD", "POST")),
        ("GET", "/v1/chat", ("POST",)),
        ("HEAD", "/v1/chat", ("POST",)),
        ("get", "/files", ("GET", "HEAD")),
    ],
)
def test_what_answers(method: str, path: str, found: object) -> None:
    assert find(ROUTES, method, path) == found


@pytest.mark.parametrize(
    "second",
    [("GET", "/a/{id}"), ("GET", "/a/{other}"), ("POST", "/a/{other}")],
)
def test_an_address_that_is_taken_is_refused(second: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="already taken"):
        make(("GET", "/a/{id}"), second)


def test_the_rest_stands_at_the_end() -> None:
    with pytest.raises(ValueError, match="at the end"):
        make(("GET", "/a/**/b"))


@given(st.lists(st.sampled_from(["orders", "mine", "lines", "search", "files", "raw", "x", "7"]), min_size=1, max_size=6))
def test_what_is_found_fits_its_template(segments: list[str]) -> None:
    found = ROUTES.find("GET", tuple(segments))
    if isinstance(found, Found):
        template = found.target.removeprefix("GET /").split("/")
        rest = template[-1] == "**"
        fixed = template[:-1] if rest else template
        assert len(segments) >= len(fixed) if rest else len(segments) == len(fixed)
        assert all(part in (segment, "*") or part.startswith("{") for part, segment in zip(fixed, segments, strict=False))
