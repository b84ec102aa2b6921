"""One intent: from its model to an `IntentPlan`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from msgspec import UNSET

from gateway.config.loaded import Parsed
from gateway.config.models import Intent, Reply, ReplyPart
from gateway.planner import roots
from gateway.planner.access import Roles, plan_access
from gateway.planner.backends import Backends
from gateway.planner.compiler import Compiler, Use
from gateway.planner.dag import arrange
from gateway.planner.reading import steps_read
from gateway.planner.references import ReferenceCheck
from gateway.planner.steps import StepPlanner, plan_checks
from gateway.runtime.intents import DEEPEST
from gateway.runtime.plan import CallIntent, IntentPlan, ReplyPlan, StepPlan
from gateway.runtime.replies import Replies
from gateway.runtime.schemas import SchemaReader
from gateway.sdk import Compiled, Path

NO_INPUT: dict[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}


class IntentPlanner:
    """Plans all intents, sub-intents before those that call them."""

    def __init__(
        self,
        intents: Mapping[str, Parsed[Intent]],
        names: frozenset[str],
        *,
        backends: Backends,
        roles: Roles,
        compiler_for: Callable[[Parsed[Any]], Compiler],
        references: ReferenceCheck,
    ) -> None:
        self._intents = intents
        self._names = names
        self._backends = backends
        self._roles = roles
        self._compiler_for = compiler_for
        self._references = references
        self._planned: dict[str, IntentPlan | None] = {}
        self._under_way: list[str] = []

    def plan_all(self) -> dict[str, IntentPlan]:
        """Every intent that could be planned, by name in order."""
        return {name: plan for name in sorted(self._intents) if (plan := self._plan(name)) is not None}

    def sub_intent(self, name: str, where: Compiler, path: Path) -> IntentPlan | None:
        """The intent that a step calls; reports an unknown one and a circle."""
        if name not in self._intents and name in self._names:
            return None
        if name not in self._intents:
            place = where.document.place_in_text(path, len("intent."), len("intent.") + len(name))
            where.findings.unknown(where.document, "GW227", "intent", name, known=self._names, path=path, place=place)
            return None
        if name in self._under_way:
            circle = " → ".join([*self._under_way[self._under_way.index(name) :], name])
            where.findings.report(where.document, "GW228", f"intents call each other in a circle: {circle}", path)
            return None
        plan = self._plan(name)
        if plan is not None and plan.depth + len(self._under_way) > DEEPEST:
            where.findings.report(where.document, "GW302", f"more than {DEEPEST} intents stand inside each other", path)
        return plan

    def _plan(self, name: str) -> IntentPlan | None:
        if name not in self._planned:
            self._under_way.append(name)
            self._planned[name] = self._make(self._intents[name])
            self._under_way.pop()
        return self._planned[name]

    def _make(self, parsed: Parsed[Intent]) -> IntentPlan | None:
        model, compiler = parsed.model, self._compiler_for(parsed)
        schema = model.input if isinstance(model.input, dict) else NO_INPUT
        reader = _reader(schema, compiler)
        guards = plan_checks(model.guard, compiler, ("guard",), roots.GUARD)
        keys = tuple(
            compiler.expression(text, ("idempotency_key", index), roots.GUARD) for index, text in enumerate(model.idempotency_key or ())
        )
        access = plan_access(model.access, f"intent:{model.intent}", self._roles, compiler, ("access",))
        asked = tuple(compiler.uses)
        planner = StepPlanner(compiler, self._backends, self)
        drafts = [draft for name, step in model.steps.items() if (draft := planner.draft(name, step)) is not None]
        compiler.uses = []
        output = None if model.output is UNSET else compiler.template(model.output, ("output",), roots.REQUEST)
        replies = _replies(model.reply, compiler, ("reply",))
        answered = tuple(compiler.uses)
        self._references.check(compiler, schema, model.steps, drafts, (*asked, *answered))
        steps = arrange(drafts, _step_names(answered), compiler)
        if compiler.findings.failed and len(drafts) < len(model.steps):
            return None
        return IntentPlan(
            name=model.intent,
            version=model.version,
            access=access,
            input_schema=schema,
            read=lambda given, coerce: reader.read(given, coerce=coerce),
            render=Replies(replies),
            steps=steps,
            deadline=model.deadline,
            output=output,
            summary=model.summary,
            description=model.description,
            examples=tuple(model.examples),
            tags=tuple(model.tags),
            guards=guards,
            idempotency_key=keys,
            writes=any(step.writes for step in steps),
            first=tuple(index for index, step in enumerate(steps) if not step.waits_for),
            required=frozenset(schema.get("required", ())) - _defaulted(schema),
            depth=1 + max((_depth(step) for step in steps), default=0),
            place=f"{parsed.document.file}:{parsed.document.place(('access',)).line}",
        )


def _reader(schema: dict[str, Any], compiler: Compiler) -> SchemaReader:
    try:
        return SchemaReader(schema)
    except ValueError as error:
        compiler.findings.report(
            compiler.document, "GW303", f"`input` is not a usable JSON Schema: {str(error).splitlines()[0]}", ("input",), key=True
        )
        return SchemaReader(NO_INPUT)


def _defaulted(schema: Mapping[str, Any]) -> set[str]:
    return {name for name, member in (schema.get("properties") or {}).items() if isinstance(member, dict) and "default" in member}


def _depth(step: StepPlan) -> int:
    calls = [step.action, *(rung.call for rung in step.ladder)]
    return max((call.intent.depth for call in calls if isinstance(call, CallIntent)), default=0)


def _step_names(uses: Iterable[Use]) -> frozenset[str]:
    return frozenset(name for use in uses for name in steps_read(use.compiled))


def _replies(model: Reply | None, compiler: Compiler, path: Path) -> tuple[ReplyPlan, ...]:
    if model is None:
        return ()
    if isinstance(model, list):
        return tuple(_part(part, compiler, (*path, index)) for index, part in enumerate(model))
    return (ReplyPlan(None, _texts(model, compiler, path)),)


def _part(part: ReplyPart, compiler: Compiler, path: Path) -> ReplyPlan:
    when = compiler.optional(part.when, (*path, "when"), roots.REPLY)
    template = partial(_optional_template, compiler, path)
    return ReplyPlan(
        when=when,
        texts=_texts(part.text, compiler, (*path, "text")) if part.text is not None else {},
        blocks=template("blocks", part.blocks),
        actions=template("actions", part.actions),
        suggestions=template("suggestions", part.suggestions),
        for_failures=when is not None and any(reference[0] in {"error", "status"} for reference in when.references),
    )


def _optional_template(compiler: Compiler, path: Path, key: str, value: Any) -> Compiled | None:
    return None if value is None else compiler.template(value, (*path, key), roots.REPLY)


def _texts(text: str | dict[str, str], compiler: Compiler, path: Path) -> dict[str, Compiled]:
    if isinstance(text, str):
        return {"": compiler.template(text, path, roots.REPLY)}
    return {locale: compiler.template(value, (*path, locale), roots.REPLY, locale=locale) for locale, value in text.items()}
