"""Personal data in free text, found by its form: e-mail addresses, telephone numbers, IBANs and card numbers.

An address is told by its `@`, a telephone number by how people write one: international with `+` or `00` (ITU-T E.164), or national with
a leading 0 or in the groups of North America, and then with separators; a bare row of digits is none, or every order number would be one.
IBANs (ISO 13616) have the length of their country and the check digits of ISO 7064 (mod 97-10), card numbers (ISO/IEC 7812) the first
digits and the length of an issuer and the check digit of Luhn. Digits, spaces and hyphens of all scripts count.

What looks alike by chance is hidden too: one row of sixteen digits in ten passes Luhn. Every text is gone through in linear time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Literal, NamedTuple

from gateway.policies.iban_lengths import IBAN_LENGTHS

PersonalKind = Literal["email", "phone", "iban", "card"]
KINDS: tuple[PersonalKind, ...] = ("iban", "card", "email", "phone")
"""In the order in which they are told apart where they overlap."""

LONGEST_LOCAL, LONGEST_DOMAIN = 64, 255
"""Octets of the parts of an address (RFC 5321 §4.5.3.1); characters here."""
LEAST_PHONE, MOST_PHONE = 7, 15
LEAST_BARE = 12
"""Digits of a number that begins with 00 and has no separators: order numbers begin with zeros too."""
MOST_CARD = 19
LEAST_GROUP = 3
"""Digits that a group of a card number has at least."""

_BLANK = "\u0020\u00a0\u00ad\u1680\u2000-\u200d\u202f\u205f\u2060\u3000\t"
_HYPHEN = "\\-\u2010-\u2015\u2212\ufe58\ufe63\uff0d"
_BETWEEN = f"[{_BLANK}{_HYPHEN}./()\u2044\uff0f\uff0e]"
_ROW = re.compile(rf"\d(?:{_BETWEEN}{{0,4}}\d){{6,}}")
_GROUP = re.compile(r"\d+")
_IBAN_HEAD = re.compile(r"\d\d(?<=[A-Za-z]{2}\d\d)")
_IBAN_SPACE = re.compile(f"[{_BLANK}{_HYPHEN}]")
_DATE = re.compile(r"(?:\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})|\d{4}[./-]\d{1,2}[./-]\d{1,2})(?!\d)")
_AREA = re.compile(rf"0\d{{1,5}}[{_BLANK}{_HYPHEN}./)\uff0f\uff0e]")
_AMERICAN = re.compile(rf"(?:1{_BETWEEN})?[2-9]\d\d{_BETWEEN}{{1,2}}[2-9]\d\d{_BETWEEN}\d{{4}}(?!\d)")
_LOCAL = frozenset("'+-_.%&*~!")
"""Signs in the first part of an address that people use; what is in it besides is left, so that `to=ann@example.org` stays readable."""


class Span(NamedTuple):
    """A stretch of a text, and what it is."""

    start: int
    end: int
    kind: PersonalKind


class FreeText:
    """Hides some kinds of personal data in texts. It has no state: one serves all threads."""

    def __init__(self, kinds: Collection[PersonalKind] = KINDS) -> None:
        self._finders = tuple(_FINDERS[kind] for kind in KINDS if kind in kinds and kind in _FINDERS)
        self._in_rows = tuple(_IN_ROWS[kind] for kind in KINDS if kind in kinds and kind in _IN_ROWS)

    def __call__(self, text: str) -> str:
        """The text with `[email]`, `[phone]`, `[iban]` and `[card]` in place of what was found."""
        spans = self.found(text)
        if not spans:
            return text
        pieces, at = [], 0
        for span in spans:
            pieces += [text[at : span.start], f"[{span.kind}]"]
            at = span.end
        return "".join([*pieces, text[at:]])

    def found(self, text: str) -> Sequence[Span]:
        """What was found, in order; nothing overlaps."""
        spans = [span for find in self._finders for span in find(text)]
        if self._in_rows:
            spans += [span for row in _ROW.finditer(text) for find in self._in_rows for span in find(text, *row.span())]
        return _apart(spans) if len(spans) > 1 else spans


def _apart(spans: Sequence[Span]) -> Sequence[Span]:
    """In order of place. What overlaps becomes one, of the kind that begins first, so that no end of anything is left."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda each: (each.start, KINDS.index(each.kind))):
        if kept and span.start < kept[-1].end:
            kept[-1] = kept[-1]._replace(end=max(span.end, kept[-1].end))
        else:
            kept.append(span)
    return kept


