"""Broken documents and exactly what is said about them."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.config.document import Document
from gateway.config.key_examples import EXAMPLES
from gateway.config.models import Intent, RolesPolicy
from gateway.config.models.policies import POLICIES
from gateway.config.nodes import Mapping, Scalar
from gateway.config.source_text import SourceText
from gateway.config.strict_yaml import read_yaml
from gateway.config.validate import parse, validate
from gateway.sdk.component import Component
from tests.config.written import COMPONENTS, document, in_intent, in_step, kind_of, problems_of, told

GOLDEN: list[tuple[str, list[tuple[str, str, str | None]]]] = [
    (in_step("call: sap.order\ntimout: 800ms"), [("GW101", "steps.order.timout", "did you mean `timeout`?")]),
    (in_step("call: sap.order\ntimeout: 800"), [("GW105", "steps.order.timeout", "write `800ms` or `800s`")]),
    (in_step("timeout: 1s"), [("GW107", "steps.order", None)]),
    (in_step("cal: sap.order\ntimeout: 1s"), [("GW101", "steps.order.cal", "did you mean `call`?")]),
    (in_step("call: sap.order\nlet: {a: 1}"), [("GW107", "steps.order.let", "keep one of `call` and `let`")]),
    (in_step("let: {a: 1}\nwith: {b: 1}"), [("GW107", "steps.order.with", "remove it, or add `call`")]),
    (in_step("call: sap.order\nas: x"), [("GW107", "steps.order.as", "remove it, or add `foreach`")]),
    (in_step("call: sap.order\nforech: input.ids\nas: x"), [("GW101", "steps.order.forech", "did you mean `foreach`?")]),
    (in_step("call: sap.order\nif: input.x"), [("GW101", "steps.order.if", "did you mean `when`?")]),
    (in_step("call: sap_order"), [("GW104", "steps.order.call", None)]),
    (in_step("call: sap.order\nfallback: [{when: error.code == 'x'}]"), [("GW107", "steps.order.fallback.0", None)]),
    (
        in_step("call: sap.order\nensure: [{check: 'a == b', deny: notfound}]"),
        [("GW104", "steps.order.ensure.0.deny", "did you mean `not_found`?")],
    ),
    (
        in_step("call: sap.order\nensure: [{check: true}]"),
        [("GW102", "steps.order.ensure.0.check", 'a constant is written between back-ticks: "`true`"')],
    ),
    (in_step("call: sap.order\nensure: []"), [("GW104", "steps.order.ensure", "write at least one, or remove the key")]),
    (in_step("call: sap.order\nrequired: yes"), [("GW102", "steps.order.required", "write `true`")]),
    (
        in_step("call: sap.order\nforeach: input.ids\nconcurrency: '5'"),
        [("GW102", "steps.order.concurrency", "write it without quotes: `5`")],
    ),
    (in_step("call: sap.order\nforeach: input.ids\nmax_items: 0"), [("GW104", "steps.order.max_items", None)]),
    (in_step("join: {left: a, right: b, by: k}"), [("GW107", "steps.order.join", None)]),
    (in_step("join: {left: a, right: b, as: c}"), [("GW103", "steps.order.join", "add `by`: key field or fields; null keys never match")]),
    (in_intent("steps: [{call: a.b}]"), [("GW102", "steps", "write each entry as `name: …`, without `- `")]),
    (in_intent("steps: {a: [1, 2]}"), [("GW102", "steps.a", "write a mapping, with keys such as `call`, `with` or `join`")]),
    (
        in_intent("steps: {GetOrder: {call: a.b}}"),
        [("GW104", "steps.GetOrder", "names are small letters, digits and `_`, a letter first: `get_order`")],
    ),
    (
        in_intent("steps: {no: {call: a.b}}"),
        [("GW104", "steps.no", "many YAML readers take this word for a boolean; choose another name")],
    ),
    (in_intent("guard:\n"), [("GW102", "guard", "write a value, or remove the key")]),
    (in_intent("tags: orders"), [("GW102", "tags", "write it as a list: `[orders]`")]),
    (in_intent("reply: {text: hello}"), [("GW102", "reply", "put `- ` before each entry")]),
    (in_intent("reply: {english: hello}"), [("GW104", "reply.english", None)]),
    (in_intent("deadline: 2 sec"), [("GW105", "deadline", "write `2s`")]),
    (in_intent("version: 1.5"), [("GW102", "version", "write a whole number")]),
    (in_intent("access: customer"), [("GW102", "access", None)]),
    (
        in_intent("mode: asnyc"),
        [("GW110", "mode", "the gateway works as if it were not written"), ("GW104", "mode", "did you mean `async`?")],
    ),
    ("source: sap\ntype: htp", [("GW104", "type", "did you mean `http`?")]),
    ("source: sap\nservers: 1", [("GW103", "", "add `type`: the kind of source")]),
    (
        "source: sap\ntype: http\nservers: x\noperations: {a: {request: GET /}}",
        [("GW102", "servers", "write it as a list: `[x]`")],
    ),
    ("policy: role\nroles: {}", [("GW104", "policy", "did you mean `roles`?")]),
    ("policy: roles", [("GW103", "", "add `roles`: roles by name")]),
    ("policy: roles\nroles: {a: {allow: ['intents foo']}}", [("GW104", "roles.a.allow.0", None)]),
    ("gateway: a\nidentity: [{api_kee: {}}]", [("GW101", "identity.0.api_kee", "did you mean `api_key`?")]),
    ("gateway: a\nidentity: [{}]", [("GW104", "identity.0", "write at least one, or remove the entry")]),
    ("gateway: a\nserver: {port: 99999}", [("GW104", "server.port", None)]),
    ("gateway: a\nserver: {max_body: 64KB}", [("GW105", "server.max_body", "write `64KiB`")]),
    ("gateway: a\nserver: {admin: localhost}", [("GW104", "server.admin", None)]),
    ("route: a\nmatch: {path: orders}\nintent: b", [("GW104", "match.path", "did you mean `/orders`?")]),
    ("route: a\nmatch: {path: /orders}", [("GW107", "", None)]),
    ("route: a\nmtach: {path: /orders}\nintent: b", [("GW101", "mtach", "did you mean `match`?")]),
    ("transform: a", [("GW103", "", "add `output`: the new shape; any value, with `${ value.<field> }` in its texts")]),
    ("test: a\ncases: []", [("GW104", "cases", "write at least one, or remove the key")]),
]


@pytest.mark.parametrize(("text", "expected"), GOLDEN)
def test_broken_documents(text: str, expected: list[tuple[str, str, str | None]]) -> None:
    assert told(problems_of(text)) == expected


def test_one_whole_problem() -> None:
    """Everything of interfaces §3, for its own example."""
    (problem,) = problems_of(in_step("call: sap.order\ntimout: 800ms"))
    assert problem.message == "unknown key `timout` in step `order`"
    assert (problem.place.line, problem.place.column, problem.place.end) == (5, 5, 11)
    assert problem.help is not None
    assert problem.help.startswith("allowed here: call, with, join")
    assert (problem.severity, problem.fix) == ("error", "timeout")


def test_all_problems_at_once_in_order() -> None:
    problems = problems_of("intent: a\nverison: 1\ndeadline: 5\nsteps: {s: {}}\nreply: 7\n")
    assert [(problem.code, problem.place.line) for problem in problems] == [("GW101", 2), ("GW105", 3), ("GW107", 4), ("GW102", 5)]


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.name)
def test_example_documents_parse(file: Path) -> None:
    """The example documents use every key there is; nothing is said about them but what is not in force yet."""
    kind = file.stem
    for raw in read_yaml(file.name, file.read_bytes()).documents:
        assert raw.root is not None
        written = Document(raw.root, file=file.name)
        assert {problem.code for problem in validate(written, kind, COMPONENTS)} <= {"GW110", "GW111"}
        model = parse(written, kind, COMPONENTS)
        assert getattr(model, kind) == written.data[kind]


@pytest.mark.parametrize("component", [item for item in COMPONENTS.values() if item.kind == "source"], ids=lambda item: item.name)
def test_examples_of_sources_parse(component: Component) -> None:
    for raw in read_yaml("example.yaml", component.example.encode()).documents:
        assert raw.root is not None
        written = Document(raw.root, file="example.yaml")
        assert {problem.code for problem in validate(written, "source", COMPONENTS)} <= {"GW110", "GW111"}
        assert isinstance(parse(written, "source", COMPONENTS), component.Config)


def test_what_is_in_force_says_nothing() -> None:
    text = """
        intent: track_order
        version: 2
        summary: Where an order is
        access: {roles: [customer], scopes: ["orders:read"], when: tenant.id == 'a', internal: false}
        input: {type: object}
        guard: [{check: "contains(user.roles, 'x')", deny: unauthorized}]
        idempotency_key: [input.order_id]
        mode: sync
        priority: normal
        steps:
          order: {call: sap.order, with: {id: 1, no: null}, ensure: [{check: a == b}], fallback: [{return: null}]}
        output: {a: "${ steps.order }"}
        reply: [{when: "true", text: {en: a, de-CH: b}}, {text: c}]
        """
    assert problems_of(text) == []
    assert (
        problems_of("gateway: a\nsessions: {ttl: 3600s, history: 50}\nserver: {workers: 1, drain: 20s}\nstores: {state: memory://}") == []
    )
    assert problems_of("policy: flags\nflags: {new: {default: false}}") == []


@pytest.mark.parametrize(
    ("text", "code", "path"),
    [
        (in_intent("soft_deadline: 1s"), "GW110", "soft_deadline"),
        (in_intent("mode: async"), "GW110", "mode"),
        (in_intent("ask: {a: b}"), "GW110", "ask"),
        (in_intent("confirm: Shall I?"), "GW111", "confirm"),
        (in_intent("pipeline: [{use: x, after: trace}]"), "GW111", "pipeline"),
        (in_step("call: a.b\ncompensate: {call: a.c}"), "GW111", "steps.order.compensate"),
        (in_step("call: a.b\nawait_callback: {timeout: 5m}"), "GW110", "steps.order.await_callback"),
        ("gateway: a\nsessions: {ttl: 60s}", "GW110", "sessions.ttl"),
        ("gateway: a\nidentity: [{oidc: {issuer: x, client_id: y}}]", "GW111", "identity.0.oidc"),
        ("route: a\nmatch: {path: /a, host: b}\nintent: c", "GW111", "match.host"),
        ("route: a\nmatch: {path: /a}\nproxy: {source: b}", "GW110", "proxy"),
        ("transform: a\noutput: 1\nschema: true", "GW111", "schema"),
        ("policy: flags\nflags: {a: {default: 1, rules: [{value: 2}]}}", "GW110", "flags.a.rules"),
        *(
            (f"policy: {name}", {"planned": "GW110", "protects": "GW111"}[status], "policy")
            for name, _, status in POLICIES
            if status != "ready"
        ),
    ],
)
def test_what_is_not_in_force_yet(text: str, code: str, path: str) -> None:
    found = [problem for problem in problems_of(text) if problem.code in {"GW110", "GW111"}]
    assert [(problem.code, ".".join(map(str, problem.path)), problem.severity) for problem in found] == [
        (code, path, "error" if code == "GW111" else "warning")
    ]


def test_parse_gives_the_model_of_the_kind() -> None:
    intent = parse(document("intent: a\ndeadline: 1m30s\nsteps: {s: {call: x.y, with: {a: 1}}}"), "intent", COMPONENTS)
    assert isinstance(intent, Intent)
    assert (intent.deadline, intent.steps["s"].with_) == (90.0, {"a": 1})
    policy = parse(document("policy: roles\nroles: {a: {allow: [trace]}}"), "policy", COMPONENTS)
    assert isinstance(policy, RolesPolicy)
    with pytest.raises(msgspec.ValidationError):
        parse(document("intent: a\nversion: x"), "intent", COMPONENTS)


def test_unresolved_environment_is_passed_over() -> None:
    """What is wrong with a variable is said where it is resolved; its text is not taken for the value."""
    assert problems_of('gateway: a\nserver: {port: "${ env.PORT }", host: "${ env.HOST }", max_body: "${ env.SIZE }"}') == []
    assert told(problems_of('gateway: a\nspecs: "${ env.SPECS }"')) == [("GW102", "specs", "write it as a list: `[${ env.SPECS }]`")]


def test_values_of_the_environment_are_not_shown() -> None:
    written = document(
        'gateway: a\nserver: {port: "${ env.PORT }", admin: "${ env.ADMIN }", max_body: "${ env.SIZE }"}\ntelemetry: {logs: "${ env.L }"}'
    )
    written.data["server"] |= {"port": 123456, "admin": "hush-a", "max_body": "hush-b"}
    written.data["telemetry"]["logs"] = "hush-c"
    problems = validate(written, "gateway", COMPONENTS)
    assert [problem.code for problem in problems] == ["GW104", "GW104", "GW105", "GW104"]
    assert not any(word in str(problem) for problem in problems for word in ("hush", "123456"))


def test_literal_secrets_are_not_shown() -> None:
    (problem,) = problems_of(
        "source: s\ntype: http\nservers: [a]\noperations: {a: {request: GET /}}\nauth: {basic: {username: a, password: 4711}}"
    )
    assert problem.code == "GW102"
    assert "4711" not in str(problem)


@pytest.mark.parametrize("data", [None, 1, "text", [], [[]], {}, {"intent": None}, {"intent": {"a": 1}}, {"steps": []}])
def test_data_of_any_form_gives_problems(data: object) -> None:
    text = SourceText("written.yaml", "x")
    root = Scalar(text, 0, 1, "", "x", None) if not isinstance(data, dict) else Mapping(text, 0, 1, False, {})
    written = Document(root, file="written.yaml")
    written.data = data
    for kind in ("gateway", "source", "intent", "route", "transform", "policy", "test"):
        assert validate(written, kind, COMPONENTS)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["call", "steps", "type", "when", "input", "a"]), inner, max_size=4)
    ),
    max_leaves=12,
)
keys = st.sampled_from(["steps", "input", "access", "reply", "deadline", "cache", "guard", "ask", "limits", "output"])


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(keys, values))
def test_never_raises_and_never_lies(data: dict[str, object]) -> None:
    """Whatever stands there: either a placed error, or a model."""
    written = document("intent: a")
    written.data = {"intent": "a", **data}
    if not any(problem.severity == "error" for problem in validate(written, "intent", COMPONENTS)):
        assert isinstance(parse(written, "intent", COMPONENTS), Intent)


def test_too_many_faults_end_the_check() -> None:
    text = "intent: a\n" + "".join(f"unknown_{number}: 1\n" for number in range(20_000))
    started = time.monotonic()
    problems = problems_of(text)
    assert len(problems) == 101
    assert {problem.code for problem in problems} == {"GW100", "GW101"}
    assert time.monotonic() - started < 3


def test_large_documents_take_linear_time() -> None:
    steps = "".join(f"  s{number}: {{call: a.b, with: {{x: {number}}}}}\n" for number in range(3000))
    written = document(f"intent: a\nsteps:\n{steps}")
    started = time.monotonic()
    assert validate(written, "intent", COMPONENTS) == []
    assert time.monotonic() - started < 1.5


def test_kind_is_told_by_its_key() -> None:
    assert kind_of(document("route: a\nintent: b")) == "route"
