"""The closed set of functions (language §2.7)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.expressions import functions_date, functions_list, functions_locale, functions_number, functions_object, functions_text
from gateway.expressions.builtin import Builtin

BUILTINS: Mapping[str, Builtin] = MappingProxyType(
    {
        builtin.name: builtin
        for family in (functions_text, functions_number, functions_date, functions_locale, functions_list, functions_object)
        for builtin in family.BUILTINS
    }
)
"""Every function by name, but the lazy ones."""

LAZY: Mapping[str, tuple[int, int | None, str]] = MappingProxyType(
    {
        "if": (3, 3, "The second argument where the first is true, else the third; the other is not evaluated."),
        "default": (2, 2, "The first argument, or the second where the first is null."),
        "coalesce": (1, None, "The first argument that is not null; those behind it are not evaluated."),
    }
)
"""Functions that evaluate only the arguments they need: least and most arguments, and a summary."""

NAMES = frozenset({*BUILTINS, *LAZY})