def _emails(text: str) -> Iterator[Span]:
    done = 0
    for sign in "@\uff20":
        at = text.find(sign)
        while at >= 0:
            start, end = _local_start(text, at, done), _domain_end(text, at)
            if start < at and end > at + 1:
                yield Span(start, end, "email")
                done = end
            at = text.find(sign, max(at + 1, end))


def _local_start(text: str, at: int, least: int) -> int:
    start = at
    while start > max(least, at - LONGEST_LOCAL) and (text[start - 1].isalnum() or text[start - 1] in _LOCAL):
        start -= 1
    return start


def _domain_end(text: str, at: int) -> int:
    """Behind the last label of a domain of two or more; right behind the sign where there is none."""
    end = at + 1
    while end < min(len(text), at + 1 + LONGEST_DOMAIN) and (text[end].isalnum() or text[end] in "-.\u3002\uff0e"):
        end += 1
    domain = text[at + 1 : end].rstrip("-.\u3002\uff0e")
    labels = re.split("[.\u3002\uff0e]", domain)
    return at + 1 + len(domain) if len(labels) > 1 and all(labels) else at + 1


def _ibans(text: str) -> Iterator[Span]:
    for head in _IBAN_HEAD.finditer(text):
        start = head.start() - 2
        length = IBAN_LENGTHS.get(text[start : start + 2].upper())
        if length is None or (start and text[start - 1].isalnum()):
            continue
        end = _behind(text, start, length)
        if end is not None and _mod_97(_IBAN_SPACE.sub("", text[start:end])):
            yield Span(start, end, "iban")


def _behind(text: str, start: int, length: int) -> int | None:
    """Behind so many letters and digits, with a space at most between two; None where there are fewer, or more."""
    at, left = start, length
    while left and at < len(text):
        if text[at].isalnum():
            left -= 1
        elif not _IBAN_SPACE.match(text[at]) or not text[at - 1].isalnum():
            return None
        at += 1
    return None if left or (at < len(text) and text[at].isalnum()) else at


def _mod_97(iban: str) -> bool:
    try:
        return int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97 == 1
    except ValueError:
        return False


