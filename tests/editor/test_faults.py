"""Faults that are typical are told at their line, in words that help, and alone."""

from __future__ import annotations

import pytest

from tests.editor.editor import Editor

pytestmark = pytest.mark.service

HTTP = "source: a\ntype: http\nservers: ['http://x']\noperations: {x: {request: GET /x}}\n"
SQL = "source: a\ntype: sql\nurl: sqlite://\noperations: {x: {query: SELECT 1}}\n"
STEP = "intent: a\nsteps:\n  x:\n"
NO_NAME = "names are small letters, digits and `_`, a letter first"
STARTS = "a document here starts with `intent:`, `route:`, `source:` or `transform:`"

FAULTS = [
    ("source.json", f"{HTTP}timout: 5s\n", 5, "timout", "Property timout is not allowed."),
    ("source.json", f"{HTTP}timeout: 5\n", 5, "5", "must be a duration such as `800ms` or `2s`"),
    ("source.json", f"{HTTP}timeout: 5 s\n", 5, "5 s", "must be a duration such as `800ms` or `2s`"),
    ("source.json", f"{HTTP}max_response: 5MB\n", 5, "5MB", "must be a size such as `64KiB`"),
    ("source.json", f"{HTTP}concurrency: many\n", 5, "many", "must be a whole number"),
    ("source.json", f"{HTTP}balance: rond_robin\n", 5, "rond_robin", "Value is not accepted. Valid values: "),
    ("source.json", f"{SQL}read_only: maybe\n", 5, "maybe", "must be `true` or `false`"),
    ("source.json", f"{SQL}servers: []\n", 5, "servers", "Property servers is not allowed."),
    (
        "source.json",
        "source: a\ntype: htp\nservers: []\n",
        2,
        "htp",
        'Value is not accepted. Valid values: "event", "graphql", "grpc", "http"',
    ),
    ("source.json", "source: a\nservers: []\n", 1, "s", 'Missing property "type".'),
    ("source.json", "source: a\ntype: sql\noperations: {x: {query: x}}\n", 1, "s", 'Missing property "url".'),
    ("source.json", "source: A\nextends: b\n", 1, "A", NO_NAME),
    ("source.json", "source: a\nextends: b\noperations:\n  x: {tmeout: 5s}\n", 4, "tmeout", "Property tmeout is not allowed."),
    ("intent.json", "intent: a\nstpes: {}\n", 2, "stpes", "Property stpes is not allowed."),
    ("intent.json", f"{STEP}    timeout: 5s\n    call: a.b\n    timout: 5s\n", 6, "timout", "Property timout is not allowed."),
    ("intent.json", f"{STEP}    call: a.b\n    when: true\n", 5, "true", "must be an expression"),
    ("intent.json", f"{STEP}    call: order\n", 4, "order", "must be `source.operation` or `intent.<name>`"),
    ("intent.json", f"{STEP}    when: a\n", 3, "x", "one of `call`, `join`, `let` or `emit` is needed"),
    ("intent.json", f"{STEP}    call: a.b\n    let: {{y: 1}}\n", 5, "let", "`call`, `join`, `let` and `emit` exclude each other"),
    ("intent.json", f"{STEP}    call: a.b\n    concurrency: 2\n", 3, "x", "`concurrency` is only used together with `foreach`"),
    ("intent.json", "intent: a\nreply: [[]]\n", 2, "[]", "Incorrect type."),
    ("intent.json", "intent: a\naccess:\n  roles: customer\n", 3, "customer", 'Incorrect type. Expected "array".'),
    ("route.json", "route: a\nintent: b\nmatch:\n  path: orders\n", 4, "orders", "must be a path such as `/orders/{order_id}`"),
    ("route.json", "route: a\nintent: b\nmatch:\n  method: GETT\n  path: /x\n", 4, "GETT", "Value is not accepted."),
    ("route.json", "route: a\nmatch: {path: /x}\n", 1, "r", "one of `intent` or `proxy` is needed"),
    ("policy.json", "policy: roels\nroles: {}\n", 1, "roels", 'Value is not accepted. Valid values: "roles", "rate_limits"'),
    ("policy.json", "policy: roles\nroles:\n  a: {alow: []}\n", 3, "alow", "Property alow is not allowed."),
    ("policy.json", "policy: rate_limits\nrate_limits:\n  a: {requests_per_day: 1, burst: 0}", 3, "0", "Value is below the minimum of 1."),
    ("gateway.json", "gateway: a\nserver:\n  port: http\n", 3, "http", "must be a whole number"),
    ("gateway.json", "gateway: a\nserver:\n  port: 99999\n", 3, "99999", "Value is above the maximum of 65535."),
    ("gateway.json", "gateway: a\nidentity:\n  - api_kye: {}\n", 3, "api_kye", "Property api_kye is not allowed."),
    ("overlay.json", "server:\n  prot: 80\n", 2, "prot", "Property prot is not allowed."),
    ("transform.json", "transform: a\n", 1, "t", 'Missing property "output".'),
    ("test.json", "test: a\ncases:\n  - {name: x, expect: {status: compleet}}\n", 3, "compleet", "Value is not accepted."),
    ("spec.json", f"{HTTP}timeout: 5\n", 5, "5", "must be a duration such as `800ms` or `2s`"),
    ("spec.json", "intent: a\nstpes: {}\n", 2, "stpes", "Property stpes is not allowed."),
    ("spec.json", "route: a\nintent: b\nmatch: {pth: /x, path: /x}\n", 3, "pth", "Property pth is not allowed."),
    ("spec.json", "summary: lost\n", 1, "s", STARTS),
]


