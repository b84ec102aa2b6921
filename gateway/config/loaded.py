"""What loading a folder gives: frozen models beside the documents they come from, and every problem."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar

from gateway.config.document import Document
from gateway.config.live_secrets import LiveSecrets
from gateway.config.models import Gateway, Intent, Policy, Route, Transform
from gateway.config.secrets import Secrets
from gateway.sdk.problem import Place, Problem
from gateway.sdk.source_config import SourceConfig

M_co = TypeVar("M_co", covariant=True)


class Parsed(Generic[M_co]):
    """A document without an error of its own. Its representation shows no values, which may be secret."""

    def __init__(self, kind: str, name: str, model: M_co, document: Document) -> None:
        self.kind = kind
        self.name = name
        self.model = model
        self.document = document

    def __repr__(self) -> str:
        return f"Parsed({self.kind} {self.name!r}, {self.document!r})"


class Loaded:
    """A folder's configuration, by kind and name; `intents` holds all versions of each, ascending.

    What has an error is in none of the collections, but its name is in `broken`: a reference to it is not to be reported.
    Of a `file` in there nothing is known, not even the names in it.
    `hidden` are the places of secrets in plain text: nothing that stands there is to be shown.
    `secrets` keeps the texts in which secrets stand as the secrets are now.
    `files` are all files that were read, relative to `folder`; `digest` is the SHA-256 of their names and bytes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.gateway: Parsed[Gateway] | None = None
        self.sources: dict[str, Parsed[SourceConfig]] = {}
        self.intents: dict[str, list[Parsed[Intent]]] = {}
        self.routes: dict[str, Parsed[Route]] = {}
        self.transforms: dict[str, Parsed[Transform]] = {}
        self.policies: list[Parsed[Policy]] = []
        self.problems: list[Problem] = []
        self.broken: frozenset[tuple[str, str]] = frozenset()
        self.hidden: frozenset[Place] = frozenset()
        self.secrets = LiveSecrets(Secrets({}))
        self.files: tuple[str, ...] = ()
        self.digest = ""

    @property
    def complete(self) -> bool:
        """Whether every file could be opened; if not, what is not there may be in one of the others."""
        return not any(kind == "file" for kind, _ in self.broken)

    def names(self, kind: str) -> frozenset[str]:
        """All names of a kind (`source`, `intent`, `route`, `transform`), broken ones included."""
        known: dict[str, Mapping[str, Any]] = {
            "source": self.sources,
            "intent": self.intents,
            "route": self.routes,
            "transform": self.transforms,
        }
        return frozenset(known[kind]) | {name for of, name in self.broken if of == kind}

    @property
    def ok(self) -> bool:
        """Whether there is no error (warnings may be)."""
        return not any(problem.severity == "error" for problem in self.problems)
