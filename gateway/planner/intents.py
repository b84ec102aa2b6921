"""One intent: from its model to an `IntentPlan`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from msgspec import UNSET

from gateway.config.loaded import Parsed
from gateway.config.models import Intent, Reply, ReplyPart
from gateway.expressions import schema_of
from gateway.planner import roots
from gateway.planner.access_planner import AccessPlanner
from gateway.planner.answered import NOTHING, Answered, Given
from gateway.planner.backends import Backends
from gateway.planner.compiler import Compiler, Use
from gateway.planner.dag import arrange
from gateway.planner.flows import Outflow
from gateway.planner.known import Known
from gateway.planner.masked_answers import masked_replies, shown
from gateway.planner.masking import MaskPlanner
from gateway.planner.reading import steps_read
from gateway.planner.references import check_references
from gateway.planner.steps import StepPlanner, plan_checks
from gateway.planner.sub_intents import SubIntents
from gateway.runtime.intents import DEEPEST
from gateway.runtime.plan import CallIntent, IntentPlan, ReplyPlan, StepPlan
from gateway.runtime.replies import Replies
from gateway.runtime.schemas import SchemaReader
from gateway.sdk import Compiled, Path, Reference

NO_INPUT: dict[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}
_SLOT = re.compile(r"\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}")


class IntentPlanner:
    """Plans all intents, sub-intents before those that call them. `intents` are the versions of each, ascending."""

    def __init__(
        self,
        intents: Mapping[str, Sequence[Parsed[Intent]]],
        names: frozenset[str],
        *,
        backends: Backends,
        access: AccessPlanner,
        compiler_for: Callable[[Parsed[Any]], Compiler],
        known: Known,
        masks: MaskPlanner,
    ) -> None:
        self._intents = intents
        self._names = names
        self._backends = backends
        self._access = access
        self._compiler_for = compiler_for
        self._shapes = SubIntents(known)
        self._masks = masks
        self.outflows: list[Outflow] = []
        self._planned: dict[str, IntentPlan] = {}
        self._under_way: list[str] = []

    def plan_all(self) -> dict[str, IntentPlan]:
        """The highest version of every intent whose document is sound, by name in order; the others are checked."""
        plans = {name: self._plan(name) for name in sorted(self._intents)}
        for name, versions in self._intents.items():
            for parsed in versions[:-1]:
                self._make(name, parsed)
        return plans

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
            place = where.document.place_in_text(path, len("intent."), len("intent.") + len(name))
            where.findings.report(where.document, "GW228", f"intents call each other in a circle: {circle}", path, place=place)
            return None
        plan = self._plan(name) if len(self._under_way) <= DEEPEST else None
        if plan is None or plan.depth > DEEPEST:
            hint = "have one of them call its operations itself"
            where.findings.report(where.document, "GW302", f"more than {DEEPEST} sub-intents stand inside each other", path, hint=hint)
            return None
        return plan

    def answered(self, name: str, given: Given = NOTHING) -> Answered:
        """What a planned intent answers, by the classes of its arguments."""
        return self._shapes.answered(name, given)

    def _plan(self, name: str) -> IntentPlan:
        if name not in self._planned:
            self._planned[name] = self._make(name, self._intents[name][-1])
        return self._planned[name]

    def _make(self, name: str, parsed: Parsed[Intent]) -> IntentPlan:
        self._under_way.append(name)
        plan = self._plan_document(parsed)
        self._under_way.pop()
        return plan

    def _plan_document(self, parsed: Parsed[Intent]) -> IntentPlan:
        model, compiler = parsed.model, self._compiler_for(parsed)
        schema = _input_schema(model.input)
        reader = _reader(schema, compiler)
        guards = plan_checks(model.guard, compiler, ("guard",), roots.GUARD)
        keys = _keys(model, compiler)
        access = self._access.plan(model.access, f"intent:{model.intent}", compiler, ("access",))
        asked = tuple(compiler.uses)
        planner = StepPlanner(compiler, self._backends, self)
        drafts = [planner.draft(name, step) for name, step in model.steps.items()]
        compiler.uses = []
        output = None if model.output is UNSET else compiler.template(model.output, ("output",), roots.REQUEST)
        replies = _replies(model.reply, compiler, ("reply",))
        answered = tuple(compiler.uses)
        self._check_actions(model.reply, compiler)
        _check_examples(model, schema, compiler)
        check_references(compiler, list(model.steps), drafts, (*asked, *answered))
        shape, flows = self._shapes.check(model, schema, compiler, drafts)  # the highest version comes first
        replies = masked_replies(self._masks, compiler, replies)
        steps = arrange(drafts, _step_names(answered), compiler)
        sources = frozenset[str]().union(*(step.sources for step in steps))
        access = self._access.without(access, sources)
        self.outflows.append(Outflow(parsed.document, frozenset() if access.internal else access.roles, tuple(flows)))
        return IntentPlan(
            name=model.intent,
            version=model.version,
            access=access,
            input_schema=schema,
            read=lambda given, coerce: reader.read(given, coerce=coerce),
            render=Replies(replies),
            steps=steps,
            deadline=float(model.deadline),
            output=output,
            output_schema=schema_of(self._masks.published(shape)) or None,
            summary=model.summary,
            description=model.description,
            examples=tuple(model.examples),
            tags=tuple(model.tags),
            guards=guards,
            writes=any(step.writes for step in steps),
            first=tuple(index for index, step in enumerate(steps) if not step.waits_for),
            required=frozenset(schema.get("required", ())) - _defaulted(schema),
            depth=1 + max((_depth(step) for step in steps), default=0),
            place=f"{parsed.document.file}:{parsed.document.place(('access',)).line}",
            languages=frozenset(locale for reply in replies for locale in reply.texts if locale),
            sources=sources,
            shown=shown(self._masks, compiler, output, replies, flows),
            reads=_reads(compiler),
            **keys,
        )

    def _check_actions(self, reply: Reply | None, compiler: Compiler) -> None:
        """What the user may do next is an intent; one that is computed can't be told here."""
        for index, part in enumerate(reply if isinstance(reply, list) else ()):
            for number, action in enumerate(part.actions if isinstance(part.actions, list) else ()):
                name = action.get("intent") if isinstance(action, dict) else None
                if isinstance(name, str) and "${" not in name and name not in self._names:
                    path: Path = ("reply", index, "actions", number, "intent")
                    compiler.findings.unknown(compiler.document, "GW227", "intent", name, known=self._names, path=path)


