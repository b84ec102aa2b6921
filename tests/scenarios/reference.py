"""What a composed answer must be, worked out naively: one step after the other over the raw YAML, with plain JMESPath and nested loops.

It shares no code with the gateway. Where several steps fail or deny, any of them may be the one that is told, since they run side
by side: `candidates` are all that could.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jmespath
from jmespath.visitor import TreeInterpreter

Outcome = Callable[[str, dict[str, Any]], tuple[str, Any]]
"""What a backend does with an operation and its arguments: `("value", body)` or `("error", code)`."""

Problem = tuple[str | None, str, str | None]
"""Step, code and JSON pointer of an entry of `errors`."""

SPAN = re.compile(r"\$\{([^{}]*)\}")


class Expected(NamedTuple):
    """Of a failed or denied answer only `status` and `candidates` are certain; its own status is that of the candidate told."""

    status: str
    level: str
    data: Any
    errors: list[Problem]
    steps: dict[str, str]
    candidates: set[tuple[str, str | None, str]]


class Failure(Exception):
    """A backend's or an expression's failure."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Denial(Exception):
    """A check that isn't true."""


class End(Exception):
    """Of several items that ended a step side by side any may be told: status and code of each."""

    def __init__(self, ends: set[tuple[str, str]]) -> None:
        super().__init__(ends)
        self.ends = ends


class Nothing(Exception):
    """A required argument is null."""


class Facts:
    """What happened in one step."""

    def __init__(self) -> None:
        self.live = False
        self.rungs: list[int] = []
        self.returned: list[Problem] = []
        self.lost: list[Problem] = []


class Use(NamedTuple):
    """A step being run, or one item of it."""

    name: str
    step: dict[str, Any]
    facts: Facts
    path: str | None = None


