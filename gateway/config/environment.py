"""Resolves `${ env.X }` and `${ secret.x }`, once, at load (language §2.6).

A resolved value gets into the document's data and nowhere else: no problem and no representation shows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from gateway.config.document import Document
from gateway.config.live_secrets import Again, LiveSecrets
from gateway.config.nodes import plain
from gateway.config.positions import Position
from gateway.config.scalars import Refused, resolve
from gateway.config.secrets import Secrets, SecretUnreadable
from gateway.config.shape import types_of
from gateway.config.suggest import closest
from gateway.expressions import compile_expression
from gateway.expressions.faults import Fault, SyntaxFault
from gateway.expressions.scanner import Escape, Slot, Text, only_slot, scan
from gateway.sdk.errors import ExpressionFault
from gateway.sdk.expression import Compiled
from gateway.sdk.problem import Path, Problem
from gateway.sdk.secret import SecretText

MOST_EXPRESSIONS = 5_000

_ROOTS = frozenset({"env", "secret"})
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ALLOWED_PLACES = "secrets are allowed below auth, identity, stores, tls and channels, in `url` and in a source's headers"
_WORDS = {"integer": "a whole number", "number": "a number", "boolean": "`true` or `false`"}


class Resolution(msgspec.Struct, frozen=True):
    """A document with its environment filled in.

    `filled` are the paths whose value came from the environment, `broken` those where it could not; there the text stays.
    """

    document: Document
    problems: list[Problem]
    filled: frozenset[Path]
    broken: tuple[Path, ...]


class Environment:
    """Variables, secrets and the expressions over them, for all documents of one load. Its representation shows none."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.variables = environ
        self.secrets = Secrets(environ)
        self.live = LiveSecrets(self.secrets)
        self._compiled: dict[str, tuple[Compiled | None, list[Fault]]] = {}

    def __repr__(self) -> str:
        return "Environment()"

    def compile(self, text: str) -> tuple[Compiled | None, list[Fault]]:
        """The expression, compiled once however often it is written; different ones are bounded in number."""
        if text not in self._compiled:
            if len(self._compiled) >= MOST_EXPRESSIONS:
                message = f"more than {MOST_EXPRESSIONS} different expressions over the environment"
                return None, [Fault("GW011", message, None, 0, len(text))]
            self._compiled[text] = compile_expression(text, roots=_ROOTS)
        return self._compiled[text]


def fill_in(document: Document, positions: Iterable[Position], environment: Environment) -> Resolution:
    """Fills in the `plain` and `secret` positions of a document; its nodes and places stay as they are."""
    filling = _Filling(document, environment)
    data = document.data
    filled: set[Path] = set()
    broken: list[Path] = []
    secrets: dict[Path, SecretText] = {}
    for position in positions:
        written = _at(document.data, position.path) if position.kind in {"plain", "secret"} else None
        if not isinstance(written, str) or "${" not in written:
            continue
        before = len(filling.problems)
        filling.secrets.clear()
        value = filling.value(position, written)
        if any(problem.severity == "error" for problem in filling.problems[before:]):
            broken.append(position.path)
        elif position.path:
            data = data if filled else plain(document.root)
            _at(data, position.path[:-1])[position.path[-1]] = value
            filled.add(position.path)
            if filling.secrets and isinstance(value, str):
                secrets[position.path] = environment.live.add(frozenset(filling.secrets), value, filling.again(position, written))
    done = Document(document.root, file=document.file, data=data, secrets=secrets) if filled else document
    return Resolution(done, filling.problems, frozenset(filled), tuple(broken))


def _at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


