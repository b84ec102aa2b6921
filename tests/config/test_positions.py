"""What each value of a document is for."""

from __future__ import annotations

import pytest

from gateway.config.key_examples import EXAMPLES
from gateway.config.kind_schema import discriminator_of, schema_for
from gateway.config.positions import Position, positions
from gateway.sdk.problem import Path
from tests.config.test_walk import VALUES, changed, examples, paths_in
from tests.config.written import COMPONENTS, document, kind_of


def found_in(text: str) -> dict[str, Position]:
    written = document(text)
    kind = kind_of(written)
    schema = schema_for(kind, discriminator_of(kind, written.data), COMPONENTS)
    return {".".join(map(str, position.path)): position for position in positions(schema, written.data)}


def kinds_in(text: str) -> dict[str, str]:
    return {path: position.kind for path, position in found_in(text).items()}


def test_an_intent() -> None:
    assert kinds_in("""
        intent: a
        deadline: 2s
        input: {type: object, properties: {x: {pattern: "${"}}}
        guard: [{check: user.id, deny: forbidden}]
        idempotency_key: [input.x]
        steps:
          s: {call: a.b, when: input.x, with: {y: "${ input.x }"}, fallback: [{return: {z: 1}}]}
          j: {join: {left: steps.s, right: steps.s, by: {left: [k], right: [k]}, as: m}}
        output: {a: [1, "${ steps.s }"]}
        reply: [{when: input.x, text: {en: hi}}]
        """) == {
        "intent": "plain", "deadline": "plain", "input": "json_schema", "guard.0.check": "expression", "guard.0.deny": "plain",
        "idempotency_key.0": "expression", "steps.s.call": "plain", "steps.s.when": "expression", "steps.s.with.y": "template",
        "steps.s.fallback.0.return": "template", "steps.j.join.left": "expression", "steps.j.join.right": "expression",
        "steps.j.join.by.left.0": "plain", "steps.j.join.by.right.0": "plain", "steps.j.join.as": "plain", "output": "template",
        "reply.0.when": "expression", "reply.0.text.en": "template",
    }  # fmt: skip


def test_a_source() -> None:
    kinds = kinds_in("""
        source: a
        type: http
        servers: ["${ env.URL }"]
        headers: {X-Key: "${ secret.key }"}
        timeout: "${ env.T }"
        auth: {oauth2: {token_url: x, client_id: y, client_secret: z, scopes: [w]}}
        operations: {o: {request: GET /a, headers: {A: "${ ctx.locale }"}, success: "status_code == `200`"}}
        """)
    assert {path for path, kind in kinds.items() if kind == "secret"} == {
        "headers.X-Key", "auth.oauth2.token_url", "auth.oauth2.client_id", "auth.oauth2.client_secret", "auth.oauth2.scopes.0",
    }  # fmt: skip
    assert (kinds["servers.0"], kinds["timeout"]) == ("plain", "plain")
    assert (kinds["operations.o.headers.A"], kinds["operations.o.success"]) == ("template", "expression")


def test_secrets_in_gateway_yaml() -> None:
    kinds = kinds_in("""
        gateway: a
        server: {host: h, tls: {cert: c, key: k}}
        identity: [{api_key: {header: H, keys: [{hash: "${ secret.h }", user: {id: u}}]}}]
        stores: {state: memory://}
        channels: {slack: {token: t}}
        config: {deep: [{text: t, number: 5}]}
        """)
    assert {path for path, kind in kinds.items() if kind == "secret"} == {
        "server.tls.cert", "server.tls.key", "identity.0.api_key.header", "identity.0.api_key.keys.0.hash",
        "identity.0.api_key.keys.0.user.id", "stores.state", "channels.slack.token",
    }  # fmt: skip
    assert (kinds["config.deep.0.text"], kinds["config.deep.0.number"], kinds["server.host"]) == ("plain", "plain", "plain")


def test_urls_may_hold_secrets() -> None:
    assert kinds_in("source: a\ntype: sql\nurl: x\noperations: {o: {query: select 1}}")["url"] == "secret"


@pytest.mark.parametrize(
    ("text", "path", "wanted"),
    [
        ('gateway: a\nserver: {port: "${ env.P }"}', "server.port", "integer"),
        ('gateway: a\ntelemetry: {metrics: "${ env.M }"}', "telemetry.metrics", "boolean"),
        ('gateway: a\nserver: {max_body: "${ env.S }"}', "server.max_body", "string"),
        ('policy: rate_limits\nrate_limits: {a: {requests_per_second: "${ env.R }"}}', "rate_limits.a.requests_per_second", "number"),
    ],
)
def test_what_a_text_of_the_environment_is_to_become(text: str, path: str, wanted: str) -> None:
    position = found_in(text)[path]
    assert (position.kind, position.schema["type"]) == ("plain", wanted)


def test_what_has_no_place_is_passed_over() -> None:
    assert kinds_in("intent: a\nunknown: {x: 1}\nsteps: [1]\ntags: word") == {"intent": "plain", "tags": "plain"}


@pytest.mark.parametrize("kind", ["gateway", "intent", "source"])
def test_any_data_is_possible(kind: str) -> None:
    """Whatever stands where: never an exception, never a path twice, every path exists."""
    for written in examples(EXAMPLES / f"{kind}.yaml"):
        schema = schema_for(kind, discriminator_of(kind, written.data), COMPONENTS)
        for number, path in enumerate(list(paths_in(written.data))[1:]):
            data = changed(written.data, path, 3, VALUES[number % len(VALUES)])
            found: list[Path] = [position.path for position in positions(schema, data)]
            assert len(set(found)) == len(found)
            assert set(found) <= set(paths_in(data))
