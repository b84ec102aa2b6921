"""Which language an answer is in: the caller's wish against what the plan knows."""

from __future__ import annotations

from collections.abc import Iterable

DEFAULT = "en"


class Languages:
    """The languages that a plan's replies know, and English.

    A caller's wish never passes them: whatever depends on `ctx.locale` (data of a locale, answers that are shared) then has only so
    many forms, whoever asks.
    """

    __slots__ = ("_known", "_of_language")

    def __init__(self, known: Iterable[str] = ()) -> None:
        tags = sorted({DEFAULT, *known}, key=lambda tag: (tag.count("-"), tag))
        self._known = {tag.lower(): tag for tag in tags}
        self._of_language: dict[str, str] = {}
        for tag in tags:
            self._of_language.setdefault(_language(tag), tag)

    def settle(self, wanted: Iterable[str]) -> str:
        """The known tag that fits the first of `wanted` (BCP 47 tags, most wanted first) that any fits.

        `de-CH-1996` takes itself, else `de-CH`, else `de` (RFC 4647 §3.4), else another form of German; nothing fits: English.
        """
        for tag in wanted:
            folded = tag.lower()
            while folded:
                if folded in self._known:
                    return self._known[folded]
                folded = folded.rpartition("-")[0]
            if (near := self._of_language.get(_language(tag))) is not None:
                return near
        return DEFAULT


def _language(tag: str) -> str:
    return tag.partition("-")[0].lower()