def test_faults_are_told_at_their_line_and_alone(editor: Editor) -> None:
    found = editor.diagnostics([(schema, text) for schema, text, *_ in FAULTS])
    for (_, text, line, word, message), remarks in zip(FAULTS, found, strict=True):
        assert len(remarks) == 1, (text, remarks)
        assert remarks[0][:2] == (line, word), (text, remarks)
        assert remarks[0].message.startswith(message), (text, remarks)


def test_several_faults_are_all_told(editor: Editor) -> None:
    text = "source: a\ntype: http\nservers: ['http://x']\ntimeout: 5\nbalance: none\noperations:\n  x: {reqest: GET /x}\n"
    (remarks,) = editor.diagnostics([("source.json", text)])
    assert [(remark.line, remark.text) for remark in remarks] == [(4, "5"), (5, "none"), (7, "reqest"), (7, "x")]


def test_each_document_of_a_file_is_of_its_own_kind(editor: Editor) -> None:
    text = "intent: a\nsteps: []\n---\nsource: b\ntype: static\noperations: {x: {vale: 1}}\n---\ntransform: c\noutput: 1\nschma: {}\n"
    found = editor.remarks({"sample/many/specs/mixed.yaml": text})
    assert [remark[:2] for remarks in found.values() for remark in remarks] == [(2, "[]"), (6, "vale"), (6, "x"), (10, "schma")]


RIGHT = [
    "source: a\nextends: b\ntimeout: null\noperations: {x: null, y: {cache: null, timeout: 5s}}\n",
    f"{HTTP}timeout: ${{ env.TIMEOUT }}\nconcurrency: ${{ env.MOST }}\nbalance: ${{ env.HOW }}\n",
    f"{STEP}    join: {{left: a, right: b, by: k, as: y, merge: false}}\n",
    f"{STEP}    call: inventory.getAvailability\n    with: {{a: null, b: [1, {{c: true}}]}}\n",
    "intent: a\ninput: {type: object, properties: {x: {type: [string, 'null'], in: query}}}\noutput: null\n",
]


def test_what_is_right_has_no_remarks(editor: Editor) -> None:
    assert editor.diagnostics([("spec.json", text) for text in RIGHT]) == [[]] * len(RIGHT)
