"""Loads a configuration folder: files → documents → environment → problems and frozen models."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath
from types import MappingProxyType
from typing import Literal

from gateway.config.document import Document
from gateway.config.draft import Draft
from gateway.config.environment import Environment, Resolution, fill_in
from gateway.config.extends import extend
from gateway.config.folders import Folders, FoundFile, read_file
from gateway.config.kind_schema import shapes_for
from gateway.config.kinds import kind_among, kind_problem, names_meant
from gateway.config.loaded import Loaded, Parsed
from gateway.config.nodes import Mapping as MappingNode
from gateway.config.plain_secrets import plain_secrets
from gateway.config.registry import Registry
from gateway.config.root_document import ROOT_FILE, RootDocument
from gateway.config.schema import discriminator_of, positions, schema_for
from gateway.config.strict_yaml import YamlFile, read_yaml
from gateway.config.unsaid import unsaid
from gateway.config.validate import parse, validate
from gateway.sdk.component import Component
from gateway.sdk.problem import Path, Place, Problem

_ENVIRONMENT = "GATEWAY_ENV"
_NOT_IN_FORCE = "GW111"
"""An error, and still no reason not to look at the rest of a document."""
NO_CONTENTS: Mapping[str, bytes] = MappingProxyType({})
_FAMILIES: tuple[Literal["specs", "policies"], ...] = ("specs", "policies")

__all__ = ["NO_CONTENTS", "Loaded", "Parsed", "load"]


def load(
    folder: FilePath,
    *,
    env: str | None,
    environ: Mapping[str, str],
    components: Mapping[tuple[str, str], Component],
    contents: Mapping[str, bytes] = NO_CONTENTS,
) -> Loaded:
    """Everything below `folder`, with all problems of all files in the order of file and line. Never raises for content.

    `env` names the overlay (else `GATEWAY_ENV` of `environ` does); `environ` gives variables and secrets; `components` are
    the kinds of source and identity that there are, by (kind, name). `contents` are taken in place of what stands in the files
    of these names.
    """
    return _Loading(folder, environ, components, contents).run(env or environ.get(_ENVIRONMENT))


class _Loading:
    """One run of `load`."""

    def __init__(
        self,
        folder: FilePath,
        environ: Mapping[str, str],
        components: Mapping[tuple[str, str], Component],
        contents: Mapping[str, bytes],
    ) -> None:
        self._folder = folder
        self._contents = contents
        self._environment = Environment(environ)
        self._said: dict[tuple[str, Place, Path], Draft] = {}
        self._components = components
        self._problems: list[Problem] = []
        self._hidden: set[Place] = set()
        self._registry = Registry()
        self._bytes: dict[str, bytes] = {}

    def run(self, env: str | None) -> Loaded:
        root = RootDocument(self._folder, self._read)
        root.load(env)
        self._problems += root.problems
        if root.exists:
            self._finish_root(root.draft)
            drafts = [draft for file in self._files(root.draft) for draft in self._drafts(file)]
            self._problems += extend(drafts, self._registry.unread)
            for draft in drafts:
                self._finish(draft)
        return self._loaded()

    def _read(self, name: str, content: bytes) -> YamlFile:
        content = self._contents.get(name, content)
        self._bytes[name] = content
        yaml = read_yaml(name, content)
        self._problems += yaml.problems
        return yaml

    def _finish_root(self, draft: Draft | None) -> None:
        if draft is None:
            return
        wrong = kind_problem(draft.document, kind_among(draft.document.data), frozenset({"gateway"}))
        if wrong is None:
            self._finish(draft)
        else:
            draft.failed = True
            self._problems.append(wrong)

    def _files(self, root: Draft | None) -> list[FoundFile]:
        """The files of the folders that `gateway.yaml` names, or of the usual ones where it doesn't say."""
        folders = Folders(self._folder)
        for family in _FAMILIES:
            named = root.document.data.get(family) if root else None
            if root is not None and isinstance(named, list):
                folders.add_named(root, family)
            else:
                folders.add_usual(family)
        self._problems += folders.problems
        for problem in folders.problems:
            if problem.severity == "error":
                self._registry.add_unreadable(problem.place.file)
        return folders.files()

    def _drafts(self, file: FoundFile) -> list[Draft]:
        """The documents of a file whose kind is known and has its place there."""
        content = read_file(self._folder, file.name)
        if isinstance(content, Problem):
            self._problems.append(content)
            self._registry.add_unreadable(file.name)
            return []
        yaml = self._read(file.name, content)
        if not yaml.documents and yaml.problems:
            self._registry.add_unreadable(file.name)
        elif not yaml.documents:
            place = Place(file.name, 1, 1, 1)
            self._problems.append(Problem("GW012", "warning", "this file holds no document", place, (), "remove it, or write one"))
        drafts: list[Draft] = []
        for raw in yaml.documents:
            if not isinstance(raw.root, MappingNode):
                self._registry.add_unread(raw.names)
                continue
            document = Document(raw.root, file=file.name)
            kind = kind_among(document.data)
            wrong = kind_problem(document, kind, file.families)
            if wrong is not None or kind is None:
                self._problems += [wrong] if wrong and not raw.broken else []
                self._registry.add_unread(names_meant(document, file.families))
                continue
            drafts.append(Draft(kind, document, raw.broken))
        return drafts

    def _finish(self, draft: Draft) -> None:
        """Fills in the environment, checks the document and registers its model."""
        resolution = self._fill_in(draft)
        draft.document = resolution.document
        draft.broken = (*draft.broken, *resolution.broken)
        found = [problem for problem in validate(draft.document, draft.kind, self._components) if not draft.is_broken_at(problem.path)]
        self._problems += [problem for problem in resolution.problems if self._is_new(problem, draft)]
        new = [problem for problem in found if self._is_new(problem, draft)]
        self._problems += unsaid(new, draft.document.data, resolution.filled)
        errors = [problem for problem in (*resolution.problems, *found) if problem.severity == "error" and problem.code != _NOT_IN_FORCE]
        draft.failed = draft.failed or bool(draft.broken) or bool(errors)
        model = None if draft.failed else parse(draft.document, draft.kind, self._components)
        self._problems += unsaid(self._registry.add(draft, model), draft.document.data, resolution.filled)

    def _is_new(self, problem: Problem, draft: Draft) -> bool:
        """Whether no other document, which this one extends or which extends it, has told the problem."""
        return self._said.setdefault((problem.code, problem.place, problem.path), draft) is draft

    def _fill_in(self, draft: Draft) -> Resolution:
        data = draft.document.data
        if draft.kind == "test":
            return Resolution(draft.document, [], frozenset(), ())
        form = draft.kind, discriminator_of(draft.kind, data), self._components
        known = list(positions(schema_for(*form), data, shapes_for(*form)))
        self._hidden.update(plain_secrets(draft.document, known))
        return fill_in(draft.document, known, self._environment)

    def _loaded(self) -> Loaded:
        loaded = Loaded(self._folder)
        self._registry.fill(loaded)
        loaded.problems = _in_order(self._problems)
        loaded.hidden = frozenset(self._hidden)
        loaded.secrets = self._environment.live
        loaded.files = tuple(sorted(self._bytes))
        loaded.digest = _digest(self._bytes)
        return loaded


def _in_order(problems: Sequence[Problem]) -> list[Problem]:
    """By file (`gateway.yaml` first), line and column."""

    def key(problem: Problem) -> tuple[bool, str, int, int, str]:
        place = problem.place
        return place.file != ROOT_FILE, place.file, place.line, place.column, problem.code

    return sorted(problems, key=key)


def _digest(contents: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, content in sorted(contents.items()):
        for part in (name.encode("utf-8", "surrogateescape"), content):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
