"""Generated intents, what their backends answer, and the input: what `reference.py` and the gateway must agree on."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import Callable
from typing import Any, NamedTuple

import yaml
from hypothesis import strategies as st

from gateway.sdk import BadResponse, Response, Timeout, Unavailable

SOURCES = """
source: erp
type: fake
operations:
  item: {params: {type: object, required: [key], properties: {key: {}, note: {}}}}
  other: {params: {type: object, required: [key], properties: {key: {}}}}
  list: {params: {type: object, properties: {tag: {}, other: {}}}}
  wrapped:
    success: body.ok
    error: {code: body.code}
    result: body.value
    params: {type: object, properties: {key: {}, note: {}}}
  price:
    params: {type: object, required: [key], properties: {key: {}}}
    batch: {operation: prices, param: keys, max: 3, match: {key: id}}
  prices: {params: {type: object, required: [keys], properties: {keys: {type: array}}}}
"""
VALUE = {"type": ["string", "integer", "null"]}
MEMBERS = {"properties": dict.fromkeys(("id", "n", "tag", "ref"), VALUE)}
ONE = {"type": ["object", "null"], **MEMBERS}
DECLARED: dict[str, dict[str, Any]] = {
    "item": ONE,
    "other": ONE,
    "list": {"type": ["array", "object", "null"], "items": ONE, **MEMBERS},
    "wrapped": {"type": "object", "required": ["ok", "value"], "properties": {"ok": {"type": "boolean"}, "code": {}, "value": ONE}},
    "price": ONE,
    "prices": {"type": "array", "items": ONE},
}
"""What the backends declare to answer, where they declare it: exactly what they may."""
REQUIRED = {"erp.item": {"key"}, "erp.other": {"key"}, "erp.price": {"key"}}
FIELDS = ("id", "n", "tag", "ref")
RAISED = {"unavailable": Unavailable, "timeout": Timeout, "bad_response": BadResponse}
STATUSES = {"not_found": 404, "conflict": 409, "backend_error": 500}
CODES = (*RAISED, *STATUSES)

Draw = Callable[[st.SearchStrategy[Any]], Any]
Bodies = dict[str, list[tuple[str, Any]]]
"""Operation → what it may do: `("value", body)` or `("error", code)`; the arguments decide which."""


class Case(NamedTuple):
    """An intent as written, what its backends do, and an input. Where they have `declared` it, it is known what backends answer."""

    intent: dict[str, Any]
    bodies: Bodies
    given: dict[str, Any]
    declared: bool = False

    def document(self) -> str:
        return f"{sources(declared=self.declared)}---\n{json.dumps(self.intent)}\n"

    def outcome(self, operation: str, arguments: dict[str, Any]) -> tuple[str, Any]:
        """What the backend does, as the reference sees it."""
        if operation != "erp.price":
            return chosen(self.bodies[operation], arguments)
        kind, rows = self.bodies["erp.prices"][0]
        if kind == "error":
            return kind, rows
        found = [row for row in rows if row is not None and str(row.get("id")) == str(arguments["key"])]
        return ("error", "bad_response") if len(found) > 1 else ("value", found[0] if found else None)

    def fakes(self) -> dict[str, Any]:
        """What the backend does, as the gateway sees it; some calls take longer than others."""

        def fake(operation: str) -> Callable[..., Any]:
            async def answer(**arguments: Any) -> Any:
                for _ in range(hashed(arguments) % 5):
                    await asyncio.sleep(0)
                bodies = self.bodies[operation]
                kind, body = bodies[0] if operation == "erp.prices" else chosen(bodies, arguments)
                return answered(operation, kind, body)

            return answer

        return {operation: fake(operation) for operation in (*self.bodies, "erp.price")}


def sources(*, declared: bool) -> str:
    """The backends' document, with the schemas of their answers or without."""
    if not declared:
        return SOURCES
    document = yaml.safe_load(SOURCES)
    for name, operation in document["operations"].items():
        operation["output_schema"] = DECLARED[name]
    return json.dumps(document) + "\n"


def answered(operation: str, kind: str, body: Any) -> Any:
    if operation == "erp.wrapped":
        return Response({"ok": kind == "value", "value": body, "code": "E1"})
    if kind == "value":
        return Response(body)
    return RAISED[body] if body in RAISED else Response({"raw": "text"}, STATUSES[body])


def hashed(arguments: dict[str, Any]) -> int:
    return zlib.crc32(json.dumps(arguments, sort_keys=True).encode())


def chosen(bodies: list[tuple[str, Any]], arguments: dict[str, Any]) -> tuple[str, Any]:
    return bodies[hashed(arguments) % len(bodies)]


ROW = st.fixed_dictionaries(
    {},
    optional={
        "id": st.sampled_from(["a", "a", "b", "A", 1, "1", None]),
        "n": st.sampled_from([0, 1, 2, None]),
        "tag": st.sampled_from(["x", "y", "", None]),
        "ref": st.sampled_from(["a", "b", "B", 1, None]),
    },
)
ROWS = st.lists(ROW | st.none(), max_size=4)


