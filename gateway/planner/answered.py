"""What steps get from what they call, and where the arguments go from there."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from gateway.expressions import Label, Shape
from gateway.expressions.shape import NO_LABELS

Given = Mapping[str, frozenset[str]]
"""The classes of data in each argument that has any."""
NOTHING: Given = MappingProxyType({})


class Sent(NamedTuple):
    """A class of data that comes in by an argument and goes on to a source."""

    argument: str
    classification: str
    source: str


class Answered(NamedTuple):
    """What a call gives: the shape of its result, and the classes of what callers are told of its failures.

    `sources` are all that it may ask, one behind the other; `sent` is what of its arguments goes to which of them.
    """

    shape: Shape
    failure: frozenset[Label] = NO_LABELS
    sources: frozenset[str] = frozenset()
    sent: frozenset[Sent] = frozenset()

    def to_backend(self, given: Given) -> Answered:
        """The same, where every argument goes to every source."""
        sent = (
            Sent(argument, classification, source)
            for argument, classes in given.items()
            for classification in classes
            for source in self.sources
        )
        return self._replace(sent=frozenset(sent))
