"""Canaries: words that tell whose they are, and the lookout that finds them where they don't belong.

    qz7kx4w-<owner>-<subject>-<field>-<number>-w4xk7zq

`owner` is a tenant; `sys`, for what nobody outside may ever see; or `in`, for what callers sent themselves. Head and tail of a canary are
looked for apart from each other, so that a part of one is found too, and so are forms in which texts travel: base64, hexadecimal, capitals.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

HEAD, TAIL = "qz7kx4w", "w4xk7zq"
SYSTEM, INPUT = "sys", "in"
WHOLE = re.compile(rf"{HEAD}-([a-z]+)-([A-Za-z0-9_]+)-([a-z_]+)-([0-9]+)-{TAIL}".encode())
AROUND = 60
MOST_LEAKS = 20


class Canary(NamedTuple):
    """Whose a canary is, and where it was planted."""

    owner: str
    subject: str
    field: str
    number: int


MaySee = Callable[[Canary], bool]


def canary(owner: str, subject: str, field: str, number: int = 0) -> str:
    """The word itself."""
    return f"{HEAD}-{owner}-{subject}-{field}-{number}-{TAIL}"


def owner_of(word: str) -> Canary | None:
    """What a whole canary says of itself."""
    found = WHOLE.fullmatch(word.encode())
    return None if found is None else _read(found)


def nobody(_: Canary) -> bool:
    """Who may see none: logs, metrics, records."""
    return False


class Lookout:
    """Searches everything that leaves. `leaks` is what it found, with what is around it; `shown` counts, by field, the canaries that
    somebody saw who may: nothing is proven by answers without any."""

    def __init__(self) -> None:
        self.leaks: list[str] = []
        self.shown: Counter[str] = Counter()
        self.looked = 0
        self._also: set[str] = set()
        self._suspect = re.compile(b"")
        self.forbid(())

    def forbid(self, words: Iterable[str]) -> None:
        """Further words that nobody may see: addresses, paths, SQL."""
        self._also.update(words)
        parts = [HEAD, TAIL, HEAD.upper(), TAIL.upper(), HEAD.encode().hex(), *_in_base64(f"{HEAD}-{SYSTEM}-"), *sorted(self._also)]
        self._suspect = re.compile("|".join(map(re.escape, parts)).encode())

    def look(self, seen: bytes | str, where: str, may_see: MaySee = nobody) -> None:
        """Notes every canary of which `may_see` doesn't hold, and every forbidden word."""
        data = seen.encode("utf-8", "replace") if isinstance(seen, str) else seen
        self.looked += 1
        if self._suspect.search(data) is None:
            return

        def left(found: re.Match[bytes]) -> bytes:
            word = _read(found)
            if not may_see(word):
                return found[0]
            self.shown[word.field] += 1
            return b""

        rest = WHOLE.sub(left, data)
        leak = self._suspect.search(rest)
        if leak is not None and len(self.leaks) < MOST_LEAKS:
            around = rest[max(0, leak.start() - AROUND) : leak.end() + AROUND]
            self.leaks.append(f"{where}: …{around.decode('utf-8', 'replace')}…")


def _read(found: re.Match[bytes]) -> Canary:
    owner, subject, field, number = (part.decode() for part in found.groups())
    return Canary(owner, subject, field, int(number))


def _in_base64(text: str) -> Iterable[str]:
    """What of a text's base64 doesn't depend on its neighbours, for each of the three ways in which it may begin."""
    for before in range(3):
        coded = b64encode(b"\0" * before + text.encode()).rstrip(b"=").decode()
        yield coded[-(-before * 8 // 6) : len(coded) - 1]