def bodies(values: st.SearchStrategy[Any], codes: st.SearchStrategy[str]) -> st.SearchStrategy[list[tuple[str, Any]]]:
    """Two bodies at most, and perhaps an error."""
    told, failed = st.tuples(st.just("value"), values), st.tuples(st.just("error"), codes)
    return st.builds(lambda some, more: [*some, *more], st.lists(told, min_size=1, max_size=2), st.lists(failed, max_size=1))


def failing(codes: st.SearchStrategy[str]) -> st.SearchStrategy[list[tuple[str, Any]]]:
    """Nothing but an error."""
    return st.tuples(st.tuples(st.just("error"), codes)).map(list)


CODE = st.sampled_from(CODES)
WORKING = st.fixed_dictionaries(
    {
        "erp.item": bodies(ROW | st.none(), CODE),
        "erp.other": bodies(ROW, CODE),
        "erp.list": bodies(ROWS | st.none() | ROW, CODE),
        "erp.wrapped": bodies(ROW, st.just("backend_error")),
        "erp.prices": st.tuples(st.tuples(st.just("value"), ROWS)).map(list) | failing(CODE),
    }
)
DOWN = st.fixed_dictionaries(
    {
        **{f"erp.{name}": failing(CODE) for name in ("item", "other", "list", "prices")},
        "erp.wrapped": failing(st.just("backend_error")),
    }
)
BODIES = st.sampled_from([WORKING, WORKING, WORKING, DOWN]).flatmap(lambda chosen: chosen)
GIVEN = st.fixed_dictionaries(
    {
        "x": st.sampled_from(["a", "b", None]),
        "list": st.lists(st.sampled_from(["a", "b", 1, None]), max_size=4),
        "rows": st.lists(ROW, min_size=1, max_size=3),
    }
)


class Known(NamedTuple):
    """A step that others may read."""

    name: str
    kind: str
    fields: tuple[str, ...]


