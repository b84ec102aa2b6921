"""Single values: units, ranges, names, choices."""

from __future__ import annotations

import math

import pytest

from gateway.config.validate import validate
from tests.config.written import COMPONENTS, document, in_intent, in_step, only, problems_of


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("gateway: a\nserver: {port: -1}", "`server.port` of gateway `a` is `-1`, at least 0 is needed"),
        ("gateway: a\nserver: {port: 65536}", "`server.port` of gateway `a` is `65536`, at most 65535 is possible"),
        (in_intent("version: 0"), "`version` of intent `track_order` is `0`, at least 1 is needed"),
        (in_intent("deadline: 5 parsecs"), "`deadline` of intent `track_order` is no duration: `5 parsecs`"),
        (in_intent("deadline: 5"), "`deadline` of intent `track_order` needs a unit, found the number `5`"),
        (in_step("call: sap"), "`call` of step `order` must be `source.operation` or `intent.<name>`, found `sap`"),
        (in_step("let: {BadName: 1}"), "`BadName` can't be a name"),
        ("intent: No-Good", "`No-Good` can't be a name"),
        ("intent: 'on'", "nothing can be called `on`"),
        (in_intent("extends: 5"), "`extends` of intent `track_order` must be a text, found the number `5`"),
        (in_intent("reply: {e: x}"), "a key in `reply` of intent `track_order` must be a locale such as `de` or `de-CH`, found `e`"),
        ("policy: retention\nretention: {a: 5}", "`retention.a` of policy `retention` needs a unit, found the number `5`"),
    ],
)
def test_messages(text: str, message: str) -> None:
    assert message in [problem.message for problem in problems_of(text)]


@pytest.mark.parametrize("rate", [math.inf, math.nan, -math.inf])
def test_numbers_are_finite(rate: float) -> None:
    written = document("policy: rate_limits\nrate_limits: {a: {requests_per_second: 1}}")
    written.data["rate_limits"]["a"]["requests_per_second"] = rate
    assert [problem.code for problem in validate(written, "policy", COMPONENTS)] == ["GW104"]


def test_limits_that_exclude_their_own_value() -> None:
    text = "source: a\ntype: http\nservers: [{url: 'http://127.0.0.1', weight: 0}]\noperations: {b: {request: GET /}}"
    assert problems_of(text)[0].message.endswith("is `0`, more than 0 is needed")


@pytest.mark.parametrize(
    ("name", "better"),
    [("MyStep", "my_step"), ("get-order", "get_order"), ("2nd", "nd"), ("größe", "gr_e"), ("Über", "ber"), ("___", None)],
)
def test_better_names(name: str, better: str | None) -> None:
    hint = only(in_intent(f"steps: {{'{name}': {{call: a.b}}}}")).hint
    assert hint == "names are small letters, digits and `_`, a letter first" + (f": `{better}`" if better else "")


@pytest.mark.parametrize(
    ("text", "better"),
    [
        (in_step("call: sap/order"), "sap.order"),
        (in_step("call: SAP.order"), "sap.order"),
        (in_step("call: 'sap order'"), None),
        ("route: a\nmatch: {path: orders}\nintent: b", "/orders"),
        ("route: a\nmatch: {path: '/orders/:order_id'}\nintent: b", "/orders/{order_id}"),
        ("route: a\nmatch: {path: '/orders/{orderId}'}\nintent: b", "/orders/{order_id}"),
        ("route: a\nmatch: {path: '/orders?x'}\nintent: b", None),
    ],
)
def test_better_forms(text: str, better: str | None) -> None:
    assert only(text).hint == (f"did you mean `{better}`?" if better else None)


def test_choices() -> None:
    problem = only(in_step("call: a.b\nforeach: input.x\nitem_error: keepnull"))
    assert (problem.hint, problem.help, problem.fix) == ("did you mean `keep_null`?", "allowed: drop, fail, keep_null", "keep_null")


@pytest.mark.parametrize("name", ["a\n", "a b", "", "ä"])
def test_names_are_whole(name: str) -> None:
    written = name.replace("\n", "\\n")
    assert only(f'intent: "{written}"').code == "GW104"


def test_choices_and_numbers_side_by_side() -> None:
    text = "source: s\ntype: static\nretry: {codes: [conect, 502, 5.5]}\noperations: {a: {value: 1}}"
    assert [(problem.code, problem.hint) for problem in problems_of(text)] == [
        ("GW104", "did you mean `connect`?"),
        ("GW102", "write a whole number"),
    ]
