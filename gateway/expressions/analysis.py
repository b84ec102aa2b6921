"""What can be told of an expression before it runs: which paths it reads, and what is wrong with it (language §2.4–§2.9)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gateway.expressions.builtin import Builtin, Complaint
from gateway.expressions.faults import Fault, did_you_mean, listed
from gateway.expressions.functions import BUILTINS, LAZY, NAMES
from gateway.expressions.functions_locale import categories_of, written_forms
from gateway.expressions.habits import ROOTS
from gateway.expressions.syntax import Node
from gateway.sdk import CLAIM_ROOTS, Function, Reference

Place = Reference | None
"""Where the current value of a node comes from: a path from the scope (`()` is the scope itself), or None where it can't be told."""

_CONSTANTS = frozenset({"true", "false", "null"})
_CHAINS = frozenset({"subexpression", "index_expression", "projection", "filter_projection", "value_projection", "flatten"})
_NEEDLESS = re.compile(r'"[A-Za-z_][A-Za-z0-9_]*"')
"""A name in double quotes that it doesn't need: mostly it was meant to be a text."""
_TIME: Reference = ("ctx", "time")
_LOCALE: Reference = ("ctx", "locale")


class Analysis:
    """One walk over a tree. `faults` and `references` hold what was found, `spans` where in the text each path's last name stands."""

    def __init__(
        self, text: str, roots: frozenset[str], functions: Mapping[str, Function], locales: frozenset[str], *, authorisation: bool
    ) -> None:
        self.faults: list[Fault] = []
        self.references: set[Reference] = set()
        self.spans: dict[Reference, list[tuple[int, int]]] = {}
        self._text = text
        self._roots = roots
        self._open = roots == CLAIM_ROOTS
        self._functions = functions
        self._locales = locales
        self._authorisation = authorisation
        self._operands: set[int] = set()

    def run(self, tree: Node) -> None:
        """Walks the whole tree."""
        self._read(self._walk(tree, (), inside=False))

    def _walk(self, node: Node, place: Place, *, inside: bool) -> Place:
        """Gives where the node's value comes from. `inside`: the current value is an element of a filter, projection or `&`."""
        kind = node["type"]
        if kind in _CHAINS:
            self._check_negation(node)
        method = getattr(self, f"_{kind}", None)
        if method is not None:
            found: Place = method(node, place, inside)
            return found
        for child in node["children"]:
            self._read(self._walk(child, place, inside=inside))
        return None

    def _read(self, place: Place) -> None:
        if place:
            self.references.add(place)

    def _fault(self, code: str, message: str, hint: str | None, node: Node) -> None:
        start = node.get("start", 0)
        self.faults.append(Fault(code, message, hint, start, node.get("end", len(self._text))))

    def _field(self, node: Node, place: Place, inside: bool) -> Place:
        self._check_head(node, place, inside)
        return self._named(node, place)

    def _named(self, node: Node, place: Place) -> Place:
        """The path of a field of `place`."""
        if place is None:
            return None
        path = (*place, node["value"])
        self.spans.setdefault(path, []).append((node.get("start", 0), node.get("end", len(self._text))))
        return path

    def _check_head(self, node: Node, place: Place, inside: bool) -> None:
        name, quoted = node["value"], self._text[node.get("start", 0) : node.get("end", 0)].startswith('"')
        if name in _CONSTANTS and not quoted:
            self._fault("GW206", f"`{name}` is read as a field's name here", f"write `{name}` with the backticks", node)
        elif inside and name in self._roots:
            hint = (
                f"for the element's own field write @.{name}; to use the root {name} for each element, write a list with $each and $where"
            )
            self._fault("GW208", f"`{name}` means the element's field here, not the root", hint, node)
        elif place == () and name not in self._roots and not self._open:
            self._unknown_root(name, quoted, node)

    def _unknown_root(self, name: str, quoted: bool, node: Node) -> None:
        roots = f"known here: {listed(self._roots)}" if self._roots else "no roots are known here"
        if quoted or (id(node) in self._operands and did_you_mean(name, self._roots) is None and name not in ROOTS):
            hint: str | None = f"a text is written in single quotes: '{name}'" + ("" if quoted else f"; {roots}")
        elif name in ROOTS and not any(root.startswith(name) for root in self._roots):
            hint = f"it is known {ROOTS[name]}; {roots}"
        else:
            hint = did_you_mean(name, self._roots, otherwise=roots)
        start, end = node.get("start", 0), node.get("end", len(self._text))
        message = f"`{name}` is not known here"
        self.faults.append(Fault("GW202", message, hint, start, end, name=name, known=tuple(sorted(self._roots))))

    def _current(self, node: Node, place: Place, _: bool) -> Place:
        if place == () and not self._open:
            roots = f"name a root: {listed(self._roots)}" if self._roots else None
            self._fault("GW202", "there is no current value here", roots, node)
        return place

    _identity = _current

    def _literal(self, _node: Node, _place: Place, _inside: bool) -> Place:
        return None

    def _comparator(self, node: Node, place: Place, inside: bool) -> Place:
        left, right = node["children"]
        self._operands |= {id(left), id(right)}
        written = self._text[right.get("start", 0) : right.get("end", 0)]
        if inside and left["type"] != "literal" and right["type"] == "field" and _NEEDLESS.fullmatch(written):
            name = right["value"]
            hint = f"a text is written in single quotes: '{name}'; for the element's own field write @.{name}"
            self._fault("GW206", f"`{written}` is read as a field's name here", hint, right)
        for child in (left, right):
            self._read(self._walk(child, place, inside=inside))
        return None

    def _index(self, node: Node, place: Place, _: bool) -> Place:
        return (*place, node["value"]) if place else None

    def _slice(self, node: Node, place: Place, _: bool) -> Place:
        if node["children"][2] == 0:
            self._fault("GW201", "the step of a slice can't be 0", None, node)
        self._read(place)
        return None

    def _subexpression(self, node: Node, place: Place, inside: bool) -> Place:
        """The first part stands at the head of the path; what follows belongs to what stands before it."""
        place = self._walk(node["children"][0], place, inside=inside)
        for child in node["children"][1:]:
            place = self._follow(child, place, inside)
        return place

    def _follow(self, node: Node, place: Place, inside: bool) -> Place:
        """A part behind a dot or bracket. Its own name is no head; names inside its braces, brackets or arguments are."""
        if node["type"] == "field":
            return self._named(node, place)
        if node["type"] in ("subexpression", "index_expression"):
            first = self._follow(node["children"][0], place, inside)
            for child in node["children"][1:]:
                first = self._follow(child, first, inside)
            return first
        if node["type"] in ("projection", "value_projection", "filter_projection", "flatten"):
            return self._follow_projection(node, place, inside)
        return self._walk(node, place, inside=inside)

    def _follow_projection(self, node: Node, place: Place, inside: bool) -> Place:
        left, *others = node["children"]
        self._read(self._follow(left, place, inside))
        self._elements(others)
        return None

    _index_expression = _subexpression

    def _pipe(self, node: Node, place: Place, inside: bool) -> Place:
        place = self._walk(node["children"][0], place, inside=inside)
        return self._walk(node["children"][1], place, inside=inside)

    def _flatten(self, node: Node, place: Place, inside: bool) -> Place:
        self._read(self._walk(node["children"][0], place, inside=inside))
        return None

    def _projection(self, node: Node, place: Place, inside: bool) -> Place:
        left, *others = node["children"]
        self._read(self._walk(left, place, inside=inside))
        self._elements(others)
        return None

    _value_projection = _filter_projection = _projection

    def _elements(self, nodes: list[Node]) -> None:
        """What a projection does with each element: the path behind it, and for a filter its condition."""
        self._follow(nodes[0], None, True)
        for condition in nodes[1:]:
            self._walk(condition, None, inside=True)

    def _expref(self, node: Node, _place: Place, _inside: bool) -> Place:
        self._walk(node["children"][0], None, inside=True)
        return None

    def _multi_select_list(self, node: Node, place: Place, inside: bool) -> Place:
        return self._select(node["children"], place, inside)

    def _multi_select_dict(self, node: Node, place: Place, inside: bool) -> Place:
        return self._select([child["children"][0] for child in node["children"]], place, inside)

    def _select(self, nodes: list[Node], place: Place, inside: bool) -> Place:
        """Reads the current value itself too (null gives null), unless its parts are read anyway."""
        places = [self._walk(node, place, inside=inside) for node in nodes]
        for found in places:
            self._read(found)
        if place and not any(found and found[: len(place)] == place for found in places):
            self._read(place)
        return None

    def _check_negation(self, node: Node) -> None:
        first = node["children"][0]
        if first["type"] == "not_expression":
            start, end = first.get("start", 0), node.get("end", len(self._text))
            written = self._text[start:end]
            hint = f"write !({written[1:].strip()})" if written.startswith("!") else "put the whole path in parentheses behind `!`"
            self._fault("GW205", f"`{written}` negates before it follows the path", hint, {"start": start, "end": end})

    def _function_expression(self, node: Node, place: Place, inside: bool) -> Place:
        name, arguments = node["value"], node["children"]
        self._check_call(name, arguments, node)
        self._operands |= set(map(id, arguments))
        wrong = {(fault.start, fault.end) for fault in self.faults if fault.code == "GW204"}
        for argument in arguments:
            if (argument.get("start"), argument.get("end")) not in wrong:
                self._read(self._walk(argument, place, inside=inside))
        return None

    def _check_call(self, name: str, arguments: list[Node], node: Node) -> None:
        builtin = BUILTINS.get(name)
        limits = _limits(name, builtin, self._functions)
        if limits is None:
            known = NAMES | set(self._functions)
            self._fault("GW203", f"there is no function {name}()", did_you_mean(name, known), _name_of(name, node))
        elif not _within(len(arguments), *limits):
            self._fault("GW204", f"{name}() takes {_counted(*limits)}, not {len(arguments)}", _summary(name, builtin), node)
        elif self._check_references(name, builtin, arguments) and builtin is not None:
            self._check_builtin(builtin, arguments, node)

    def _check_references(self, name: str, builtin: Builtin | None, arguments: list[Node]) -> bool:
        by = builtin.by if builtin else None
        for place, argument in enumerate(arguments):
            if (argument["type"] == "expref") is not (place == by):
                wanted = f"write it as &, for instance {name}({'list, &name' if by else '&name, list'})" if place == by else None
                message = f"{name}() needs an expression of each item here" if place == by else f"{name}() takes no & expression here"
                self._fault("GW204", message, wanted, argument)
                return False
        return True

    def _check_builtin(self, builtin: Builtin, arguments: list[Node], node: Node) -> None:
        self._check_fixed(builtin, arguments)
        complaint = builtin.check(arguments) if builtin.check else None
        if complaint is not None:
            self._complain(complaint, arguments)
        elif builtin.name == "plural":
            self._check_forms(arguments[1])
        if builtin.needs is not None:
            self._check_context(builtin, node)
        if self._authorisation and builtin.name == "contains" and _is_text(arguments[0]):
            hint = "compare with ==, or use a list: contains(user.roles, 'agent')"
            self._fault("GW210", "a part of a text decides nothing about access", hint, arguments[0])

    def _complain(self, complaint: Complaint, arguments: list[Node]) -> None:
        self._fault(complaint.code, complaint.message, complaint.hint, arguments[complaint.argument])

    def _check_fixed(self, builtin: Builtin, arguments: list[Node]) -> None:
        for place, prepare in builtin.fixed.items():
            argument = arguments[place]
            if argument["type"] != "literal":
                self._fault(
                    "GW211",
                    f"the pattern of {builtin.name}() has to be written down",
                    "a text in single quotes, such as '^[0-9]+$'",
                    argument,
                )
                continue
            try:
                prepare(argument["value"])
            except ValueError as error:
                self._fault("GW211", str(error), "the dialect is RE2: no look-around, no back-references", argument)

    def _check_forms(self, argument: Node) -> None:
        forms = written_forms(argument)
        needed = frozenset[str]().union(*map(categories_of, self._locales), {"other"})
        missing = sorted(needed - set(forms)) if forms is not None else []
        if missing:
            hint = f"CLDR has {listed(needed)} for {', '.join(sorted(self._locales))}"
            self._fault("GW215", f"the plural form {listed(missing)} is missing", hint, argument)

    def _check_context(self, builtin: Builtin, node: Node) -> None:
        if "ctx" in self._roots:
            self.references.add(_TIME if builtin.needs == "time" else _LOCALE)
        elif builtin.needs == "time":
            self._fault("GW217", f"{builtin.name}() has no time here", "only where `ctx` is a root a request's time is known", node)