def _check_examples(model: Intent, schema: Mapping[str, Any], compiler: Compiler) -> None:
    """An example with a slot that is no input could never be matched."""
    known = schema.get("properties") or {}
    for index, example in enumerate(model.examples):
        for slot in _SLOT.finditer(example):
            if slot[1] not in known:
                path: Path = ("examples", index)
                place = compiler.document.place_in_text(path, *slot.span(1))
                compiler.findings.unknown(
                    compiler.document, "GW224", "input", slot[1], known=known, path=path, place=place, of=model.intent
                )


def _keys(model: Intent, compiler: Compiler) -> dict[str, Any]:
    """`idempotency_key`, and what tells kept answers apart and names them."""

    def compiled(texts: Sequence[str] | None, *path: str) -> tuple[Compiled, ...]:
        return tuple(compiler.expression(text, (*path, index), roots.GUARD) for index, text in enumerate(texts or ()))

    own, cache = compiled(model.idempotency_key, "idempotency_key"), model.cache
    if cache is None:
        return {"idempotency_key": own}
    tags = tuple(compiler.template(text, ("cache", "tags", index), roots.GUARD) for index, text in enumerate(cache.tags))
    return {"idempotency_key": own, "cache_key": compiled(cache.key, "cache", "key"), "cache_tags": tags}


def _reads(compiler: Compiler) -> frozenset[Reference]:
    """What values are made from. `ensure` is not among it: it is asked of every value that is about to be used."""
    used = (
        site.compiled.references
        for path, site in compiler.sites.items()
        if path[0] == "output" or (path[0] == "steps" and path[2:3] != ("ensure",))
    )
    return frozenset[Reference]().union(*used)


def _input_schema(written: dict[str, Any] | bool | None) -> dict[str, Any]:
    if isinstance(written, dict):
        return written
    return {"type": "object"} if written else NO_INPUT


def _reader(schema: dict[str, Any], compiler: Compiler) -> SchemaReader:
    if schema.get("type", "object") != "object":
        compiler.findings.report(
            compiler.document,
            "GW303",
            "`input` is always an object",
            ("input", "type"),
            hint="write `type: object` and the inputs below `properties`",
        )
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
