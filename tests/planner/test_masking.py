"""Masks from their YAML to answers: whatever the way of a value, it is masked where it is shown, and nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.planner.masking import fields_of
from gateway.runtime.hiding import Hidden
from gateway.runtime.masks import token
from gateway.sdk import Response, SecretText
from gateway.testing.scenario import scenario
from tests.planner.masked_folders import CONTACT, EXCEPT_AGENTS, IBAN, MAIL, NAME, files, masked, running, user

PII = f"classification: pii, mask: partial, {EXCEPT_AGENTS}"
HR = f"classification: hr, mask: remove, {EXCEPT_AGENTS}"
BANK = f'fields: ["*.iban"], mask: last4, {EXCEPT_AGENTS}'


def ask(output: str, *more: str) -> str:
    return "\n".join(["intent: ask", "steps: {c: {call: crm.contact}, r: {call: crm.raw}}", f"output: {output}", *more, ""])


@pytest.mark.parametrize(
    ("output", "shown"),
    [
        ("${ steps.c.name }", NAME),
        ("Dear ${ steps.c.name } of ${ steps.c.city }", f"Dear {NAME} of Bonn"),
        ('{who: {name: "${ steps.c.name }", city: "${ steps.c.city }"}}', {"who": {"name": NAME, "city": "Bonn"}}),
        ('{who: "${ steps.c }"}', {"who": {**CONTACT, "name": NAME, "email": MAIL, "iban": IBAN, "salary": None, "vip": None,
                                          "friends": [{"name": "B*********w", "kind": "old"}, {"name": "****", "kind": "new"}]}}),
        ('["${ steps.c.friends[*].name }"]', [["B*********w", "****"]]),
        ("${ concat('Mr ', upper(steps.c.name)) }", "Mr**************TH"),
        ("${ steps.c.name || 'nobody' }", NAME),
        ("${ length(steps.c.name) }", 15),
        ("${ steps.c.name == 'Annabella Smith' }", True),
        ("${ steps.c.salary }", None),
        ("Salary ${ steps.c.salary }.", "Salary ."),
        ('{$if: "steps.c.city == \'Bonn\'", $then: "${ steps.c.name }", $else: none}', NAME),
        ('{$if: "steps.c.vip", $then: "yes, of course", $else: "no"}', "y************e"),
        ('{$if: "steps.c.vip", $then: {name: "${ steps.c.name }"}}', {"name": NAME}),
        ('{$each: steps.c.friends, $as: f, $where: "f.kind == \'old\'", $do: "${ f.name } (${ f.kind })"}', ["B*********w (old)"]),
        ('{$use: card, value: {of: "${ steps.c }", mark: "!"}}', {"title": "An************h!", "iban": IBAN}),
        ("{$literal: '${ steps.c.name }'}", "${ steps.c.name }"),
        ("${ steps.c.iban }", IBAN),
        ('{account: "${ steps.c.iban }"}', {"account": IBAN}),
        ('{iban: "${ steps.c.city } Rhine"}', {"iban": "**** Rhine"}),
        ('{a: {iban: {of: "${ steps.r.number }"}}}', {"a": {"iban": {"of": "****5678"}}}),
        ("${ steps.r }", {"number": "12345678", "rows": [{"iban": IBAN}]}),
        ("${ steps.r.rows[0].iban }", IBAN),
        ("plain", "plain"),
    ],
)  # fmt: skip
async def test_what_is_shown_of_an_output(tmp_path: Path, output: str, shown: Any) -> None:
    specs = ask(output, "---", "transform: card", 'output: {title: "${ concat(value.of.name, value.mark) }", iban: "${ value.of.iban }"}')
    raw = {"number": "12345678", "rows": [{"iban": CONTACT["iban"]}]}
    async with running(
        tmp_path, specs.replace("concat(value.of.name, value.mark)", "concat(value.of.name, '')"), PII, HR, BANK, raw=raw
    ) as made:
        expected = {"title": NAME, "iban": IBAN} if "card" in output else shown
        assert (await made.ask("ask", user=user("customer"))).data == expected
        plain = await made.ask("ask", user=user("agent"))
        assert "*" not in str(plain.data)
        assert (plain.unmasked is plain.data) is False


async def test_replies_are_masked_as_they_are_written_and_their_conditions_read_what_is_there(tmp_path: Path) -> None:
    reply = """
