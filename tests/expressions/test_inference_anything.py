"""No false alarm: where nothing is known of any root, nothing is wrong with the expressions of the assistant and of all examples."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gateway.config.nodes import plain
from gateway.config.strict_yaml import read_yaml
from gateway.expressions import Expression, Template, Typing, compile_expression, compile_template, infer, infer_template
from gateway.expressions.shape import ANY
from tests.house.tree import ROOT

FOLDERS = ("specs", "policies", "gateway/config/models/examples", "tests/golden/language")
ROOTS = frozenset(
    {"input", "user", "tenant", "session", "ctx", "config", "flags", "steps", "status", "meta", "result", "error", "output", "request"}
    | {"value", "args", "body", "headers", "status_code", "job", "callback", "env", "secret", "claims"}
)


def documents() -> Iterator[Any]:
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.yaml")):
            yield from (plain(document.root) for document in read_yaml(path.name, path.read_bytes()).documents if document.root is not None)


def texts(value: Any) -> Iterator[str]:
    """All texts of a document."""
    if isinstance(value, str):
        yield value
    for member in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts(member)


def names(value: Any) -> Iterator[str]:
    """The names that `as` and `$as` give."""
    if isinstance(value, dict):
        yield from (value[key] for key in ("as", "$as") if isinstance(value.get(key), str))
    for member in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from names(member)


def test_where_nothing_is_known_nothing_is_wrong() -> None:
    looked_at, told = 0, []
    for document in documents():
        roots = ROOTS | {*names(document)}
        typing = Typing(dict.fromkeys(roots, ANY))
        for text in texts(document):
            template, _ = compile_template(text, roots=roots)
            if "${" in text and isinstance(template, Template):
                looked_at += 1
                told += [(text, fault) for _, fault in infer_template(template, typing).faults]
            compiled, _ = compile_expression(text, roots=roots)
            if isinstance(compiled, Expression) and compiled.references:
                looked_at += 1
                told += [(text, fault) for fault in infer(text, compiled.ast, typing).faults]
    assert told == []
    assert looked_at > 300


def whole(value: Any) -> Iterator[Any]:
    """The largest parts of a document that are templates: `with`, `output`, `return` …"""
    for key, member in value.items() if isinstance(value, dict) else ():
        if key in ("with", "output", "return", "body", "let", "blocks") and isinstance(member, dict | list):
            yield member
        else:
            yield from whole(member)
    for member in value if isinstance(value, list) else ():
        yield from whole(member)


def test_nor_with_whole_templates() -> None:
    looked_at, told = 0, []
    for document in documents():
        roots = ROOTS | {each for each in names(document) if each not in {*inner_names(document)}}
        for part in whole(document):
            template, _ = compile_template(part, roots=roots)
            if isinstance(template, Template):
                looked_at += 1
                told += infer_template(template, Typing(dict.fromkeys(roots, ANY))).faults
    assert told == []
    assert looked_at > 50


def inner_names(value: Any) -> Iterator[str]:
    """The names that `$as` gives."""
    if isinstance(value, dict) and isinstance(value.get("$as"), str):
        yield value["$as"]
    for member in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from inner_names(member)


def test_the_files_are_there() -> None:
    assert all(list(Path(ROOT / folder).rglob("*.yaml")) for folder in FOLDERS)