def _cards(text: str, start: int, stop: int) -> Iterator[Span]:
    groups = [group.span() for group in _GROUP.finditer(text, start, stop)]
    at = 0
    while at < len(groups):
        count = _card_groups(text, groups[at : at + MOST_CARD // LEAST_GROUP])
        if count:
            yield Span(groups[at][0], groups[at + count - 1][1], "card")
        at += count or 1


def _card_groups(text: str, groups: Sequence[tuple[int, int]]) -> int:
    """How many of the groups make a card number together; 0 where none do."""
    if not _stands_alone(text, groups[0][0]):
        return 0
    digits = ""
    for count, (start, end) in enumerate(groups, 1):
        digits += text[start:end]
        if len(digits) > MOST_CARD or (end - start < LEAST_GROUP and count > 1):
            return 0
        if _is_card(digits) and not text[end : end + 1].isalpha():
            return count
    return 0


def _is_card(written: str) -> bool:
    if not 13 <= len(written) <= MOST_CARD:
        return False
    digits = "".join(str(int(sign)) for sign in written)
    return any(len(digits) in lengths and low <= digits[: len(low)] <= high for low, high, lengths in _ISSUERS) and _luhn(digits)


_ISSUERS: tuple[tuple[str, str, frozenset[int]], ...] = (
    ("4", "4", frozenset({13, 16, 19})),
    ("51", "55", frozenset({16})),
    ("2221", "2720", frozenset({16})),
    ("34", "34", frozenset({15})),
    ("37", "37", frozenset({15})),
    ("300", "305", frozenset({14, 16, 19})),
    ("36", "36", frozenset({14, 16, 19})),
    ("38", "39", frozenset({14, 16, 19})),
    ("3528", "3589", frozenset({16, 17, 18, 19})),
    ("50", "50", frozenset({13, 14, 15, 16, 17, 18, 19})),
    ("56", "69", frozenset({13, 14, 15, 16, 17, 18, 19})),
)
"""First digits, from and to, and the lengths that go with them."""


def _luhn(digits: str) -> bool:
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(int(digit) for digit in digits[::-2]) + sum(doubled)) % 10 == 0


def _phones(text: str, start: int, stop: int) -> Iterator[Span]:
    while start < stop:
        end = _phone_end(text, start, stop)
        if end is not None:
            yield Span(_with_sign(text, start), end, "phone")
        following = _GROUP.search(text, end if end is not None else _group_end(text, start), stop)
        start = following.start() if following else stop


def _group_end(text: str, start: int) -> int:
    group = _GROUP.match(text, start)
    return start if group is None else group.end()


def _phone_end(text: str, start: int, stop: int) -> int | None:
    """Where the telephone number ends that begins here; None where none does."""
    digits = _ascii(text[start : start + 6])
    if _signed(text, start):
        return _end_of(text, start, stop, least=LEAST_PHONE)
    if not _stands_alone(text, start) or _DATE.match(text, start):
        return None
    if digits.startswith("00") and digits[2:3] not in ("0", ""):
        bare = _group_end(text, start) - start
        return _end_of(text, start, stop, least=LEAST_BARE if bare >= LEAST_PHONE else LEAST_PHONE + 2)
    american = _AMERICAN.match(_ascii(text[start : min(stop, start + 24)]))
    if american is not None:
        return start + american.end()
    return (
        _end_of(text, start, stop, least=LEAST_PHONE) if digits.startswith("0") and _AREA.match(_ascii(text[start : start + 8])) else None
    )


def _end_of(text: str, start: int, stop: int, *, least: int) -> int | None:
    """Behind as many whole groups as a number may have digits."""
    count, end, last = 0, None, start
    for group in _GROUP.finditer(text, start, stop):
        count += group.end() - group.start()
        if count > MOST_PHONE or text[last : group.start()].count("  "):
            break
        last = end = group.end()
        if count == MOST_PHONE:
            break
    if end is None or sum(map(str.isdigit, text[start:end])) < least:
        return None
    return None if end < len(text) and text[end].isalpha() else end


def _signed(text: str, start: int) -> bool:
    """Whether a plus stands before it, perhaps with a bracket or a blank between."""
    before = text[max(0, start - 2) : start].rstrip(" (\u00a0")
    return before.endswith(("+", "\uff0b"))


def _with_sign(text: str, start: int) -> int:
    while start and text[start - 1] in "+\uff0b(":
        start -= 1
    return start


def _stands_alone(text: str, start: int) -> bool:
    """Whether what begins here is no later part of something longer, such as an identifier or a decimal."""
    if not start:
        return True
    before = text[start - 1]
    return not (before.isalnum() or before in "_#" or (before in "-.,:/" and start > 1 and text[start - 2].isalnum()))


def _ascii(text: str) -> str:
    return text if text.isascii() else "".join(str(int(sign)) if sign.isdecimal() else sign for sign in text)


_FINDERS: Mapping[PersonalKind, Callable[[str], Iterator[Span]]] = MappingProxyType({"email": _emails, "iban": _ibans})
_IN_ROWS: Mapping[PersonalKind, Callable[[str, int, int], Iterator[Span]]] = MappingProxyType({"phone": _phones, "card": _cards})
"""Those of which several digits are looked for first."""
