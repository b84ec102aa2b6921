"""What can be wrong with an expression or template, as data. The loader gives each fault its place in the YAML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from types import MappingProxyType

import msgspec

from gateway.sdk import Severity

TITLES: Mapping[str, str] = MappingProxyType(
    {
        "GW201": "An expression can't be read",
        "GW202": "An expression names a root that doesn't exist here",
        "GW203": "An expression calls a function that doesn't exist",
        "GW204": "A function is called with the wrong arguments",
        "GW205": "`!` directly before a path negates only its first name",
        "GW206": "A literal that is written like a field's name",
        "GW207": "A number needs backticks",
        "GW208": "A root's name inside a filter, projection or `&` reads the element's field",
        "GW209": "A reserved `$` key is used wrongly",
        "GW210": "`contains` on a text is not allowed where access is decided",
        "GW211": "A regular expression is not constant or not valid",
        "GW212": "A name given by `as` equals a root",
        "GW213": "`$${` writes `${` and evaluates nothing",
        "GW214": "`$use` names a transform that doesn't exist",
        "GW215": "A plural form is missing",
        "GW216": "An expression or template is too long or nested too deeply",
        "GW217": "The time is not known in this position",
        "GW220": "An unknown step",
        "GW226": "An unknown field",
        "GW261": "Items are taken of what is no list",
        "GW262": "A field is read of what has no fields",
        "GW263": "A place in a list is read of what is no list",
        "GW264": "A comparison that never holds",
        "GW265": "A comparison with a value that is not among the known ones",
        "GW266": "A text is built with what may be null",
        "GW269": "A transform that doesn't fit what it is given",
    }
)
"""Every code of this package with its title."""


class Fault(msgspec.Struct, frozen=True):
    """One fault; `start` and `end` are offsets into the text that was given (for a template: into the leaf's text).

    A `name` that is not among those that are `known` is for the loader to find the nearest to.
    """

    code: str
    message: str
    hint: str | None
    start: int
    end: int
    severity: Severity = "error"
    name: str | None = None
    known: tuple[str, ...] | None = None

    def moved(self, offset: int) -> Fault:
        """The same fault in a text in which the one given begins at `offset`."""
        return msgspec.structs.replace(self, start=self.start + offset, end=self.end + offset)


class SyntaxFault(Exception):
    """Carries a `Fault` out of the parser."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


def did_you_mean(word: str, known: Iterable[str], *, otherwise: str | None = None) -> str | None:
    """A hint that names what was probably meant."""
    close = get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return f"did you mean `{close[0]}`?" if close else otherwise


def listed(words: Iterable[str]) -> str:
    """The words in backticks, in order of the alphabet."""
    return ", ".join(f"`{word}`" for word in sorted(words))
