"""The masks of one intent: of its output, of its reply, and of what is told of failures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from gateway.planner import roots
from gateway.planner.compiler import Compiler
from gateway.planner.flows import Flow
from gateway.planner.masking import MaskPlanner
from gateway.runtime.hiding import NO_RULES
from gateway.runtime.masking import Rendered
from gateway.runtime.plan import ReplyPlan
from gateway.runtime.shown import ERRORS, Shown
from gateway.sdk import Compiled, Path

DATA = "data"
REPLY = "reply"


def masked_replies(masks: MaskPlanner, compiler: Compiler, replies: tuple[ReplyPlan, ...]) -> tuple[ReplyPlan, ...]:
    """The same forms, their values masked as they get in. `when` reads values as they are."""
    if not isinstance(compiler.document.data.get("reply"), list):
        return tuple(replace(form, texts=_texts(masks, compiler, form, ("reply",), REPLY)) for form in replies)
    return tuple(_form(masks, compiler, form, ("reply", index)) for index, form in enumerate(replies))


def _form(masks: MaskPlanner, compiler: Compiler, form: ReplyPlan, at: Path) -> ReplyPlan:
    def part(key: str, plain: Compiled | None) -> Compiled | None:
        if plain is None:
            return None
        return masks.template(compiler, (*at, key), plain, roots.REPLY, called=f"{REPLY}.{key}", named=False)

    return replace(
        form,
        texts=_texts(masks, compiler, form, (*at, "text"), f"{REPLY}.text"),
        blocks=part("blocks", form.blocks),
        actions=part("actions", form.actions),
        suggestions=part("suggestions", form.suggestions),
    )


def _texts(masks: MaskPlanner, compiler: Compiler, form: ReplyPlan, at: Path, called: str) -> Mapping[str, Compiled]:
    return {
        locale: masks.template(
            compiler, (*at, locale) if locale else at, text, roots.REPLY, called=called, named=False, locale=locale or "en"
        )
        for locale, text in form.texts.items()
    }  # fmt: skip


def shown(
    masks: MaskPlanner, compiler: Compiler, output: Compiled | None, replies: Iterable[ReplyPlan], flows: Iterable[Flow]
) -> Shown | None:
    """What is hidden of an answer; None where no rule is about anything of it. `replies` are masked already."""
    data = None if output is None else masks.template(compiler, ("output",), output, roots.REQUEST, called=DATA, named=True)
    errors = NO_RULES.union(*(masks.about(flow.labels, flow.marks) for flow in flows if flow.failure))
    if errors:
        masks.note(compiler.document, ERRORS, errors)
    parts = [part for form in replies for part in (*form.texts.values(), form.blocks, form.actions, form.suggestions)]
    if not isinstance(data, Rendered) and not errors and not any(isinstance(part, Rendered) for part in parts):
        return None
    return Shown(masks.masking, data if isinstance(data, Rendered) else None, errors)
