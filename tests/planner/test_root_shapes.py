from __future__ import annotations

from typing import Any

import pytest

from gateway import builtins
from gateway.config.models import Gateway
from gateway.expressions import Label, schema_of
from gateway.expressions.shape import ANY
from gateway.planner import root_shapes
from gateway.planner.roots import CONTEXT_FIELDS, ERROR_FIELDS, META_FIELDS, SESSION_FIELDS, TENANT_FIELDS
from gateway.sdk import Component, Model

FIXED = {"id", "roles", "groups", "scopes", "acr", "amr", "auth_time", "issuer", "claims"}
PLUGIN = Component(kind="identity", name="badge", Config=Model, build=None, summary="", example="", trust="plugin")


@pytest.mark.parametrize(
    ("identity", "further", "any_other"),
    [
        ([], set(), False),
        ([{"anonymous": {"roles": ["anonymous"]}}], set(), False),
        ([{"api_key": {"keys": [{"user": {"id": "a", "branch": 7}}, {"user": {"desk": "x"}}, {"hash": "y"}]}}], {"branch", "desk"}, False),
        ([{"jwt": {"issuer": "i", "claims": {"customer_id": "sub", "roles": "realm.roles"}}}], {"customer_id"}, False),
        ([{"api_key": {"keys": [{"user": {"a": 1}}]}}, {"jwt": {"claims": {"b": "c"}}}], {"a", "b"}, False),
        ([{"badge": {}}], set(), True),
        ([{"nobody_knows": {"claims": {"a": "b"}}}], {"a"}, True),
        ([{"api_key": None}, {"jwt": {"claims": None}}, {"api_key": {"keys": ["x", {"user": 1}]}}], set(), False),
    ],
)
def test_a_user_has_what_identities_name(identity: list[dict[str, Any]], further: set[str], any_other: bool) -> None:
    components = {**builtins.components(), ("identity", "badge"): PLUGIN}
    user = root_shapes.user(Gateway(gateway="g", identity=identity), components)
    assert set(user.names) == FIXED | further
    assert (user.member("whatever") is not None) is any_other


def test_without_a_gateway_nothing_is_known_of_users() -> None:
    assert root_shapes.user(None, {}).open


def test_what_is_always_a_list_is_no_null() -> None:
    user = root_shapes.user(Gateway(gateway="g"), {})
    assert [schema_of(user.member(name) or ANY) for name in ("roles", "groups", "scopes")] == [
        {"type": "array", "items": {"type": "string"}}
    ] * 3
    assert user.member("claims") is ANY


def test_closed_roots_have_the_members_of_the_language() -> None:
    assert set(root_shapes.CONTEXT.names) == CONTEXT_FIELDS
    assert set(root_shapes.TENANT.names) == TENANT_FIELDS
    assert set(root_shapes.SESSION.names) == SESSION_FIELDS
    assert set(root_shapes.META.names) == META_FIELDS
    assert set(root_shapes.error().names) == ERROR_FIELDS


def test_an_error_tells_what_the_backend_said() -> None:
    label = Label("pii", "crm.contact")
    error = root_shapes.error(frozenset({label}))
    told = {name: shape.labels for name in error.names if (shape := error.member(name)) is not None and shape.labels}
    assert told == {"detail_code": {label}}


def test_a_request_has_the_names_of_its_path() -> None:
    request = root_shapes.request(["order_id"])
    path = request.member("path")
    assert path is not None
    assert (path.names, path.open) == (("order_id",), False)
    assert all((request.member(name) or ANY).open for name in ("query", "headers", "body"))
