"""YAML value → parts, with everything that is wrong on the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.expressions.expression import Expression, compile_expression
from gateway.expressions.faults import Fault, SyntaxFault, did_you_mean, listed
from gateway.expressions.limits import MAX_NESTING
from gateway.expressions.scanner import Escape, Slot, Text, holds_slot, only_slot, scan
from gateway.expressions.template_form import FORMS, RESERVED, Form, Keys
from gateway.expressions.template_part import Around, Part, literal, mapping, rendered, repetition, sequence, text
from gateway.expressions.template_part import choice as choose
from gateway.expressions.template_part import use as apply
from gateway.sdk import Compiled, Function, Path

Leaf = tuple[Path, int, int, Expression]
Spot = tuple[Path, int]
"""Where a value gets into a template: the path, and the offset of its expression in the text there; 0 for `$use` and `$if`."""
NOTHING = literal(None)
LONGEST_PRICE = 200
"""How far behind a `$${` is looked for something that could be evaluated."""


class Reader:
    """Reads one template. `faults` and `leaves` fill as it goes. Values go through what `around` has for where they get in."""

    def __init__(
        self,
        functions: Mapping[str, Function],
        transforms: Mapping[str, Compiled],
        locales: frozenset[str],
        around: Mapping[Spot, Around],
    ) -> None:
        self.faults: list[tuple[Path, Fault]] = []
        self.leaves: list[Leaf] = []
        self._functions = functions
        self._transforms = transforms
        self._locales = locales
        self._around = around

    def read(self, value: Any, path: Path, roots: frozenset[str]) -> Part:
        """The part for a value; a placeholder where it is faulty."""
        if len(path) > MAX_NESTING:
            return self._fault(path, "GW216", f"a template may be nested {MAX_NESTING} deep at most")
        if isinstance(value, str):
            return self._text(value, path, roots)
        if isinstance(value, list):
            return sequence([self.read(item, (*path, place), roots) for place, item in enumerate(value)])
        if isinstance(value, dict):
            return self._mapping(value, path, roots)
        return literal(value)

    def _fault(self, path: Path, code: str, message: str, hint: str | None = None, length: int = 0) -> Part:
        self.faults.append((path, Fault(code, message, hint, 0, length)))
        return NOTHING

    def _text(self, value: str, path: Path, roots: frozenset[str]) -> Part:
        if not holds_slot(value):
            return literal(value)
        try:
            pieces = scan(value)
        except SyntaxFault as found:
            self.faults.append((path, found.fault))
            return NOTHING
        single = only_slot(pieces)
        if single is not None:
            return self._slot(value, single, path, roots)
        parts = [self._piece(value, piece, path, roots) for piece in pieces]
        if all(isinstance(part, str) for part in parts):
            return literal("".join(part for part in parts if isinstance(part, str)))
        return text(parts)

    def _piece(self, value: str, piece: Text | Slot | Escape, path: Path, roots: frozenset[str]) -> str | Part:
        if isinstance(piece, Slot):
            return self._slot(value, piece, path, roots)
        if isinstance(piece, Escape):
            self._warn_of_price(value, piece, path, roots)
            return "${"
        return piece.text

    def _warn_of_price(self, value: str, escape: Escape, path: Path, roots: frozenset[str]) -> None:
        """`$${ output.total }` may be meant as a price: that is so where it could be evaluated."""
        try:
            slots = [piece for piece in scan(value[escape.start + 1 :][:LONGEST_PRICE])[:1] if isinstance(piece, Slot)]
        except SyntaxFault:
            return
        for slot in slots:
            start, end = escape.start + 1 + slot.start, escape.start + 1 + slot.end
            meant, _ = compile_expression(value[start:end], roots=roots, functions=self._functions)
            if meant is not None and meant.references:
                hint = f"for a price write ${{ money({value[start:end].strip()}, 'USD') }}"
                fault = Fault("GW213", "`$${` writes `${` and evaluates nothing", hint, escape.start, end + 1, "warning")
                self.faults.append((path, fault))

    def _slot(self, value: str, slot: Slot, path: Path, roots: frozenset[str]) -> Part:
        return rendered(self._expression(value[slot.start : slot.end], slot.start, path, roots), self._around.get((path, slot.start)))

    def _expression(self, written: str, offset: int, path: Path, roots: frozenset[str]) -> Part:
        compiled, faults = compile_expression(written, roots=roots, functions=self._functions, locales=self._locales)
        self.faults.extend((path, fault.moved(offset)) for fault in faults)
        if not isinstance(compiled, Expression):
            return NOTHING
        self.leaves.append((path, offset, offset + len(written), compiled))
        return Part(lambda: compiled.run, compiled.references)

    def _mapping(self, value: dict[Any, Any], path: Path, roots: frozenset[str]) -> Part:
        form = next((form for form in FORMS if any(key in value for key in form.marks)), None)
        if form is not None:
            return self._form(form, value, path, roots)
        for key in value:
            if isinstance(key, str) and key.startswith("$") and not key.startswith("$$"):
                hint = did_you_mean(key, RESERVED, otherwise=f"`${key}` writes the key `{key}`")
                self._fault((*path, key), "GW209", f"`{key}` is no reserved key", hint)
        return mapping({_key(key): self.read(item, (*path, key), roots) for key, item in value.items()})

    def _form(self, form: Form, value: dict[str, Any], path: Path, roots: frozenset[str]) -> Part:
        meant = self._beside(form, value, path)
        missing = sorted(form.required - value.keys())
        if missing and not meant.issuperset(missing):
            there = form.name if form.name in value else next(key for key in value if key in form.marks)
            return self._fault(path, "GW209", f"{there} needs {listed(missing)}", form.example)
        if missing:
            return NOTHING
        part: Part = getattr(self, f"_{form.name[1:]}")(value, path, roots)
        return rendered(part, self._around.get((path, 0)))

    def _beside(self, form: Form, value: dict[str, Any], path: Path) -> set[str]:
        """Reports keys that the form doesn't have; gives those that were probably meant."""
        meant: set[str] = set()
        for key in value:
            if key not in form.keys:
                near = next((known for known in sorted(form.keys - value.keys()) if known.removeprefix("$") == str(key)), None)
                goes = f"{form.name} goes with {listed(form.keys - {form.name})}" if len(form.keys) > 1 else f"{form.name} stands alone"
                hint = f"did you mean `{near}`?" if near else did_you_mean(str(key), form.keys - value.keys(), otherwise=goes)
                meant |= {near} if near else set()
                self._fault((*path, key), "GW209", f"`{key}` can't stand beside {form.name}", hint)
        return meant

    def _literal(self, value: Keys, _path: Path, _roots: frozenset[str]) -> Part:
        return literal(value["$literal"])

    def _if(self, value: Keys, path: Path, roots: frozenset[str]) -> Part:
        condition = self._position(value, "$if", path, roots, bool)
        then = self.read(value["$then"], (*path, "$then"), roots)
        return choose(condition, then, self.read(value.get("$else"), (*path, "$else"), roots))

    def _each(self, value: Keys, path: Path, roots: frozenset[str]) -> Part:
        items = self._position(value, "$each", path, roots)
        limit = self._position(value, "$limit", path, roots, int) if "$limit" in value else None
        name = value["$as"]
        if not self._is_name(name, (*path, "$as"), roots):
            return NOTHING
        inner = roots | {name}
        where = self._position(value, "$where", path, inner, bool) if "$where" in value else None
        return repetition(name, items, where, limit, self.read(value["$do"], (*path, "$do"), inner))

    def _is_name(self, name: Any, path: Path, roots: frozenset[str]) -> bool:
        if not isinstance(name, str) or not Form.NAME.fullmatch(name):
            self._fault(path, "GW209", "$as needs a name", "small letters, digits and _, beginning with a letter")
            return False
        if name in roots:
            self._fault(path, "GW212", f"`{name}` is a root here already", "choose another name", len(name))
            return False
        return True

    def _use(self, value: Keys, path: Path, roots: frozenset[str]) -> Part:
        name = value["$use"]
        given = self.read(value["value"], (*path, "value"), roots)
        transform = self._transforms.get(name) if isinstance(name, str) else None
        if transform is None:
            known = f"known transforms: {listed(self._transforms)}" if self._transforms else "no transform is known"
            hint = did_you_mean(str(name), self._transforms, otherwise=known)
            return self._fault((*path, "$use"), "GW214", f"there is no transform `{name}`", hint, len(str(name)))
        return apply(transform, given, config="config" in roots)

    def _position(self, value: Keys, key: str, path: Path, roots: frozenset[str], literal_kind: type | None = None) -> Part:
        """What stands where a bare expression belongs; a literal of the right kind will do too."""
        written = value[key]
        if isinstance(written, str):
            return self._expression(written, 0, (*path, key), roots)
        if literal_kind is not None and type(written) is literal_kind:
            return literal(written)
        return self._fault((*path, key), "GW209", f"{key} needs an expression", "a text without `${ }`")


def _key(key: Any) -> Any:
    return key[1:] if isinstance(key, str) and key.startswith("$$") else key
