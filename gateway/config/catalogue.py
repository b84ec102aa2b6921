"""Every code of a configuration problem, with a title of one line and what `gateway explain GW101` says about it.

To add a code, add it to its family in `gateway/config/codes/` at its number: the code and its title on one line, cause and mending
below, indented. The codes of the expression language have their titles beside the language itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from gateway.config.codes import effects_and_secrets, policies, references, yaml_and_shape
from gateway.expressions.faults import TITLES


class Entry(msgspec.Struct, frozen=True):
    """What there is to say about one code."""

    title: str
    text: str


_TEXT = "".join((yaml_and_shape.TEXT, references.TEXT, effects_and_secrets.TEXT, policies.TEXT))


def _entries(text: str) -> dict[str, Entry]:
    """The codes of a text as above; a code without a title has that of `TITLES`."""
    found = {code: Entry(title, "") for code, title in TITLES.items()}
    for block in re.split(r"^(?=GW)", text, flags=re.MULTILINE)[1:]:
        heading, *lines = block.splitlines()
        code, _, title = heading.partition(" ")
        found[code] = Entry(title or TITLES[code], " ".join(line.strip() for line in lines))
    return found


ENTRIES: Mapping[str, Entry] = MappingProxyType(_entries(_TEXT))
"""Every code with title and text."""

CODES: Mapping[str, str] = MappingProxyType({code: entry.title for code, entry in sorted(ENTRIES.items())})
"""Every code with its title."""


def explain(code: str) -> str | None:
    """The long text for a code, in any case (`gw101`); None for an unknown one."""
    entry = ENTRIES.get(code.upper())
    return None if entry is None else f"{code.upper()}: {entry.title}\n\n{entry.text}".rstrip() + "\n"
