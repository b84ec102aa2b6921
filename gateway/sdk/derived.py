"""What components make of secret texts: a header, a key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from gateway.sdk.secret import SecretText

T_co = TypeVar("T_co", covariant=True)


class Derived(Generic[T_co]):
    """What is made of secret texts, made anew when one of them has changed.

    `make` takes the texts and raises `ValueError` where they can't be used: at load this comes out of the constructor; later the
    last good value stays in use, and `refused` is called once for each change that was of no use. Neither may show a text.
    """

    __slots__ = ("_make", "_refused", "_seen", "_texts", "_value")

    def __init__(self, make: Callable[..., T_co], *texts: SecretText, refused: Callable[[], None]) -> None:
        self._make = make
        self._texts = texts
        self._refused = refused
        self._seen = [text.text for text in texts]
        self._value = make(*self._seen)

    def __repr__(self) -> str:
        return "Derived()"

    @property
    def value(self) -> T_co:
        """As of now; the same object until a text changes."""
        for text, seen in zip(self._texts, self._seen, strict=True):
            if text.text is not seen:
                self._remake()
                break
        return self._value

    def _remake(self) -> None:
        self._seen = [text.text for text in self._texts]
        try:
            self._value = self._make(*self._seen)
        except ValueError:
            self._refused()
