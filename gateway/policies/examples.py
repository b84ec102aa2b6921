"""Finding the intent of a message by the intents' own `examples`: exact and slot match, in linear time.

Letter case, punctuation, white space and Unicode forms make no difference. `{order_id}` in an example is a slot for an input
of that name; a word that is the only one to fit a required input stands for it too, so `where is my order 1007?` finds every
order. A slot's text must fit the input's schema. The most specific match wins: no slots, else most words, else fewest slots.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import msgspec

from gateway.sdk import IntentCard, InvalidRequest

SLOT = re.compile(r"\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}")
EDGES = ".,;:!?\u00a1\u00bf\"'`\u2018\u2019\u201c\u201d\u00ab\u00bb()[]{}<>#\u2026\u3002\uff01\uff1f\u3001"
IGNORED_CATEGORIES = "PSCZ"
"""Punctuation, symbols, control characters, separators (the first letter of a Unicode general category)."""


class Word(NamedTuple):
    """A word of a text: folded for comparison, and where it stands."""

    folded: str
    start: int
    end: int


class Text:
    """A message or an example, in words."""

    def __init__(self, written: str) -> None:
        self.normal = unicodedata.normalize("NFKC", written)
        self.words = [Word(folded, chunk.start(), chunk.end()) for chunk in re.finditer(r"\S+", self.normal) if (folded := _fold(chunk[0]))]
        self.vocabulary = frozenset(word.folded for word in self.words)

    def between(self, first: int, end: int) -> str:
        """What was written from word `first` to the one before `end`, without punctuation round it."""
        return self.normal[self.words[first].start : self.words[end - 1].end].strip(EDGES)


class Slot(NamedTuple):
    """Stands for the value of an input."""

    name: str


class Example(msgspec.Struct, frozen=True):
    """One example of an intent. `blocks` are the runs of plain words before, between and behind the `slots`.

    Slots that stand side by side form one group: each takes a word, the last all that are left.
    """

    card: IntentCard
    text: str
    blocks: tuple[tuple[str, ...], ...]
    slots: tuple[tuple[str, ...], ...]
    vocabulary: frozenset[str]

    @property
    def rank(self) -> tuple[bool, int, int]:
        """Higher is more specific."""
        return (not self.slots, sum(map(len, self.blocks)), -sum(map(len, self.slots)))

    def match(self, text: Text) -> dict[str, str] | None:
        """The slots' values, or None. Each block is looked for behind the one before, so no place is tried twice."""
        if not self.vocabulary <= text.vocabulary:
            return None
        words = [word.folded for word in text.words]
        found: dict[str, str] = {}
        position = len(self.blocks[0])
        if tuple(words[:position]) != self.blocks[0]:
            return None
        for index, group in enumerate(self.slots, start=1):
            last = index == len(self.slots)
            begin = _last_place(words, self.blocks[index]) if last else _next_place(words, self.blocks[index], position + len(group))
            if begin is None or begin < position + len(group):
                return None
            if not _take(found, group, text, position, begin):
                return None
            position = begin + len(self.blocks[index])
        return found if position == len(words) else None


class Match(NamedTuple):
    """An intent and the input that its message holds."""

    card: IntentCard
    values: dict[str, str]


class Examples:
    """All examples of all intents that can be asked for, prepared at load."""

    def __init__(self, cards: Iterable[IntentCard]) -> None:
        self._all = [example for card in cards if not card.access.internal for text in card.examples if (example := _read(card, text))]
        self._by_first: dict[str, list[Example]] = {}
        for example in self._all:
            self._by_first.setdefault(next(iter(example.blocks[0]), ""), []).append(example)
        self._mentions: dict[str, list[int]] = {}
        for number, example in enumerate(self._all):
            for word in example.vocabulary:
                self._mentions.setdefault(word, []).append(number)

    def find(self, text: Text, allowed: Callable[[IntentCard], bool]) -> Match | None:
        """The most specific match among allowed intents; None where there is none, or two intents match equally well."""
        first = text.words[0].folded if text.words else ""
        matches = [
            (example.rank, Match(example.card, values))
            for example in [*self._by_first.get(first, ()), *(self._by_first.get("", ()) if first else ())]
            if (values := example.match(text)) is not None and allowed(example.card) and fits(example.card, values)
        ]
        if not matches:
            return None
        best = max(rank for rank, _ in matches)
        winners = [match for rank, match in matches if rank == best]
        return winners[0] if len({match.card.name for match in winners}) == 1 else None

    def closest(self, text: Text, allowed: Callable[[IntentCard], bool], most: int) -> list[str]:
        """Up to `most` examples of allowed intents, those with the most words in common first, one an intent."""
        common = Counter(number for word in text.vocabulary for number in self._mentions.get(word, ()))
        order = sorted(range(len(self._all)), key=lambda number: (-common[number], len(self._all[number].vocabulary), number))
        chosen: dict[str, str] = {}
        for number in order:
            example = self._all[number]
            if len(chosen) == most:
                break
            if example.card.name not in chosen and allowed(example.card):
                chosen[example.card.name] = example.text
        return list(chosen.values())


