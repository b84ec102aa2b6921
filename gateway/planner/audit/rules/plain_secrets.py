"""Secrets that stand in files. No value is ever shown: only where it stands, and what gave it away."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.config.document import Document
from gateway.config.nodes import Mapping, Node, Scalar, Sequence
from gateway.planner.audit.notes import Notes
from gateway.planner.audit.secret_words import looks_like, named_secret
from gateway.planner.planned import Planned
from gateway.sdk import Path


def secrets_in_files(planned: Planned, notes: Notes) -> None:
    """GA301: a literal text under a key that names a secret, and any text that looks like a credential."""
    for document in _documents(planned):
        for path, text in _texts(document.root):
            name = _name(path)
            told = looks_like(text, name)
            if told is None and "${" not in text and named_secret(name, text):
                told = f"the value of `{name}`"
            if told is not None:
                notes.add("GA301", f"{told} stands in the file", document, path)


def _documents(planned: Planned) -> Iterator[Document]:
    loaded = planned.loaded
    if loaded.gateway is not None:
        yield loaded.gateway.document
    for named in (loaded.sources, loaded.routes, loaded.transforms):
        yield from (parsed.document for parsed in named.values())
    yield from (parsed.document for versions in loaded.intents.values() for parsed in versions)
    yield from (policy.document for policy in loaded.policies)


def _texts(root: Node) -> Iterator[tuple[Path, str]]:
    """Every text of a document as it is written, before the environment is filled in."""
    waiting: list[tuple[Path, Node]] = [((), root)]
    while waiting:
        path, node = waiting.pop()
        if isinstance(node, Mapping):
            waiting += [((*path, name), value) for name, (_, value) in node.entries.items()]
        elif isinstance(node, Sequence):
            waiting += [((*path, index), item) for index, item in enumerate(node.items)]
        elif isinstance(node, Scalar) and isinstance(node.value, str):
            yield path, node.written


def _name(path: Path) -> str:
    """The nearest key."""
    return next((step for step in reversed(path) if isinstance(step, str)), "")
