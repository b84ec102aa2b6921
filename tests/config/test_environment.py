"""`${ env.X }` and `${ secret.x }`: types, defaults, what is unset or not allowed, and that values stay hidden."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.environment import MOST_EXPRESSIONS, Environment, Resolution, fill_in
from gateway.config.positions import Position, positions
from tests.config.yaml_texts import document

ENVIRON = {
    "URL": "http://orders.test",
    "PORT": "8080",
    "RATE": "0.5",
    "FLAG": "true",
    "EMPTY": "",
    "WORD": "hidden-word",
    "GATEWAY_SECRET_DB": "hidden-secret",
}
SCHEMA = {
    "type": "object",
    "properties": {
        "text": {"type": "string"},
        "integer": {"type": "integer"},
        "number": {"type": "number"},
        "boolean": {"type": "boolean"},
        "either": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        "secret": {"type": "string", "x-gateway-kind": "secret"},
        "auth": {"type": "object", "additionalProperties": {"type": "string"}},
        "list": {"type": "array", "items": {"type": "string"}},
        "expression": {"type": "string", "x-gateway-kind": "expression"},
        "template": {"x-gateway-kind": "template"},
        "any": {},
    },
}


def filled(text: str, **more: str) -> Resolution:
    found = document(text)
    return fill_in(found, positions(SCHEMA, found.data), Environment({**ENVIRON, **more}))


def one(text: str) -> tuple[str, int, int, str]:
    (problem,) = filled(text).problems
    return problem.code, problem.place.column, problem.place.end, problem.message


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("text: ${ env.URL }", "http://orders.test"),
        ("text: '  ${ env.URL }  '", "http://orders.test"),
        ("text: ${ env.URL }/v1?port=${ env.PORT }", "http://orders.test/v1?port=8080"),
        ("text: ${ env.PORT }", "8080"),
        ("text: ${ env.EMPTY }", ""),
        ("text: ${ env.NONE || 'fallback' }", "fallback"),
        ("text: ${ env.EMPTY || 'fallback' }", "fallback"),
        ("text: ${ env.NONE || env.PORT }", "8080"),
        ("text: price $${ env.PORT }", "price ${ env.PORT }"),
        ("integer: ${ env.PORT }", 8080),
        ("integer: ${ env.NONE || '8081' }", 8081),
        ("integer: ${ env.NONE || `8081` }", 8081),
        ("integer: 1${ env.PORT }", 18080),
        ("number: ${ env.RATE }", 0.5),
        ("number: ${ env.PORT }", 8080),
        ("boolean: ${ env.FLAG }", True),
        ("either: ${ env.PORT }", "8080"),
        ("any: ${ env.PORT }", "8080"),
        ("secret: ${ secret.db }", "hidden-secret"),
        ("secret: user:${ secret.db }@${ env.URL }", "user:hidden-secret@http://orders.test"),
        ("secret: ${ secret.none || 'x' }", "x"),
        ("auth: {key: '${ secret.db }'}", {"key": "hidden-secret"}),
        ("list: [a, '${ env.PORT }']", ["a", "8080"]),
        ("expression: ${ env.PORT }", "${ env.PORT }"),
        ("template: ${ env.PORT }", "${ env.PORT }"),
        ("text: no expression, $5", "no expression, $5"),
    ],
)
def test_values(text: str, value: Any) -> None:
    found = filled(text)
    assert found.problems == []
    (got,) = found.document.data.values()
    assert (got, type(got)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("text: ${ env.NONE }", ("GW401", 10, 18, "environment variable `NONE` is not set")),
        ("text: a ${ env.URL } ${ env.NONE }", ("GW401", 25, 33, "environment variable `NONE` is not set")),
        ("secret: ${ secret.none }", ("GW402", 12, 23, "secret `none` is not set")),
        ("text: ${ secret.db }", ("GW403", 10, 19, "a secret can't be used here")),
        ("list: ['${ secret.none }']", ("GW403", 12, 23, "a secret can't be used here")),
        ("any: ${ secret.db }", ("GW403", 9, 18, "a secret can't be used here")),
        ("integer: ${ env.WORD }", ("GW404", 10, 23, "the value given here by the environment is not a whole number")),
        ("integer: ${ env.RATE }", ("GW404", 10, 23, "the value given here by the environment is not a whole number")),
        ("integer: ${ env.EMPTY }", ("GW404", 10, 24, "the value given here by the environment is not a whole number")),
        ("integer: ${ env.FLAG }", ("GW404", 10, 23, "the value given here by the environment is not a whole number")),
        ("number: ${ env.FLAG }", ("GW404", 9, 22, "the value given here by the environment is not a number")),
        ("boolean: ${ env.PORT }", ("GW404", 10, 23, "the value given here by the environment is not `true` or `false`")),
        ("text: ${ env }", ("GW404", 10, 13, "only single variables and secrets can be used here")),
        ("secret: ${ to_json(secret) }", ("GW404", 12, 27, "only single variables and secrets can be used here")),
        ('secret: ${ secret."../x" }', ("GW404", 12, 25, "only single variables and secrets can be used here")),
        ("text: ${ [env.URL] }", ("GW404", 10, 19, "this expression gives no single value")),
    ],
)
def test_what_can_not_be_filled_in(text: str, problem: tuple[str, int, int, str]) -> None:
    assert one(text) == problem


def test_everything_that_is_unset_is_told() -> None:
    found = filled("text: ${ env.A || env.B }\nlist: ['${ env.C }${ env.D }']\nsecret: ${ secret.e }\n")
    assert [problem.message.split("`")[1] for problem in found.problems] == ["A", "B", "C", "D", "e"]
    assert found.broken == (("text",), ("list", 0), ("secret",))


def test_a_value_that_is_no_text_is_refused() -> None:
    found = filled("text: ${ env.BYTES }", BYTES="a\udcff")
    assert [problem.message for problem in found.problems] == ["the value given here by the environment is not UTF-8"]


def test_hints_say_what_to_do() -> None:
    hints = [problem.hint for problem in filled("text: ${ env.PROT }\nlist: ['${ env.XYZ }']\n").problems]
    assert hints == ["did you mean `PORT`?", "set it, or give a default: `${ env.XYZ || 'value' }`"]


@pytest.mark.parametrize(("text", "column"), [("text: ${ input.x }", 10), ("text: ${ env.URL", 7), ("text: ${ env.URL && }", 17)])
def test_faults_of_the_expression_have_their_place(text: str, column: int) -> None:
    found = filled(text)
    assert [problem.code[:3] for problem in found.problems] == ["GW2"]
    assert found.problems[0].place.column >= column
    assert found.broken == (("text",),)


def test_a_secret_that_can_not_be_read_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "dir").mkdir()
    found = filled("secret: ${ secret.dir || secret.db }", GATEWAY_SECRETS_DIR=str(tmp_path))
    assert [(problem.code, problem.message) for problem in found.problems] == [("GW402", "secret `dir`: it is not a file")]


def test_values_stay_out_of_problems_and_representations() -> None:
    text = "secret: ${ secret.db }\ninteger: ${ env.WORD }\nnumber: ${ secret.db }\nboolean: ${ env.WORD }${ env.NONE }\n"
    found = filled(text)
    assert len(found.problems) == 4
    assert "hidden" not in repr(found) + repr(Environment(ENVIRON))


def test_different_expressions_are_bounded_and_equal_ones_are_not() -> None:
    found = filled("list: [" + "'${ env.URL }', " * (MOST_EXPRESSIONS + 10) + "]\n")
    assert found.problems == []
    found = filled("list:\n" + "".join(f"- ${{ env.X{n} || 'x' }}\n" for n in range(MOST_EXPRESSIONS + 1)))
    assert [(problem.code, problem.place.line) for problem in found.problems] == [("GW011", MOST_EXPRESSIONS + 2)]


def test_filled_paths_are_known_and_places_stay() -> None:
    found = filled("text: ${ env.URL }\nlist: [a, '${ env.PORT }']\n")
    assert found.filled == {("text",), ("list", 1)}
    assert found.document.place(("text",)).end == 19
    assert document("text: x").data == {"text": "x"}


def test_the_given_document_is_not_changed() -> None:
    found = document("text: ${ env.URL }")
    fill_in(found, [Position(("text",), "plain", {})], Environment(ENVIRON))
    assert found.data == {"text": "${ env.URL }"}


@given(st.text(alphabet="${}env.URLsecret'`|&[]() \"a1", max_size=30), st.sampled_from(["text", "integer", "secret", "any"]))
def test_any_text_is_filled_in_or_has_placed_problems(text: str, key: str) -> None:
    found = document(f"{key}: |-\n  x{text}\n")
    result = fill_in(found, positions(SCHEMA, found.data), Environment(ENVIRON))
    assert all(problem.place.line == 2 or problem.code == "GW404" for problem in result.problems)
    if not result.problems and result.filled:
        assert "${" not in str(result.document.data[key]) or "$${" in text


def test_texts_with_secrets_in_them_follow_their_files(tmp_path: Path) -> None:
    (tmp_path / "user").write_text("a")
    (tmp_path / "key").write_text("b")
    found = document('auth: {url: "x://${ secret.user }:${ secret.key }@${ env.URL }", fixed: "${ env.WORD }"}\nsecret: ${ secret.key }\n')
    environment = Environment({**ENVIRON, "GATEWAY_SECRETS_DIR": str(tmp_path)})
    secrets = fill_in(found, positions(SCHEMA, found.data), environment).document.secrets
    assert {path: text.text for path, text in secrets.items()} == {("auth", "url"): "x://a:b@http://orders.test", ("secret",): "b"}
    (tmp_path / "key").write_text("new")
    assert environment.live.take(environment.live.changes()).changed == ["key"]
    assert {path: text.text for path, text in secrets.items()} == {("auth", "url"): "x://a:new@http://orders.test", ("secret",): "new"}
    (tmp_path / "key").write_text("")
    environment.live.take(environment.live.changes())
    assert secrets["secret",].text == "new"
