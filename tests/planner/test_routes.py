from __future__ import annotations

from pathlib import Path

import pytest

from gateway.runtime.plan import RoutePlan
from tests.planner.folders import marked, own, planned

INTENT = """
intent: ask
input: {type: object, required: [id], additionalProperties: false, properties: {id: {type: string}}}
output: {id: "${ input.id }"}
---
"""


def routes(folder: Path, written: str) -> tuple[RoutePlan, ...]:
    return planned(folder, INTENT + written).plan.routes


def test_a_route_as_it_is_written(tmp_path: Path) -> None:
    (route,) = routes(
        tmp_path,
        """
route: one
match: {method: [GET, POST], path: "/orders/{order_id}"}
intent: ask
input: {id: "${ request.path.order_id }"}
access: {roles: [partner]}
respond: {status: 201, headers: {X-Id: "${ output.id }"}, body: "${ output }"}
""",
    )
    assert (route.name, route.methods, route.path, route.intent.name) == ("one", ("GET", "POST"), "/orders/{order_id}", "ask")
    assert route.input is not None
    assert route.input({"request": {"path": {"order_id": "7"}}}) == {"id": "7"}
    assert route.access is not None
    assert route.access.roles == {"partner"}
    assert route.respond_status is not None
    assert route.respond_status({}) == 201
    assert [(name, value({"output": {"id": "7"}})) for name, value in route.respond_headers] == [("x-id", "7")]
    assert route.respond_body is not None
    assert route.responds


def test_what_is_not_written_is_left_out(tmp_path: Path) -> None:
    (route,) = routes(tmp_path, "route: one\nmatch: {path: /a}\nintent: ask\n")
    assert (route.methods, route.input, route.access, route.responds) == (("GET",), None, None, False)


def test_a_proxy_is_checked_and_comes_later(tmp_path: Path) -> None:
    made = planned(tmp_path, INTENT + "route: through\nmatch: {path: /x/**}\nproxy: {source: erp}\n")
    assert [problem.code for problem in own(made)] == ["GW110"]
    assert made.plan.routes == ()


@pytest.mark.parametrize(
    ("written", "problems"),
    [
        ("route: one\nmatch: {path: /a}\nintent: aks\n", [("GW227", "aks")]),
        ("route: one\nmatch: {path: /v1}\nintent: ask\n", [("GW239", "/v1")]),
        ("route: one\nmatch: {path: /metrics/x}\nintent: ask\n", [("GW239", "/metrics/x")]),
        ("route: one\nmatch: {path: /v10}\nintent: ask\n", []),
        ('route: one\nmatch: {path: /a}\nintent: ask\ninput: {id: "1", ident: a}\n', [("GW224", "ident")]),
        ("route: one\nmatch: {path: /a}\nintent: ask\ninput: {ident: a}\n", [("GW225", "ask"), ("GW224", "ident")]),
        ('route: one\nmatch: {path: "/{a}"}\nintent: ask\ninput: {id: "${ request.path.b }"}\n', [("GW226", "b")]),
        ('route: one\nmatch: {path: "/{a}"}\nintent: ask\ninput: {id: "${ request.bdy }"}\n', [("GW226", "bdy")]),
        ("route: one\nmatch: {path: /a}\nintent: ask\naccess: {internal: true}\n", [("GW233", "internal")]),
        ("route: one\nmatch: {path: /a}\nintent: ask\nrespond: {status: 999}\n", [("GW104", "999")]),
        ("route: one\nmatch: {path: /a}\nintent: ask\nrespond: {status: 200 OK}\n", [("GW104", "200 OK")]),
        ("route: one\nmatch: {path: /a}\nintent: ask\nrespond: {headers: {Content-Length: 5}}\n", [("GW243", "Content-Length")]),
        ("route: one\nmatch: {path: /a}\nintent: ask\nrespond: {headers: {X Y: 5, X-Y: 5}}\n", [("GW243", "X Y")]),
        ("route: one\nmatch: {path: /a}\nintent: ask\n---\nroute: two\nmatch: {path: /a}\nintent: ask\n", [("GW238", "/a")]),
        ('route: one\nmatch: {path: "/{a}"}\nintent: ask\n---\nroute: two\nmatch: {path: "/{b}"}\nintent: ask\n', [("GW238", '"/{b}"')]),
        ("route: one\nmatch: {path: /a}\nintent: ask\n---\nroute: two\nmatch: {path: /a, method: POST}\nintent: ask\n", []),
        ('route: one\nmatch: {path: "/{a}"}\nintent: ask\n---\nroute: two\nmatch: {path: /a}\nintent: ask\n', []),
    ],
)
def test_what_is_told(tmp_path: Path, written: str, problems: list[tuple[str, str]]) -> None:
    assert marked(tmp_path, planned(tmp_path, INTENT + written)) == problems