class _Filling:
    """The values of one document's positions. Nothing of a value is kept here; `secrets` are the names of those that were read."""

    def __init__(self, document: Document, environment: Environment) -> None:
        self._document = document
        self._environment = environment
        self.problems: list[Problem] = []
        self.secrets: set[str] = set()

    def again(self, position: Position, written: str) -> Again:
        """Fills a text in anew, with the secrets as they are then."""
        document, environment = self._document, self._environment

        def again() -> str | None:
            filling = _Filling(document, environment)
            value = filling.value(position, written)
            return value if isinstance(value, str) and not filling.problems else None

        return again

    def value(self, position: Position, written: str) -> Any:
        """The value of a text with `${ }`; meaningless where a problem was reported."""
        try:
            pieces = scan(written)
        except SyntaxFault as fault:
            self._fault(position.path, fault.fault)
            return None
        whole = only_slot(pieces)
        if whole is not None:
            value = self._slot(position, written, whole)
            return self._converted(position, value) if isinstance(value, str) else value
        parts: list[str] = []
        for piece in pieces:
            if isinstance(piece, Text):
                parts.append(piece.text)
            elif isinstance(piece, Escape):
                parts.append("${")
            else:
                parts.append(_as_text(self._slot(position, written, piece)))
        return self._converted(position, "".join(parts))

    def _slot(self, position: Position, written: str, slot: Slot) -> Any:
        """The value of one `${ }`, or None with a problem."""
        slot = _trimmed(written, slot)
        compiled, faults = self._environment.compile(written[slot.start : slot.end])
        for fault in faults:
            self._fault(position.path, fault.moved(slot.start))
        if compiled is None or any(fault.severity == "error" for fault in faults):
            return None
        if not self._references_allowed(position, compiled, slot):
            return None
        scope = self._scope(position.path, compiled, slot)
        try:
            value = compiled(dict(scope))
        except ExpressionFault:
            self._report("GW404", "this expression can't be evaluated", position.path, slot)
            return None
        if value is None:
            self._unset(position.path, scope, slot)
        elif isinstance(value, dict | list):
            self._report("GW404", "this expression gives no single value", position.path, slot)
        return value

    def _references_allowed(self, position: Position, compiled: Compiled, slot: Slot) -> bool:
        before = len(self.problems)
        for reference in sorted(compiled.references, key=str):
            if len(reference) != 2 or not _NAME.fullmatch(str(reference[1])):
                hint = "write `env.NAME` or `secret.name`"
                self._report("GW404", "only single variables and secrets can be used here", position.path, slot, hint)
            elif reference[0] == "secret" and position.kind != "secret":
                self._report("GW403", "a secret can't be used here", position.path, slot, _ALLOWED_PLACES)
        return len(self.problems) == before

    def _scope(self, path: Path, compiled: Compiled, slot: Slot) -> dict[str, dict[str, str | None]]:
        """The values of exactly what the expression refers to."""
        scope: dict[str, dict[str, str | None]] = {"env": {}, "secret": {}}
        for root, name in sorted((str(root), str(name)) for root, name in compiled.references):
            scope[root][name] = self._environment.variables.get(name) if root == "env" else self._secret(name, path, slot)
        return scope

    def _secret(self, name: str, path: Path, slot: Slot) -> str | None:
        self.secrets.add(name)
        try:
            return self._environment.secrets.get(name)
        except SecretUnreadable as fault:
            self._report("GW402", f"secret `{name}`: {fault}", path, slot)
            return ""

    def _unset(self, path: Path, scope: dict[str, dict[str, str | None]], slot: Slot) -> None:
        """Reports what an expression without a value lacks."""
        before = len(self.problems)
        for name in (name for name, value in scope["env"].items() if value is None):
            near = closest(name, filter(_NAME.fullmatch, self._environment.variables))
            hint = f"did you mean `{near}`?" if near else f"set it, or give a default: `${{ env.{name} || 'value' }}`"
            self._report("GW401", f"environment variable `{name}` is not set", path, slot, hint)
        for name in (name for name, value in scope["secret"].items() if value is None):
            self._report("GW402", f"secret `{name}` is not set", path, slot, Secrets.how_to_set(name))
        if len(self.problems) == before:
            self._report("GW404", "this expression gives no value", path, slot)

    def _converted(self, position: Position, text: str) -> Any:
        """The text as the type that the schema asks for; text where it takes text or anything."""
        kinds = types_of(position.schema)
        if any("\ud800" <= character <= "\udfff" for character in text):
            message = "the value given here by the environment is not UTF-8"
            self.problems.append(Problem("GW404", "error", message, self._document.place(position.path), position.path))
            return None
        if not kinds or "string" in kinds:
            return text
        value = resolve(text.strip())
        wanted: tuple[type, ...] = (bool,) if "boolean" in kinds else (int, float) if "number" in kinds else (int,)
        if isinstance(value, wanted) and not isinstance(value, Refused) and (bool in wanted or not isinstance(value, bool)):
            return value
        asked = " or ".join(_WORDS[kind] for kind in sorted(kinds) if kind in _WORDS) or "another type"
        message = f"the value given here by the environment is not {asked}"
        self.problems.append(Problem("GW404", "error", message, self._document.place(position.path), position.path))
        return None

    def _fault(self, path: Path, fault: Fault) -> None:
        place = self._document.place_in_text(path, fault.start, fault.end)
        self.problems.append(Problem(fault.code, fault.severity, fault.message, place, path, fault.hint))

    def _report(self, code: str, message: str, path: Path, slot: Slot, hint: str | None = None) -> None:
        place = self._document.place_in_text(path, slot.start, slot.end)
        self.problems.append(Problem(code, "error", message, place, path, hint))


def _trimmed(text: str, slot: Slot) -> Slot:
    """The slot without white space round its expression."""
    inner = text[slot.start : slot.end]
    start = slot.start + len(inner) - len(inner.lstrip())
    return Slot(start, max(start, slot.start + len(inner.rstrip())))


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
