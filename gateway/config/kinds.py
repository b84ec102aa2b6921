"""Which kind a document is, and where each kind may stand (language §1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from gateway.config.authority import decides_access
from gateway.config.document import KIND_KEYS, Document
from gateway.config.suggest import certain, closest
from gateway.sdk.problem import Problem

Family = Literal["gateway", "specs", "policies", "tests"]

ALLOWED: dict[Family, frozenset[str]] = {
    "gateway": frozenset({"gateway"}),
    "specs": frozenset({"source", "intent", "route", "transform"}),
    "policies": frozenset({"policy"}),
    "tests": frozenset({"test"}),
}
_HOME = {"gateway": "in `gateway.yaml`", "policy": "in a folder of `policies`", "test": "in a file `*.test.yaml`"}


def kind_among(keys: object) -> str | None:
    """The kind that these top-level keys tell."""
    return next((kind for kind in KIND_KEYS if isinstance(keys, dict) and kind in keys), None)


def kind_problem(document: Document, kind: str | None, families: frozenset[Family]) -> Problem | None:
    """What is wrong with a document's kind in a file of these families."""
    if kind is None:
        return _unknown(document, families)
    if any(kind in ALLOWED[family] for family in families):
        return _two_at_once(document, kind)
    home = _HOME.get(kind, "in a folder of `specs`")
    return Problem(
        "GW122",
        "error",
        f"a document of the kind `{kind}` doesn't belong in this file",
        document.place((kind,), key=True),
        (),
        f"put it {home}",
    )


def _two_at_once(document: Document, kind: str) -> Problem | None:
    """A document with the keys of two: the line that splits them is missing. A route names its intent."""
    data: dict[str, object] = document.data
    other = next((key for key in KIND_KEYS if key in data and key != kind and (kind, key) != ("route", "intent")), None)
    if other is None:
        return None
    first, second = sorted((kind, other), key=list(data).index)
    message = f"this document is of the kind `{first}` and of the kind `{second}` at once"
    hint = "split two documents by a line with `---`"
    return Problem("GW121", "error", message, document.place((second,), key=True), (second,), hint)


def names_meant(document: Document, families: frozenset[Family]) -> dict[str, str]:
    """By kind, what a document in a wrong place, or whose key for its kind is misspelt, was to be called."""
    data: dict[str, object] = document.data
    meant = _misspelt(data, families)
    return {kind: name for kind, name in {**data, **({meant[1]: data[meant[0]]} if meant else {})}.items() if isinstance(name, str)}


def _expected(families: frozenset[Family]) -> list[str]:
    return sorted({kind for family in families for kind in ALLOWED[family]})


def _misspelt(keys: Iterable[str], families: frozenset[Family]) -> tuple[str, str] | None:
    """The key that nearly tells the kind, and that kind."""
    expected = _expected(families)
    return next(((key, near) for key in keys if (near := closest(key, expected))), None)


def _unknown(document: Document, families: frozenset[Family]) -> Problem:
    """No key tells the kind: the key that nearly does, or the first, is shown."""
    expected = _expected(families)
    keys = list(document.data)
    meant = _misspelt(keys, families)
    help_text = f"a document here starts with {', '.join(f'`{kind}:`' for kind in expected)}"
    message = "this document doesn't say what it is"
    if meant is None:
        place = document.place((keys[0],), key=True) if keys else document.place(())
        return Problem("GW121", "error", message, place, (), f"name it first, as in `{expected[0]}: <name>`", help_text)
    key, near = meant
    fix = None if decides_access(document.data, (key,), near) else certain(key, near, expected)
    return Problem("GW121", "error", message, document.place((key,), key=True), (key,), f"did you mean `{near}`?", help_text, fix)