class Reference:
    """Answers one intent. `required` names the arguments that an operation can't do without."""

    def __init__(self, intent: Mapping[str, Any], required: Mapping[str, set[str]], outcome: Outcome) -> None:
        self._intent = intent
        self._required = required
        self._outcome = outcome
        self._steps: dict[str, Any] = intent["steps"]

    def answer(self, given: dict[str, Any]) -> Expected:
        scope: dict[str, Any] = {"input": given, "steps": {}, "status": {}}
        for check in self._intent.get("guard", ()):
            if not passes(check["check"], scope):
                return Expected("denied", "reduced", None, [], {}, {("denied", None, check["deny"])})
        facts: dict[str, Facts] = {}
        broken: set[str] = set()
        candidates: set[tuple[str, str | None, str]] = set()
        waiting = self._needed()
        while waiting:
            name = next(name for name in sorted(waiting) if not self._reads(name) & waiting)
            waiting.remove(name)
            if self._reads(name) & broken:
                broken.add(name)
                continue
            facts[name] = Facts()
            try:
                self._run(name, scope, facts[name])
            except Failure as failure:
                candidates.add(("failed", name, failure.code))
                broken.add(name)
            except Denial as denial:
                candidates.add(("denied", name, str(denial)))
                broken.add(name)
            except End as end:
                candidates |= {(status, name, code) for status, code in end.ends}
                broken.add(name)
        if candidates:
            return Expected("failed", "reduced", None, [], {}, candidates)
        try:
            return self._verdict(scope, facts)
        except Failure as failure:
            return Expected("failed", "reduced", None, [], {}, {("failed", None, failure.code)})

    def _verdict(self, scope: dict[str, Any], facts: dict[str, Facts]) -> Expected:
        every = list(facts.values())
        errors = [entry for each in every for entry in (*each.returned, *each.lost)]
        if any(each.returned for each in every) and not any(each.live for each in every):
            verdict = "degraded", "static"
        elif errors:
            verdict = "partial", "reduced"
        else:
            verdict = "complete", "full"
        return Expected(*verdict, fill(self._intent["output"], scope), sorted(errors, key=str), scope["status"], set())

    def _reads(self, name: str) -> set[str]:
        step = self._steps[name]
        return set(re.findall(r"(?:steps|status)\.(\w+)", json.dumps(step))) | set(step.get("depends_on", ()))

    def _needed(self) -> set[str]:
        """What the output reads, what that reads, and every step with checks."""
        needed = set(re.findall(r"(?:steps|status)\.(\w+)", json.dumps(self._intent["output"])))
        needed |= {name for name, step in self._steps.items() if "ensure" in step}
        while more := {other for name in needed for other in self._reads(name)} - needed:
            needed |= more
        return needed

    def _run(self, name: str, scope: dict[str, Any], facts: Facts) -> None:
        """Puts the step's value and status into `scope`."""
        step = self._steps[name]
        value, status = None, "skipped"
        try:
            if "when" not in step or true(search(step["when"], scope)):
                value = self._value(name, step, scope, facts)
                status = "partial" if facts.lost else "fallback" if facts.rungs else "ok"
        except Nothing:
            pass
        except Failure as failure:
            if step.get("required", True):
                raise
            facts.returned.clear()
            facts.lost[:] = [(name, failure.code, None)]
            value, status = None, "failed"
        scope["steps"][name], scope["status"][name] = value, status

    def _value(self, name: str, step: dict[str, Any], scope: dict[str, Any], facts: Facts) -> Any:
        if "let" in step:
            return {key: fill(template, scope) for key, template in step["let"].items()}
        if "join" in step:
            return joined(step["join"], scope)
        use = Use(name, step, facts)
        return self._each(use, scope) if "foreach" in step else self._turn(use, scope)

    def _each(self, use: Use, scope: dict[str, Any]) -> list[Any]:
        items = search(use.step["foreach"], scope)
        if items is None:
            return []
        if not isinstance(items, list):
            raise Failure("expression_error")
        if len(items) > use.step.get("max_items", 1000):
            raise Failure("bad_response")
        values: list[Any] = []
        ends: set[tuple[str, str]] = set()
        for index, item in distinct(items):
            try:
                values.append(self._turn(use._replace(path=f"/{index}"), {**scope, "item": item}))
            except Nothing:
                continue
            except Denial as denial:
                ends.add(("denied", str(denial)))
            except Failure as failure:
                if use.step["item_error"] == "fail":
                    ends.add(("failed", failure.code))
                    continue
                use.facts.lost.append((use.name, failure.code, f"/{index}"))
                values += [None] if use.step["item_error"] == "keep_null" else []
        if ends:
            raise End(ends)
        return values

    def _turn(self, use: Use, scope: dict[str, Any]) -> Any:
        """One call, or the first rung that applies."""
        step = use.step
        try:
            value = self._call(step["call"], step["with"], scope, use.facts)
            ensured(step, scope, value)
            return fill(step["output"], {**scope, "result": value}) if "output" in step else value
        except Nothing:
            ensured(step, scope, None)
            raise
        except Failure as failure:
            return self._ladder(use, scope, failure)

    def _ladder(self, use: Use, scope: dict[str, Any], failure: Failure) -> Any:
        for number, rung in enumerate(use.step.get("fallback", ())):
            there = {**scope, "error": {"code": failure.code}}
            if "when" in rung and not true(search(rung["when"], there)):
                continue
            try:
                value = self._rung(rung, there, use.facts)
            except Nothing:
                continue
            except Failure as next_failure:
                failure = next_failure
                continue
            ensured(use.step, scope, value)
            use.facts.rungs.append(number)
            if "return" in rung:
                use.facts.returned.append((use.name, failure.code, use.path))
            return value
        raise failure

    def _rung(self, rung: dict[str, Any], scope: dict[str, Any], facts: Facts) -> Any:
        if "return" in rung:
            return fill(rung["return"], scope)
        value = self._call(rung["call"], rung["with"], scope, facts)
        return fill(rung["output"], {**scope, "result": value}) if "output" in rung else value

    def _call(self, operation: str, given: dict[str, Any], scope: dict[str, Any], facts: Facts) -> Any:
        arguments = {name: fill(template, scope) for name, template in given.items()}
        arguments = {name: value for name, value in arguments.items() if value is not None or given[name] is None}
        if self._required.get(operation, set()) - arguments.keys():
            raise Nothing
        kind, value = self._outcome(operation, arguments)
        if kind == "error":
            raise Failure(value)
        facts.live = True
        return value


def distinct(items: list[Any]) -> list[tuple[int, Any]]:
    """Without nulls, equal ones once."""
    kept: list[tuple[int, Any]] = []
    for index, item in enumerate(items):
        if item is not None and not any(same(item, other) for _, other in kept):
            kept.append((index, item))
    return kept


