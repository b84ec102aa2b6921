"""All documents of a configuration by kind and name; finds names that are given twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.config.document import KIND_KEYS, Document
from gateway.config.draft import Draft
from gateway.config.loaded import Loaded, Parsed
from gateway.sdk.problem import Path, Problem

_NAMED = frozenset({"source", "intent", "route", "transform"})


class Registry:
    """Documents are added in the order of their files, so of two with one name the later is told about the earlier."""

    def __init__(self) -> None:
        self._first: dict[tuple[Any, ...], tuple[Document, Path]] = {}
        self._parsed: list[Parsed[Any]] = []
        self._broken: set[tuple[str, str]] = set()
        self._ambiguous: set[tuple[str, str]] = set()

    @property
    def unread(self) -> frozenset[tuple[str, str]]:
        """Kind and name of what exists but gave no model so far."""
        return frozenset(self._broken)

    def add_unreadable(self, file: str) -> None:
        """A file or folder of which nothing is known: whatever is missing may be in it."""
        self._broken.add(("file", file))

    def add_unread(self, names: Mapping[str, str]) -> None:
        """A document that YAML could not read; `names` are the keys and texts at its left edge."""
        kind = next((kind for kind in KIND_KEYS if kind in names), None)
        if kind is not None:
            self._broken.add((kind, names[kind]))

    def add(self, draft: Draft, model: Any) -> list[Problem]:
        """Registers a document, with its model unless it has errors; gives the problems of a second use of its name."""
        name = draft.name
        if name is None or draft.kind == "test":
            return []
        problems = self._written_twice(draft) if draft.kind == "policy" else self._named_twice(draft, name)
        if problems and draft.kind != "policy":
            self._ambiguous.add((draft.kind, name))
        if model is None or problems:
            self._broken.add((draft.kind, name))
        else:
            self._parsed.append(Parsed(draft.kind, name, model, draft.document))
        return problems

    def _named_twice(self, draft: Draft, name: str) -> list[Problem]:
        version = draft.version if draft.kind == "intent" else None
        path: Path = ("version",) if version is not None and "version" in draft.document.data else (draft.kind,)
        shown = f"{draft.kind} `{name}`" + (f" version {version}" if version is not None else "")
        return self._claim((draft.kind, name, version), draft.document, path, f"{shown} is defined twice")

    def _written_twice(self, draft: Draft) -> list[Problem]:
        """Several documents may make up one policy as long as none writes what another has written."""
        problems: list[Problem] = []
        for key, value in draft.document.data.items():
            if key == "policy" or isinstance(value, list):
                continue
            paths: list[Path] = [(key, member) for member in value] if isinstance(value, dict) else [(key,)]
            for path in paths:
                shown = ".".join(map(str, path))
                problems += self._claim((draft.name, *path), draft.document, path, f"`{shown}` of policy `{draft.name}` is written twice")
        return problems

    def _claim(self, what: tuple[Any, ...], document: Document, path: Path, message: str) -> list[Problem]:
        first = self._first.setdefault(what, (document, path))
        if first == (document, path):
            return []
        earlier = first[0].place(first[1])
        hint = f"the first is at {earlier.file}:{earlier.line}:{earlier.column}"
        return [Problem("GW120", "error", message, document.place(path), path, hint)]

    def fill(self, loaded: Loaded) -> None:
        """Puts everything where `Loaded` has it."""
        homes: dict[str, dict[str, Any]] = {"source": loaded.sources, "route": loaded.routes, "transform": loaded.transforms}
        for parsed in self._parsed:
            if (parsed.kind, parsed.name) in self._ambiguous:
                continue  # which of them a reference means, nobody can tell
            if parsed.kind == "gateway":
                loaded.gateway = parsed
            elif parsed.kind == "policy":
                loaded.policies.append(parsed)
            elif parsed.kind == "intent":
                loaded.intents.setdefault(parsed.name, []).append(parsed)
            else:
                homes[parsed.kind][parsed.name] = parsed
        for versions in loaded.intents.values():
            versions.sort(key=lambda parsed: parsed.model.version)
        loaded.broken = frozenset(self._broken)
