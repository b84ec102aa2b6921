"""Choosing and rendering the reply of an answer (language §4 `reply`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.expressions import is_true
from gateway.runtime.plan import ReplyPlan
from gateway.sdk import Answer, Compiled, Reply, Scope

FALLBACK_LOCALE = "en"


class Replies:
    """The forms of one intent's reply; the first whose `when` holds is it.

    A failed or denied answer has no output, so only forms that look at `error` or `status` are for that case.
    """

    def __init__(self, forms: tuple[ReplyPlan, ...]) -> None:
        self._forms = forms

    def __call__(self, scope: Scope, answer: Answer) -> Reply | None:
        """Raises `ExpressionFault` where an expression of the chosen form fails."""
        unanswered = answer.error is not None
        roots = {**scope, "output": answer.output, "error": answer.error_root()}
        for form in self._forms:
            if unanswered and not form.for_failures:
                continue
            if form.when is None or is_true(form.when(roots)):
                return _render(form, roots)
        return None


def _render(form: ReplyPlan, roots: Scope) -> Reply:
    text = _in_locale(form.texts, roots["ctx"]["locale"])
    return Reply(
        text=None if text is None else text(roots),
        blocks=_list(form.blocks, roots),
        actions=_list(form.actions, roots),
        suggestions=_list(form.suggestions, roots),
    )


def _in_locale(texts: Mapping[str, Compiled], locale: str) -> Compiled | None:
    """`de-AT` takes `de-AT`, else `de`, else the text in no particular locale, else English, else the first."""
    language = locale.partition("-")[0]
    for wanted in (locale, language, "", FALLBACK_LOCALE):
        if wanted in texts:
            return texts[wanted]
    return next(iter(texts.values()), None)


def _list(template: Compiled | None, roots: Scope) -> list[Any]:
    value = template(roots) if template is not None else []
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