reply:
  - when: output.name == 'somebody else'
    text: never
  - when: output.name == 'Annabella Smith' && steps.c.iban == 'DE89370400440532013000'
    text: {en: "Dear ${ output.name }, ${ output.greeting }", de: "Guten Tag ${ output.name }"}
    blocks: [{title: "${ output.city }", list: {$each: steps.c.friends, $as: f, $do: "${ f.name }"}}]
    actions: [{label: Write, intent: ask, input: {mail: "${ output.mail }"}}]
    suggestions: ["Who is ${ output.name }?", "Where?"]
"""
    output = '{name: "${ steps.c.name }", mail: "${ steps.c.email }", city: "${ steps.c.city }", greeting: "Hello ${ steps.c.name }"}'
    async with running(tmp_path, ask(output, reply), PII) as made:
        reply_of = (await made.ask("ask", user=user("customer"), locale="en")).reply
        assert reply_of.text == f"Dear {NAME}, He*****************th"
        assert reply_of.blocks == [{"title": "Bonn", "list": ["B*********w", "****"]}]
        assert reply_of.actions == [{"label": "Write", "intent": "ask", "input": {"mail": MAIL}}]
        assert reply_of.suggestions == [f"Who is {NAME}?", "Where?"]
        assert (await made.ask("ask", user=user("customer"), locale="de")).reply.text == f"Guten Tag {NAME}"
        assert (await made.ask("ask", user=user("agent"), locale="en")).reply.text == "Dear Annabella Smith, Hello Annabella Smith"


async def test_a_sub_intent_gives_what_it_has_and_only_the_answer_is_masked(tmp_path: Path) -> None:
    specs = ask('{name: "${ steps.c.name }", iban: "${ steps.c.iban }"}') + (
        "---\nintent: outer\nsteps:\n  inner: {call: intent.ask}\n"
        "  again: {when: \"steps.inner.name == 'Annabella Smith'\", call: crm.contact, with: {id: '${ steps.inner.name }'}}\n"
        'output: {who: "${ steps.inner.name }", account: "${ steps.inner.iban }", city: "${ steps.again.city }"}\n'
    )
    hashing = f"classification: pii, mask: hash, {EXCEPT_AGENTS}", BANK
    async with running(tmp_path, specs, *hashing, more="key: the key\n") as made:
        outer = (await made.ask("outer", user=user("customer"))).data
        inner = (await made.ask("ask", user=user("customer"))).data
    assert outer == {"who": inner["name"], "account": IBAN, "city": "Bonn"}
    assert {"id": "Annabella Smith"} in made.called("crm.contact")


async def test_what_steps_make_of_a_value_stays_masked(tmp_path: Path) -> None:
    steps = """
  l: {let: {label: "${ concat(steps.c.name, '!') }", account: "${ steps.c.iban }"}}
  j: {join: {left: steps.c.friends, right: steps.c.friends, by: kind, as: same}}
