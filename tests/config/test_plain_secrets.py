"""Where secrets stand as plain text, by the schema."""

from __future__ import annotations

from gateway.config.plain_secrets import plain_secrets
from gateway.config.schema import discriminator_of, positions, schema_for
from gateway.sdk.problem import Place
from tests.config.written import COMPONENTS, document, kind_of


def places(text: str) -> list[tuple[int, int, int]]:
    written = document(text)
    kind = kind_of(written)
    schema = schema_for(kind, discriminator_of(kind, written.data), COMPONENTS)
    found: list[Place] = list(plain_secrets(written, positions(schema, written.data)))
    return [(place.line, place.column, min(place.end, 999)) for place in found]


def test_values_that_the_schema_calls_secret() -> None:
    text = """\
        source: erp
        type: http
        servers: ["https://erp.test"]
        auth: {api_key: {header: X-Key, value: abc}}
        headers: {X-Other: 'def', X-Ref: "${ secret.x }"}
        operations: {a: {request: GET /a}}
    """
    assert places(text) == [(4, 40, 43), (5, 20, 25)]


def test_a_number_is_as_secret_as_a_text() -> None:
    assert places("source: a\ntype: http\nservers: [b]\nauth: {basic: {username: u, password: 12345}}\n") == [(4, 26, 27), (4, 39, 44)]


def test_each_line_of_a_secret_counts() -> None:
    text = """\
        source: a
        type: http
        servers: [b]
        auth:
          api_key:
            header: X
            value: |
              first
              second
    """
    assert [line for line, *_ in places(text)] == [7, 8, 9]


def test_a_list_or_mapping_in_place_of_a_secret_is_one() -> None:
    text = "source: a\ntype: http\nservers: [b]\nheaders: {X: {y: z, v: [w]}}\nauth: {basic: {username: [u], password: null}}\n"
    assert sorted(places(text)) == [
        *[(4, 15, 16), (4, 18, 19), (4, 21, 22), (4, 25, 26)],
        *[(5, 27, 28), (5, 41, 45)],
    ]


def test_of_an_expression_the_constants_are_hidden() -> None:
    text = "source: a\ntype: http\nservers: [b]\nheaders: {X: \"${ env.A || 'bcd' }\", Y: 'Basic ${ env.A }'}\n"
    assert places(text) == [(4, 27, 32), (4, 40, 46)]


def test_what_is_no_secret_is_shown() -> None:
    assert places("intent: a\noutput: {password: x}\n") == []