def _is_text(node: Node) -> bool:
    if node["type"] == "literal":
        return isinstance(node["value"], str)
    return node["type"] == "function_expression" and (builtin := BUILTINS.get(node["value"])) is not None and builtin.returns == "text"


def _limits(name: str, builtin: Builtin | None, functions: Mapping[str, Function]) -> tuple[int, int | None] | None:
    if name in LAZY:
        return LAZY[name][:2]
    if builtin is not None:
        return builtin.minimum, builtin.maximum
    plugin = functions.get(name)
    return None if plugin is None else (plugin.minimum, plugin.maximum)


def _summary(name: str, builtin: Builtin | None) -> str | None:
    return LAZY[name][2] if name in LAZY else builtin.summary if builtin else None


def _within(count: int, minimum: int, maximum: int | None) -> bool:
    return minimum <= count and (maximum is None or count <= maximum)


def _counted(minimum: int, maximum: int | None) -> str:
    plural = "" if maximum == 1 or (maximum is None and minimum == 1) else "s"
    if maximum is None:
        return f"at least {minimum} argument{plural}"
    return f"{minimum} argument{plural}" if minimum == maximum else f"{minimum} to {maximum} argument{plural}"


def _name_of(name: str, node: Node) -> Node:
    start: Any = node.get("start", 0)
    return {"start": start, "end": start + len(name)}
