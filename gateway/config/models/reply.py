"""What is said to the caller, in words and in structured parts (language §4)."""

from __future__ import annotations

from typing import Annotated

import msgspec

from gateway.sdk.fields import Expr, Template, described, form, tag
from gateway.sdk.source_config import Model

Text = Annotated[str, tag("template")]
"""A text in which `${ }` is evaluated."""

Locale = Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$"), form("a locale such as `de` or `de-CH`")]
"""A language tag of BCP 47, such as `de` or `de-CH`."""

LocalText = Text | Annotated[dict[Locale, Text], msgspec.Meta(min_length=1)]
"""One text, or one per locale."""


class ReplyPart(Model, frozen=True, kw_only=True):
    """One reply; of several, the first whose `when` holds is used."""

    when: Annotated[Expr | None, described("Condition; without it this part always applies.")] = None
    text: Annotated[LocalText | None, described("Plain text, or one text per locale. Channels escape it.")] = None
    blocks: Annotated[Template, described("Structured parts: lists, cards, tables.")] = None
    actions: Annotated[Template, described("What the user may do next: `{label, intent, input}`.")] = None
    suggestions: Annotated[Template, described("What the user may ask next, as short texts.")] = None


Reply = LocalText | Annotated[list[ReplyPart], msgspec.Meta(min_length=1)]
"""A text, one text per locale, or parts of which the first that applies is used."""
