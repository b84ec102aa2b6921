"""What may not be done with a write."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.planner.rules.found import found

SOURCES = """
source: desk
type: fake
operations:
  read: {}
  put: {effect: write}
  keyed: {effect: write, idempotency: {}}
"""
INNER = "---\nintent: inner\naccess: {internal: true}\nsteps: {a: {call: desk.put}}\n"


@pytest.mark.parametrize(
    ("intent", "told"),
    [
        ("steps: {a: {call: desk.put}}", ["desk.put"]),
        ("steps: {a: {call: desk.put}, b: {call: desk.put}}", ["desk.put"]),
        ("idempotency_key: [user.id]\nsteps: {a: {call: desk.put}}", []),
        ("steps: {a: {call: desk.keyed}}", []),
        ("steps: {a: {call: desk.keyed}, b: {call: desk.put}}", ["desk.put"]),
        ("steps: {a: {emit: {to: desk.put, data: {}}}}", []),
        ("steps: {a: {call: desk.read, fallback: [{call: desk.put}]}}\noutput: ${ steps.a }", ["desk.put"]),
        ("steps: {a: {call: intent.inner}}", ["intent.inner"]),
        ("idempotency_key: [user.id]\nsteps: {a: {call: intent.inner}}", []),
        ("access: {internal: true}\nsteps: {a: {call: desk.put}}", []),
        ("steps: {a: {call: desk.read}}\noutput: ${ steps.a }", []),
    ],
)
def test_a_write_needs_a_key(tmp_path: Path, intent: str, told: list[str]) -> None:
    assert [word for _, word in found(tmp_path, f"intent: ask\n{intent}\n{INNER}", "GW311", sources=SOURCES)] == told


@pytest.mark.parametrize(
    ("operation", "told"),
    [
        ("effect: write, cache: {ttl: 1m}", ["cache"]),
        ("effect: write, hedge: {delay: 1s}", ["hedge"]),
        ("effect: write, retry: {max: 1}", ["retry"]),
        ("effect: write, retry: {max: 0}", []),
        ("effect: write, retry: {max: 1}, idempotency: {}", []),
        ("cache: {ttl: 1m}, hedge: {delay: 1s}, retry: {max: 1}", []),
    ],
)
def test_operations_that_write(tmp_path: Path, operation: str, told: list[str]) -> None:
    source = f"source: desk\ntype: fake\nretry: {{max: 1}}\noperations: {{any: {{{operation}}}}}\n"
    assert [word for _, word in found(tmp_path, "intent: ask\noutput: 1\n", "GW312", sources=source)] == told


@pytest.mark.parametrize(
    ("intent", "told"),
    [
        ("cache: {ttl: 1m}\nsteps: {a: {call: desk.keyed}}", ["cache"]),
        ("cache: {ttl: 1m}\nsteps: {a: {call: desk.read}}\noutput: ${ steps.a }", []),
        ("steps: {a: {call: desk.keyed, cache: {ttl: 1m}}}", ["cache"]),
        ("steps: {a: {call: desk.read, cache: {ttl: 1m}, retry: {max: 1}}}\noutput: ${ steps.a }", []),
        ("steps: {a: {call: desk.put, retry: {max: 1}}}", ["retry"]),
        ("steps: {a: {call: desk.keyed, retry: {max: 1}}}", []),
        ("steps: {a: {call: intent.inner, cache: {ttl: 1m}}}", ["cache"]),
    ],
)
def test_intents_and_steps_that_write(tmp_path: Path, intent: str, told: list[str]) -> None:
    assert [word for _, word in found(tmp_path, f"intent: ask\n{intent}\n{INNER}", "GW312", sources=SOURCES)] == told


@pytest.mark.parametrize(
    ("operation", "told"),
    [
        ("request: POST /a, effect: read", ["read"]),
        ("request: PUT /a, effect: read", ["read"]),
        ("request: PATCH /a, effect: read", ["read"]),
        ("request: DELETE /a, effect: read", ["read"]),
        ("request: POST /a", []),
        ("request: POST /a, effect: write", []),
        ("request: GET /a, effect: read", []),
        ("request: GET /a, effect: write", []),
        ("request: POST /a, effect: read, paginate: {style: page, param: page}", []),
    ],
)
def test_methods_that_change(tmp_path: Path, operation: str, told: list[str]) -> None:
    source = f"source: desk\ntype: http\nservers: ['http://desk.test']\noperations: {{any: {{{operation}}}}}\n"
    assert [word for _, word in found(tmp_path, "intent: ask\noutput: 1\n", "GW313", sources=source)] == told


def test_what_a_batch_asks_is_a_read(tmp_path: Path) -> None:
    source = """
source: desk
type: http
servers: ['http://desk.test']
operations:
  many: {request: POST /many, effect: read, params: {type: object, properties: {ids: {}}}}
  one: {request: 'GET /one/{id}', params: {type: object, properties: {id: {}}}, batch: {operation: many, param: ids, match: {id: id}}}
"""
    assert found(tmp_path, "intent: ask\noutput: 1\n", "GW313", sources=source) == []


def test_methods_of_a_described_api(tmp_path: Path) -> None:
    (tmp_path / "api.yaml").write_text("openapi: 3.0.0\npaths: {/orders: {post: {operationId: findOrders, responses: {}}}}\n")
    source = """
source: api
type: openapi
spec: api.yaml
servers: ['http://api.test']
operations: {find: {operation: findOrders, effect: read}, change: {operation: findOrders}}
"""
    assert found(tmp_path, "intent: ask\noutput: 1\n", "GW313", sources=source) == [("GW313", "read")]
