"""What an editor offers and shows while somebody writes."""

from __future__ import annotations

import pytest

from gateway.config.kind_schema import known_discriminators
from tests.config.written import COMPONENTS
from tests.editor.editor import Editor

pytestmark = pytest.mark.service

STEP = "intent: a\nsteps:\n  x:\n"
SOURCE = "source: a\ntype: http\nservers: ['http://x']\n"
STEP_KEYS = {"call", "with", "join", "let", "emit", "foreach", "ensure", "fallback", "timeout"}


@pytest.mark.parametrize(
    ("schema", "text", "offered", "not_offered"),
    [
        ("intent.json", "intent: a\n‸", {"steps", "input", "output", "reply", "access", "deadline"}, {"intent", "call"}),
        ("intent.json", f"{STEP}    ‸", STEP_KEYS, {"steps"}),
        ("intent.json", f"{STEP}    call: a.b\n    ti‸\n", {"timeout"}, {"call"}),
        ("intent.json", f"{STEP}    fallback:\n      - ‸", {"when", "call", "return", "stale"}, {"foreach"}),
        ("intent.json", "intent: a\npriority: ‸", {"critical", "high", "normal", "low"}, set()),
        ("intent.json", f"{STEP}    call: a.b\n    required: ‸", {"true", "false"}, set()),
        ("intent.json", f"{STEP}    call: a.b\n    timeout: ‸", {"800ms"}, set()),
        ("source.json", f"{SOURCE}‸", {"operations", "timeout", "balance", "forward"}, {"url", "spec", "max_rows", "wsdl"}),
        ("source.json", "source: a\ntype: sql\n‸", {"url", "read_only", "max_rows", "operations"}, {"servers", "forward", "spec"}),
        ("source.json", f"{SOURCE}operations:\n  x:\n    ‸", {"request", "query", "batch", "cache"}, {"value", "publish"}),
        ("source.json", f"{SOURCE}balance: ‸", {"round_robin", "least_connections", "ip_hash", "consistent_hash"}, {"${ env.PORT }"}),
        ("source.json", "source: a\nextends: b\noperations:\n  x:\n    ‸", {"request", "query", "timeout", "cache"}, {"operations"}),
        ("policy.json", "policy: rate_limits\n‸", {"tier", "key", "quotas", "cost"}, {"roles", "circuit_breakers"}),
        ("policy.json", "policy: roles\nroles:\n  a:\n    ‸", {"allow", "inherits", "clears"}, {"roles"}),
        ("gateway.json", "gateway: a\nserver:\n  ‸", {"host", "port", "admin", "drain"}, {"server"}),
        ("gateway.json", "gateway: a\nidentity:\n  - ‸", {"jwt", "api_key", "anonymous"}, {"roles"}),
        ("route.json", "route: a\nmatch:\n  method: ‸", {"GET", "POST", "DELETE"}, set()),
        ("test.json", "test: a\ncases:\n  - name: x\n    expect:\n      ‸", {"status", "output", "calls", "errors"}, {"name"}),
        ("spec.json", "‸", {"source", "intent", "route", "transform"}, {"steps", "servers", "url"}),
        ("spec.json", "intent: a\n‸", {"steps", "output"}, {"source", "route", "servers"}),
        ("spec.json", "source: a\n‸", {"type"}, {"url", "spec", "intent"}),
        ("spec.json", "source: a\ntype: static\n‸", {"operations"}, {"servers", "url", "intent"}),
        ("spec.json", f"{STEP}    ‸", STEP_KEYS, {"request", "match"}),
        ("overlay.json", "server:\n  ‸", {"host", "port"}, set()),
    ],
)
def test_keys_and_values_are_offered(editor: Editor, schema: str, text: str, offered: set[str], not_offered: set[str]) -> None:
    labels = set(editor.completions(schema, text))
    assert offered <= labels
    assert not labels & not_offered


@pytest.mark.parametrize("schema", ["source.json", "spec.json"])
def test_every_type_of_source_is_offered_and_explained(editor: Editor, schema: str) -> None:
    items = editor.completions(schema, "source: a\ntype: ‸")
    assert set(items) == set(known_discriminators("source", COMPONENTS))
    assert items["sql"]["documentation"] == "A database."
    assert items["llm"]["documentation"].endswith("not in force in this release.")


def test_every_policy_is_offered(editor: Editor) -> None:
    assert set(editor.completions("policy.json", "policy: ‸")) == set(known_discriminators("policy", COMPONENTS))


def test_a_key_that_is_chosen_leaves_room_to_go_on(editor: Editor) -> None:
    keys = editor.completions("intent.json", f"{STEP}    ‸")
    assert keys["depends_on"]["insertText"] == "depends_on:\n  - ${1}"
    assert keys["ensure"]["insertText"] == "ensure:\n  - check: "
    assert keys["timeout"]["insertText"] == "timeout: ${1:800ms}"
    assert keys["timeout"]["documentation"] == "Longest wait; may only narrow the operation's."


@pytest.mark.parametrize(
    ("schema", "text", "shown"),
    [
        ("intent.json", "intent: a\nde‸adline: 5s\n", ["Longest time to answer; 10s by default.", "```yaml\n2s\n```"]),
        ("intent.json", "intent: a\npri‸ority: high\n", ["Allowed Values:", "`critical`", "`low`", "Default: \\`normal\\`."]),
        ("intent.json", f"{STEP}    call: a.b\n    fore‸ach: input.ids\n", ["Step", "A list; the step is done once for each item"]),
        ("intent.json", f"{STEP}    call: a.b\n    await_call‸back: {{timeout: 1h}}\n", ["Checked, but not in force in this release."]),
        ("source.json", "source: a\nty‸pe: http\n", ["`openapi`: A backend with an API description."]),
        ("source.json", f"{SOURCE}tim‸eout: 5s\n", ["Source: http", "Longest wait for one call; 5s by default."]),
        ("spec.json", f"{SOURCE}tim‸eout: 5s\n", ["Longest wait for one call; 5s by default.", "```yaml\n800ms\n```"]),
        ("gateway.json", "gateway: a\nserver: {po‸rt: 1}\n", ["Port to listen on; 0 takes a free one. Default: \\`8080\\`."]),
        ("policy.json", "policy: roles\nroles:\n  a: {al‸low: []}\n", ["Permissions: \\`intent:track\\_order\\`", "Example:"]),
    ],
)
def test_what_a_key_does_is_shown(editor: Editor, schema: str, text: str, shown: list[str]) -> None:
    hover = editor.hover(schema, text)
    assert [part for part in shown if part not in hover] == [], hover