class Author:
    """Writes one intent, step by step; each step reads only what was written before it.

    A patient one has an answer of its own in place of every call that fails.
    """

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._known: list[Known] = []
        self._patient = self._often(20)

    def write(self) -> dict[str, Any]:
        steps = {f"s{number}": self._step(f"s{number}") for number in range(self._draw(st.integers(1, 6)))}
        output: dict[str, Any] = {}
        for known in self._known:
            if self._often(90):
                output[known.name] = f"${{ steps.{known.name} }}"
                output[f"is_{known.name}"] = f"${{ status.{known.name} }}"
        output["mixed"] = self._template()
        output["text"] = f"<{self._template()}> and {self._template()}"
        if self._often(50):
            output["each"] = {
                "$each": self._rows(),
                "$as": "row",
                "$where": "row.id",
                "$do": {"id": "${ row.id }", "mine": self._template()},
            }
        order = self._draw(st.permutations(list(steps)))
        intent: dict[str, Any] = {
            "intent": "generated",
            "input": {"type": "object"},
            "steps": {name: steps[name] for name in order},
            "output": output,
        }
        if self._often(10):
            intent["guard"] = [{"check": self._one(["input.x == 'a'", "input.x == input.list[0]"]), "deny": self._deny()}]
        return intent

    def _step(self, name: str) -> dict[str, Any]:
        kinds = ["item", "item", "list", "each", *(["let", "join"] if self._known else [])]
        kind = self._one(kinds)
        writers = {"item": self._item, "list": self._list, "each": self._each, "let": self._let, "join": self._join}
        step, fields = writers[kind]()
        if self._known and self._often(20):
            step["when"] = self._one(
                [self._value(), f"status.{self._one(self._known).name} == 'ok'", f"{self._value()} == {self._value()}"]
            )
        if self._known and self._often(10):
            step["depends_on"] = [self._one(self._known).name]
        self._known.append(Known(name, {"each": "rows", "join": "rows", "list": "rows", "let": "item"}.get(kind, kind), fields))
        return step

    def _item(self) -> tuple[dict[str, Any], tuple[str, ...]]:
        step = self._call(["erp.item", "erp.wrapped", "erp.price"])
        fields: tuple[str, ...] = FIELDS
        if self._often(30):
            step["output"] = {"v": "${ result.id }", "w": f"${{ result.n }}-{self._template()}"}
            fields = ("v", "w")
        self._guarded(step)
        return step, fields

    def _list(self) -> tuple[dict[str, Any], tuple[str, ...]]:
        step = self._call(["erp.list"])
        fields: tuple[str, ...] = FIELDS
        if self._often(20):
            step["output"] = {"$each": "result", "$as": "one", "$do": {"id": "${ one.id }", "w": f"{self._template()}:${{ one.tag }}"}}
            fields = ("id", "w")
        self._guarded(step)
        return step, fields

    def _each(self) -> tuple[dict[str, Any], tuple[str, ...]]:
        items = self._one([self._rows(), self._rows(), "input.list", "input.list", f"[{self._value()}, {self._path()}]", self._path()])
        keys = ("${ item }", "${ item.id }") if "rows" in items or "steps" in items else ("${ item }",)
        step = self._call(["erp.item", "erp.price", "erp.price", "erp.wrapped"], *keys)
        step |= {"foreach": items, "item_error": self._one(["fail", "drop", "keep_null"]), "concurrency": self._one([1, 2, 8])}
        if self._often(10):
            step["max_items"] = 2
        self._guarded(step)
        if step["item_error"] == "fail":
            step["required"] = True  # which of several failing items is told of depends on time
        return step, FIELDS

    def _let(self) -> tuple[dict[str, Any], tuple[str, ...]]:
        names = ("p", "q")[: self._one([1, 2])]
        return {"let": {name: self._template() for name in names}}, names

    def _join(self) -> tuple[dict[str, Any], tuple[str, ...]]:
        join: dict[str, Any] = {"left": self._rows(), "right": self._rows()}
        join["by"] = self._one(["id", {"left": ["ref"], "right": ["id"]}, {"left": ["id", "n"], "right": ["id", "n"]}])
        join |= self._one([{}, {"cast": "string"}, {"cast": "lower"}, {"cast": "int"}])
        join |= self._one([{}, {"type": "inner"}])
        join |= self._one([{"as": "match"}, {"merge": True}, {"as": "matches", "cardinality": "many"}])
        step: dict[str, Any] = {"join": join}
        if self._often(50):
            step["required"] = False
        return step, FIELDS

    def _call(self, operations: list[str], *keys: str) -> dict[str, Any]:
        operation = self._one(operations)
        given: dict[str, Any] = {"key": self._one(keys) if keys else self._template()}
        if operation == "erp.list":
            given = {"tag": self._template(), "other": None} if self._often(50) else {}
        elif operation != "erp.price" and self._often(30):
            given["note"] = self._one([None, self._template()])
        return {"call": operation, "with": given}

    def _guarded(self, step: dict[str, Any]) -> None:
        """What keeps a call from failing, or lets it fail."""
        if self._often(60):
            step["required"] = False
        if self._often(50):
            step["fallback"] = [self._rung() for _ in range(self._one([1, 1, 2]))]
        if self._patient:
            step["fallback"] = [*step.get("fallback", ()), {"return": self._one([None, [], {"id": "kept"}])}]
        if self._often(8):
            other = self._one([self._path(), "'a'"])
            step["ensure"] = [{"check": f"result.{self._one(FIELDS)} == {other}", "deny": self._deny()}]

    def _rung(self) -> dict[str, Any]:
        rung: dict[str, Any] = {"when": f"error.code == '{self._one(CODES)}'"} if self._often(40) else {}
        if self._often(50):
            rung["return"] = self._one([None, [], {"id": self._template(), "tag": "${ error.code }"}])
            return rung
        rung |= {"call": "erp.other", "with": {"key": self._template()}}
        return rung | ({"output": {"id": "${ result.ref }", "n": "${ error.code }"}} if self._often(40) else {})

    def _template(self) -> str:
        return str(self._one(["${ %s }", "${ %s }", "t-${ %s }", "constant"])).replace("%s", self._value())

    def _value(self) -> str:
        """An expression that plain JMESPath has too."""
        one, other = self._path(), self._path()
        forms = [one, one, one, f"{one} || {other}", f"not_null({one}, {other})", f"{one} == {other}", f"{one} && {other}", f"type({one})"]
        return str(self._one([*forms, f"{one} == 'a'", f"{one} > `0`"]))

    def _path(self) -> str:
        """A path to a single value."""
        if not self._known or self._often(20):
            return str(self._one(["input.x", "input.list[0]", "input.list[-1]"]))
        step = self._one(self._known)
        field = self._one(step.fields)
        if step.kind != "rows":
            return f"steps.{step.name}.{field}"
        return str(self._one([f"steps.{step.name}[0].{field}", f"(steps.{step.name}[?{field} == 'a'] | [0].{field})"]))

    def _rows(self) -> str:
        """A path to a list, mostly."""
        lists = [step.name for step in self._known if step.kind == "rows"]
        if not lists:
            return str(self._one(["input.rows", "input.rows", "input.rows[?id]", "input.list"]))
        name = self._one(lists)
        return str(
            self._one(["input.rows", f"steps.{name}", f"steps.{name}", f"steps.{name}[*]", f"steps.{name}[?id]", f"steps.{name}[1:]"])
        )

    def _one(self, choices: Any) -> Any:
        return self._draw(st.sampled_from(list(choices)))

    def _often(self, percent: int) -> bool:
        return bool(self._draw(st.integers(1, 100)) > 100 - percent)

    def _deny(self) -> str:
        return str(self._one(["forbidden", "not_found", "unauthorized"]))


@st.composite
def cases(draw: Draw) -> Case:
    """Everything that the reference needs to know."""
    return Case(Author(draw).write(), draw(BODIES), draw(GIVEN), draw(st.booleans()))
