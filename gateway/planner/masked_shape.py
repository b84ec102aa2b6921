"""The shape of what callers get who may see a value, or see it masked: what an intent publishes has to be true for both."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from gateway.expressions import Label, Shape
from gateway.expressions.shape_part import Inside, Kind, Member, member
from gateway.runtime.masks import MaskKind

MasksOf = Callable[[frozenset[Label]], frozenset[MaskKind]]
"""The masks that may be used on values with these labels."""

_TEXT_OF_NUMBERS: frozenset[MaskKind] = frozenset({"hash", "tokenize"})
_ENDS: frozenset[MaskKind] = frozenset({"last4", "partial"})


def masked_shape(shape: Shape, masks_of: MasksOf) -> Shape:
    """The same, masked or not."""
    masks = masks_of(shape.labels)
    inside = None if shape.inside is None else _MaskedInside(shape.inside, masks_of)
    kinds = shape.kinds | _further(shape.kinds, masks)
    values = None if masks else shape.values
    return Shape(kinds, values=values, whole=shape.whole, declared=shape.declared or bool(masks), labels=shape.labels, inside=inside)


def _further(kinds: frozenset[Kind], masks: frozenset[MaskKind]) -> frozenset[Kind]:
    found: set[Kind] = set()
    if masks and ("remove" in masks or "boolean" in kinds or ("number" in kinds and masks & _ENDS)):
        found.add("null")
    if masks & _TEXT_OF_NUMBERS and "number" in kinds:
        found.add("text")
    return frozenset(found)


class _MaskedInside(Inside):
    """What is in an object or a list, masked or not."""

    __slots__ = ("_masks_of", "_of", "depth")

    def __init__(self, of: Inside, masks_of: MasksOf) -> None:
        super().__init__()
        self._of = of
        self._masks_of = masks_of
        self.depth = of.depth

    @property
    def names(self) -> tuple[str, ...]:
        return self._of.names

    @property
    def listed(self) -> bool:
        return self._of.listed

    @property
    def key(self) -> Hashable:
        return ("masked", self._of.key)

    def has(self, name: str) -> bool:
        return self._of.has(name)

    def _found(self, name: str) -> Member | None:
        found = self._of.look(name)
        return None if found is None else member(masked_shape(found.shape, self._masks_of), found.absent)

    def _made_items(self) -> Shape:
        return masked_shape(self._of.items, self._masks_of)

    def _made_rest(self) -> Shape | None:
        rest = self._of.rest
        return None if rest is None else masked_shape(rest, self._masks_of)
