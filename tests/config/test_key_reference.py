"""Keys are found by their path in the language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from gateway.config.key_reference import Reference, UnknownKey, find
from gateway.config.kind_schema import KINDS, branches_of, schema_for
from gateway.config.shape import Shapes
from tests.config.written import COMPONENTS


def only(path: str) -> Reference:
    (reference,) = find(path, COMPONENTS)
    return reference


def unknown(path: str) -> UnknownKey:
    with pytest.raises(UnknownKey) as caught:
        find(path, COMPONENTS)
    return caught.value


@pytest.mark.parametrize(
    ("path", "key", "said"),
    [
        ("intent.deadline", "deadline", "Longest time to answer"),
        ("intent.steps.*.fallback", "fallback", "What answers instead"),
        ("intent.steps.order.fallback.*.stale", "stale", "A cached answer up to this age."),
        ("intent.steps.*.fallback.stale", "stale", "A cached answer up to this age."),
        ("intent.reply.text", "text", "Plain text"),
        ("source.http.operations.*.batch", "batch", "How many calls become one."),
        ("source.timeout", "timeout", "Longest wait for one call"),
        ("policy.rate_limits.rate_limits.*.burst", "burst", "How many requests may come at once"),
        ("gateway.identity.api_key.header", "header", "Header that carries the key."),
        ("gateway.tenants.known.*.plan", "plan", "What the tenant has bought"),
    ],
)
def test_keys(path: str, key: str, said: str) -> None:
    found = only(path)
    assert (found.path, found.key, found.forms, found.whole) == (path, key, (), False)
    assert Shapes({"$defs": found.definitions}).resolve(found.schema)["description"].startswith(said)


def test_what_is_required() -> None:
    assert only("source.http.operations.*.request").required
    assert not only("source.http.timeout").required
    assert not only("intent.steps.*").required


@pytest.mark.parametrize("kind", KINDS)
def test_whole_documents(kind: str) -> None:
    assert all(reference.whole and "properties" in reference.schema for reference in find(kind, COMPONENTS))


def test_a_form_of_a_document() -> None:
    assert only("source.sql").schema["properties"]["type"] == {"description": "The kind of source.", "const": "sql"}
    assert only("policy.roles").whole
    assert only("policy.roles.roles").key == "roles"


def test_forms_that_have_a_key_otherwise_stand_apart() -> None:
    found = {reference.forms: reference for reference in find("source.operations.*.query", COMPONENTS)}
    assert ("sql",) in found
    assert ("http",) in found
    assert found["sql",].required
    assert not found["http",].required
    assert len([form for forms in found for form in forms]) == len({form for forms in found for form in forms})


def test_the_key_that_picks_the_form_is_one() -> None:
    assert {"http", "sql"} <= set(only("source.type").schema["enum"])
    assert "masking" in only("policy.policy").schema["enum"]


@pytest.mark.parametrize(
    ("path", "message", "near"),
    [
        ("intnet.steps", "there is no kind `intnet`", "intent.steps"),
        ("intent.stpes", "there is no `stpes` in intent", "intent.steps"),
        ("intent.steps.*.fallbck.*.call", "there is no `fallbck` in intent.steps.*", "intent.steps.*.fallback.*.call"),
        ("source.htp", "there is no `htp` in source", "source.http"),
        ("source.operations.*.reqest", "there is no `reqest` in source.operations.*", "source.operations.*.request"),
        ("source.http.operations.*.cahce.ttl", "there is no `cahce` in source.http.operations.*", "source.http.operations.*.cache.ttl"),
        ("intent.steps.*.call.x", "there is no `x` in intent.steps.*.call", None),
        ("intent.output.x", "there is no `x` in intent.output", None),
        ("intent.input.properties", "there is no `properties` in intent.input", None),
        ("intent.", "there is no `` in intent", None),
        ("", "there is no kind ``", None),
        ("..", "there is no kind ``", None),
        ("gateway.*", "there is no `*` in gateway", None),
    ],
)
def test_unknown_keys(path: str, message: str, near: str | None) -> None:
    fault = unknown(path)
    assert (str(fault), fault.near) == (message, near)


def test_what_is_known_there_is_told() -> None:
    assert {"call", "join", "fallback"} <= set(unknown("intent.steps.*.nonsense").known)
    assert {"http", "timeout", "servers"} <= set(unknown("source.nonsense").known)


def paths(schema: dict[str, Any], root: dict[str, Any], path: str) -> Iterator[str]:
    """Every path of keys below a schema."""
    for choice in Shapes(root).choices(schema):
        if choice.get("x-gateway-kind") in {"template", "json_schema"}:
            continue
        for key, item in choice.get("properties", {}).items():
            yield f"{path}.{key}"
            yield from paths(item, root, f"{path}.{key}")
        for word in ("items", "additionalProperties"):
            if isinstance(choice.get(word), dict):
                yield from paths(choice[word], root, f"{path}.*")


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_is_found_by_its_path(kind: str) -> None:
    branch = branches_of(kind, COMPONENTS)[0]
    form = branch.choice.name if branch.choice else None
    root = schema_for(kind, form, COMPONENTS)
    every = list(paths(root, root, kind if form is None else f"{kind}.{form}"))
    assert len(every) > 2
    for path in every:
        assert only(path).key == path.rpartition(".")[2]