def fits(card: IntentCard, values: dict[str, str]) -> bool:
    """Whether the intent's schema finds no fault with these values. Other inputs may still be missing."""
    try:
        card.accept(dict(values), from_text=True)
    except InvalidRequest as error:
        pointers = [str(detail.get("pointer", "")) for detail in error.details]
        return bool(pointers) and not any(pointer.split("/")[1:2] == [name] for pointer in pointers for name in values)
    return True


def _fold(chunk: str) -> str:
    folded = chunk.casefold()
    if folded.isalnum():
        return folded
    return "".join(character for character in folded if unicodedata.category(character)[0] not in IGNORED_CATEGORIES)


def _take(found: dict[str, str], group: tuple[str, ...], text: Text, position: int, end: int) -> bool:
    """Gives each slot of a group its words; a slot that was filled before must get the same again."""
    for offset, name in enumerate(group):
        first = position + offset
        value = text.between(first, end if offset == len(group) - 1 else first + 1)
        if found.setdefault(name, value) != value:
            return False
    return True


def _next_place(words: list[str], block: tuple[str, ...], start: int) -> int | None:
    size = len(block)
    return next((place for place in range(start, len(words) - size + 1) if tuple(words[place : place + size]) == block), None)


def _last_place(words: list[str], block: tuple[str, ...]) -> int | None:
    place = len(words) - len(block)
    return place if place >= 0 and tuple(words[place:]) == block else None


def _read(card: IntentCard, written: str) -> Example | None:
    """None for an example without a word, and for one with a slot that is no input of the intent."""
    properties = card.input_schema.get("properties")
    known = properties if isinstance(properties, dict) else {}
    parts = list(_parts(written))
    named = {part.name for part in parts if isinstance(part, Slot)}
    if not parts or not named <= known.keys():
        return None
    parts = _infer(card, parts, [name for name in card.input_schema.get("required", ()) if name in known and name not in named])
    blocks, slots = _group([part if isinstance(part, Slot) else part[0] for part in parts])
    return Example(card, written, blocks, slots, frozenset(word for block in blocks for word in block))


def _parts(written: str) -> Iterator[Slot | tuple[str, str]]:
    """Slots and words, a word as (folded, as written)."""
    for index, piece in enumerate(SLOT.split(written)):
        if index % 2:
            yield Slot(piece)
        else:
            text = Text(piece)
            yield from ((word.folded, text.between(number, number + 1)) for number, word in enumerate(text.words))


def _infer(card: IntentCard, parts: list[Slot | tuple[str, str]], required: list[str]) -> list[Slot | tuple[str, str]]:
    """Puts a slot where one word alone fits a required input, and fits no other; some plain word must remain."""
    fitting = {
        name: [number for number, part in enumerate(parts) if not isinstance(part, Slot) and fits(card, {name: part[1]})]
        for name in required
    }
    taken = Counter(number for numbers in fitting.values() for number in numbers)
    inferred = {numbers[0]: Slot(name) for name, numbers in fitting.items() if len(numbers) == 1 and taken[numbers[0]] == 1}
    result = [inferred.get(number, part) for number, part in enumerate(parts)]
    return result if any(not isinstance(part, Slot) for part in result) else parts


def _group(parts: list[Slot | str]) -> tuple[tuple[tuple[str, ...], ...], tuple[tuple[str, ...], ...]]:
    blocks: list[list[str]] = [[]]
    slots: list[list[str]] = []
    after_slot = False
    for part in parts:
        if isinstance(part, Slot):
            if not after_slot:
                slots.append([])
                blocks.append([])
            slots[-1].append(part.name)
        else:
            blocks[-1].append(part)
        after_slot = isinstance(part, Slot)
    return tuple(map(tuple, blocks)), tuple(map(tuple, slots))