"""
    specs = f"intent: ask\nsteps:\n  c: {{call: crm.contact}}{steps}" + 'output: {l: "${ steps.l }", j: "${ steps.j[0].same.name }"}\n'
    async with running(tmp_path, specs, PII, BANK) as made:
        data = (await made.ask("ask", user=user("customer"))).data
    assert data == {"l": {"label": "An************h!", "account": IBAN}, "j": "B*********w"}


async def test_names_that_are_made_of_values(tmp_path: Path) -> None:
    async with running(tmp_path, ask("${ index_by(steps.c.friends, &name) }"), PII, more="key: the key\n") as made:
        data = (await made.ask("ask", user=user("customer"))).data
    assert list(data) == [token(name, SecretText("the key"), "default") for name in ("Bartholomew", "Bob")]


SHOP = """
source: shop
type: fake
default_classification: pii
operations: {order: {error: {code: body.code, message: body.why}}}
---
intent: one
steps: {o: {call: shop.order, required: false}}
output: "${ status.o }${ length(steps.o) }"
---
intent: all
steps: {o: {call: shop.order}}
output: "${ length(steps.o) }"
reply: [{when: "error.detail_code == 'E-Annabella'", text: "it is ${ error.detail_code }"}]
"""


async def test_business_errors_lose_their_words(tmp_path: Path) -> None:
    failing = Response({"code": "E-Annabella", "why": "Annabella has no credit"}, 422)
    async with scenario(tmp_path, files(SHOP, PII), {"shop.order": failing}) as made:
        for role, words, code in (("customer", "A backend reported a failure.", None), ("agent", "Annabella has no credit", "E-Annabella")):
            part, failed = [await made.ask(name, user=user(role)) for name in ("one", "all")]
            assert [(entry.message, entry.detail_code) for entry in (*part.errors, *failed.errors)] == [(words, code)] * 2
            assert failed.error is not None
            assert (failed.error.message, failed.error.detail_code) == (words, code)
            assert failed.reply is not None
            assert failed.reply.text == ("it is E*********a" if role == "customer" else "it is E-Annabella")


@pytest.mark.parametrize(("name", "mask"), [("*.iban", IBAN), ("who.iban", IBAN), ("iban", None), ("*", IBAN)])
async def test_patterns_count_from_the_top_of_an_answer(tmp_path: Path, name: str, mask: str | None) -> None:
    async with running(
        tmp_path, ask('{who: {iban: "${ steps.r.x }"}}'), f'fields: ["{name}"], mask: last4', raw={"x": CONTACT["iban"]}
    ) as made:
        assert (await made.ask("ask", user=user("customer"))).data == {"who": {"iban": mask or CONTACT["iban"]}}


async def test_equal_data_is_shown_to_each_as_it_is_for_them(tmp_path: Path) -> None:
    when = "fields: ['*.iban'], mask: last4, when: \"tenant.id == 'default' && user.id == 'u1'\""
    async with running(tmp_path, ask("${ steps.c.iban }"), when) as made:
        assert (await made.ask("ask", user=user("customer"))).data == IBAN
        assert (await made.ask("ask", user={"id": "u2", "roles": ["customer"]})).data == CONTACT["iban"]


async def test_what_a_backend_sends_besides_what_it_declares_is_no_way_out(tmp_path: Path) -> None:
    odd = {**CONTACT, "name": {"first": "Annabella", "last": ["Smith-Miller"]}, "friends": {"name": "Bartholomew"}, "further": "Annabella!"}
    async with running(tmp_path, ask("${ steps.c }"), PII, HR, contact=odd) as made:
        data = (await made.ask("ask", user=user("customer"))).data
    assert data["name"] == {"first": "A*******a", "last": ["S**********r"]}
    assert data["friends"] == {"name": "B*********w"}
    assert data["further"] is None  # of an object that has no others: it may be anything that is in it


def test_no_masks_cost_nothing(tmp_path: Path) -> None:
    made = masked(tmp_path, ask("${ steps.c.city }"), PII)
    plan = made.plan.catalogue.get("ask")
    assert plan is not None
    assert plan.shown is None


def test_the_key_is_the_one_that_is_written(tmp_path: Path) -> None:
    made = masked(tmp_path, ask("${ steps.c.city }"), PII, more="key: the key\n")
    assert made.planned.masks is not None
    assert made.planned.masks.masking.key.text == "the key"
    other = masked(tmp_path, ask("${ steps.c.city }"), PII).planned.masks
    again = masked(tmp_path, ask("${ steps.c.city }"), PII).planned.masks
    assert other is not None
    assert again is not None
    assert len(other.masking.key.text) == 64
    assert other.masking.key.text != again.masking.key.text


def test_free_text_is_looked_for_where_somebody_asks(tmp_path: Path) -> None:
    made = masked(tmp_path, ask("1"), more="free_text: {kinds: [email]}\n").planned.masks
    assert made is not None
    in_logs = made.free_text(logs=True)
    assert in_logs is not None
    assert in_logs("ann@example.org +49 171 1234567") == "[email] +49 171 1234567"
    assert made.free_text(logs=False) is None


def test_conditions_are_held_against_what_callers_have(tmp_path: Path) -> None:
    made = masked(tmp_path, ask("1"), "classification: pii, mask: hash, when: ctx.chanel == 'web'")
    assert "GW260" in made.codes or any("chanel" in problem.message for problem in made.problems)


def test_the_fields_of_what_leads_back_to_itself_are_told_once() -> None:
    node = Hidden(frozenset({1}))
    node.members = {"child": node}
    top = Hidden()
    top.members, top.items = {"a": node, "b": None}, node
    assert list(fields_of(top, "data")) == [("data.a", frozenset({1}))]
