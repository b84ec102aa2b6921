"""Reads `gateway.yaml`, with the overlay of an environment laid over it (language §1)."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

from gateway.config.document import Document
from gateway.config.draft import Draft
from gateway.config.folders import read_file
from gateway.config.nodes import Mapping
from gateway.config.overlay import lay_over
from gateway.config.strict_yaml import RawDocument, YamlFile
from gateway.config.suggest import closest
from gateway.sdk.problem import Place, Problem

ROOT_FILE = "gateway.yaml"
_ENVIRONMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")

Read = Callable[[str, bytes], YamlFile]


class RootDocument:
    """`gateway.yaml` as read. `exists` is false where nothing else is worth reading; `draft` is None where it has no data."""

    def __init__(self, folder: Path, read: Read) -> None:
        self._folder = folder
        self._read = read
        self.problems: list[Problem] = []
        self.exists = True
        self.draft: Draft | None = None

    def load(self, env: str | None) -> None:
        """Reads the file and, for an environment, its overlay."""
        if not os.path.isdir(self._folder):
            self._missing("there is no such folder", "give the folder of `gateway.yaml` with -C")
            return
        if not os.path.lexists(self._folder / ROOT_FILE):
            wrong = os.path.lexists(self._folder / "gateway.yml")
            self._missing("there is no `gateway.yaml` here", "rename `gateway.yml`" if wrong else "give its folder with -C")
            return
        base = self._only_document(ROOT_FILE)
        over = self._overlay(env) if env else None
        if base is None or not isinstance(base.root, Mapping):
            return
        root, broken = base.root, base.broken
        if over is not None and isinstance(over.root, Mapping):
            merged = lay_over(root, over.root)
            root, broken = merged if isinstance(merged, Mapping) else root, (*broken, *over.broken)
        self.draft = Draft("gateway", Document(root, file=ROOT_FILE), broken)

    def _missing(self, message: str, hint: str) -> None:
        self.exists = False
        self.problems.append(Problem("GW020", "error", message, Place(ROOT_FILE, 1, 1, 1), (), hint))

    def _overlay(self, env: str) -> RawDocument | None:
        name = f"gateway.{env}.yaml"
        if _ENVIRONMENT.fullmatch(env) and os.path.lexists(self._folder / name):
            return self._only_document(name)
        known = {path.name.split(".")[1] for path in self._folder.glob("gateway.*.yaml")}
        near = closest(env, known)
        hint = f"did you mean `{near}`?" if near else f"known here: {', '.join(sorted(known))}" if known else None
        message = f"there is no `{name}` for the environment `{env}`"
        self.problems.append(Problem("GW021", "error", message, Place(ROOT_FILE, 1, 1, 1), (), hint))
        return None

    def _only_document(self, name: str) -> RawDocument | None:
        content = read_file(self._folder, name)
        if isinstance(content, Problem):
            self.problems.append(content)
            return None
        yaml = self._read(name, content)
        for further in yaml.documents[1:]:
            place = Place(name, 1, 1, 1) if further.root is None else Document(further.root, file=name).place(())
            self.problems.append(Problem("GW122", "error", f"`{name}` holds one document only", place, (), "put this one below `specs`"))
        if not yaml.documents and not any(problem.severity == "error" for problem in yaml.problems):
            self.problems.append(
                Problem("GW012", "error", f"`{name}` is empty", Place(name, 1, 1, 1), (), "start it with `gateway: <name>`")
            )
        return yaml.documents[0] if yaml.documents else None
