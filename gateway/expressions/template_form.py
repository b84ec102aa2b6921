"""The reserved keys (language §2.3, §2.4): which belong together, and which of them must be there."""

from __future__ import annotations

import re
from typing import Any, ClassVar

import msgspec

Keys = dict[str, Any]


class Form(msgspec.Struct, frozen=True):
    """A mapping with a meaning. `marks` are the keys that tell it, `keys` all it may have, `required` all it must have."""

    NAME: ClassVar[re.Pattern[str]] = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)

    name: str
    marks: frozenset[str]
    keys: frozenset[str]
    required: frozenset[str]
    example: str


_EACH = frozenset({"$each", "$as", "$where", "$limit", "$do"})
_IF = frozenset({"$if", "$then", "$else"})

FORMS = (
    Form("$literal", frozenset({"$literal"}), frozenset({"$literal"}), frozenset({"$literal"}), "{$literal: …}"),
    Form("$use", frozenset({"$use"}), frozenset({"$use", "value"}), frozenset({"$use", "value"}), "{$use: <transform>, value: …}"),
    Form("$if", _IF, _IF, frozenset({"$if", "$then"}), "{$if: <expression>, $then: …, $else: …}"),
    Form("$each", _EACH, _EACH, frozenset({"$each", "$as", "$do"}), "{$each: <expression>, $as: item, $do: …}"),
)
"""In the order in which they are recognised."""

RESERVED = frozenset[str]().union(*(form.marks for form in FORMS))
