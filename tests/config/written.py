"""Documents for tests, from YAML text."""

from __future__ import annotations

from textwrap import dedent

from gateway import builtins
from gateway.config.document import KIND_KEYS, Document
from gateway.config.strict_yaml import read_yaml
from gateway.config.validate import validate
from gateway.sdk.problem import Problem

COMPONENTS = builtins.components()


def document(text: str) -> Document:
    """The one document of a YAML text."""
    file = read_yaml("written.yaml", dedent(text).encode())
    assert file.problems == []
    (raw,) = file.documents
    assert raw.root is not None
    return Document(raw.root, file="written.yaml")


def kind_of(written: Document) -> str:
    """A document's kind, told by its keys."""
    return next(kind for kind in KIND_KEYS if kind in written.data)


def problems_of(text: str) -> list[Problem]:
    """What is wrong with a document."""
    written = document(text)
    return validate(written, kind_of(written), COMPONENTS)


def told(problems: list[Problem]) -> list[tuple[str, str, str | None]]:
    """Code, dotted path and hint of each problem."""
    return [(problem.code, ".".join(map(str, problem.path)), problem.hint) for problem in problems]


def only(text: str) -> Problem:
    """The one problem of a document."""
    (problem,) = problems_of(text)
    return problem


def in_intent(text: str) -> str:
    """An intent with these keys."""
    return f"intent: track_order\n{dedent(text)}"


def in_step(text: str) -> str:
    """An intent whose one step `order` has these keys."""
    lines = dedent(text).strip("\n").splitlines()
    return "intent: track_order\nsteps:\n  order:\n" + "".join(f"    {line}\n" for line in lines)