def ensured(step: dict[str, Any], scope: dict[str, Any], value: Any) -> None:
    for check in step.get("ensure", ()):
        if not passes(check["check"], {**scope, "result": value}):
            raise Denial(check["deny"])


def passes(check: str, scope: dict[str, Any]) -> bool:
    """Two sides of `==`, a path each or a literal on the right; null on either side of two paths passes nothing."""
    left, right = (search(side, scope) for side in check.split(" == ", 1))
    return left is not None and type(left) is type(right) and left == right


def joined(join: dict[str, Any], scope: dict[str, Any]) -> list[Any] | None:
    left, right = search(join["left"], scope), search(join["right"], scope)
    if left is None:
        return None
    right = right or []
    for side in (left, right):
        if not isinstance(side, list) or any(row is not None and not isinstance(row, dict) for row in side):
            raise Failure("bad_response")
    by = join["by"]
    pairs = list(zip(by["left"], by["right"], strict=True)) if isinstance(by, dict) else [(by, by)]
    rows: list[Any] = []
    for one in left:
        if one is not None:
            matches = [other for other in right if other is not None and matching(one, other, pairs, join.get("cast"))]
            rows += combined(join, one, matches, {mine for mine, its in pairs} & {its for mine, its in pairs})
    return rows


def combined(join: dict[str, Any], one: dict[str, Any], matches: list[dict[str, Any]], keys: set[str]) -> list[dict[str, Any]]:
    if len(matches) > 1 and join.get("cardinality", "one") == "one":
        raise Failure("bad_response")
    if not matches and join.get("type") == "inner":
        return []
    if "as" in join:
        if join["as"] in one:
            raise Failure("bad_response")
        found: Any = matches if join.get("cardinality") == "many" else matches[0] if matches else None
        return [{**one, join["as"]: found}]
    for match in matches:
        if (one.keys() & match.keys()) - keys:
            raise Failure("bad_response")
        one = {**one, **match, **{key: one[key] for key in keys}}
    return [one]


def matching(one: dict[str, Any], other: dict[str, Any], pairs: list[tuple[str, str]], cast: str | None) -> bool:
    for mine, its in pairs:
        left, right = cast_to(cast, one.get(mine)), cast_to(cast, other.get(its))
        if left is None or right is None or not same(left, right):
            return False
    return True


def cast_to(cast: str | None, value: Any) -> Any:
    if value is None or cast is None:
        return value
    text = value if isinstance(value, str) else text_of(value)
    if cast == "int":
        return int(text) if re.fullmatch(r"[+-]?[0-9]+", text) else None
    return text.lower() if cast == "lower" else text


class Plain(TreeInterpreter):  # type: ignore[misc]
    """Plain JMESPath. The library raises where its specification says null: for the order of other things than numbers."""

    def visit_comparator(self, node: dict[str, Any], value: Any) -> Any:
        try:
            return super().visit_comparator(node, value)
        except TypeError:
            return None


def search(expression: str, scope: dict[str, Any]) -> Any:
    return Plain().visit(jmespath.compile(expression.strip()).parsed, scope)


def fill(template: Any, scope: dict[str, Any]) -> Any:
    """A template: `${ }` in texts, `$each`, maps and lists."""
    if isinstance(template, dict):
        if "$each" in template:
            return repeated(template, scope)
        return {key: fill(value, scope) for key, value in template.items()}
    if isinstance(template, list):
        return [fill(value, scope) for value in template]
    if not isinstance(template, str):
        return template
    whole = SPAN.fullmatch(template.strip())
    if whole is not None:
        return search(whole[1], scope)
    return SPAN.sub(lambda span: as_text(search(span[1], scope)), template)


def repeated(template: dict[str, Any], scope: dict[str, Any]) -> list[Any]:
    items = search(template["$each"], scope)
    if items is None:
        return []
    if not isinstance(items, list):
        raise Failure("expression_error")
    inner = [{**scope, template["$as"]: item} for item in items]
    chosen = [each for each in inner if "$where" not in template or true(search(template["$where"], each))]
    return [fill(template["$do"], each) for each in chosen[: template.get("$limit")]]


def as_text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else text_of(value)


def text_of(value: Any) -> str:
    """Compact JSON."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def same(one: Any, other: Any) -> bool:
    """Equal as JSON: `1` is not `"1"`."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def true(value: Any) -> bool:
    """JMESPath's truth."""
    return value is not None and value is not False and value not in ("", [], {})
