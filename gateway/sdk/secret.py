"""Texts of the configuration that may hold secrets, as components read them while serving."""

from __future__ import annotations


class SecretText:
    """A text as it is now. Once a secret in it has changed, `text` is another object; read it at each use.

    `secret` tells whether `${ secret.x }` stands in it: such a text is never to be shown. The representation shows nothing.
    `followed` is set once a component has it, and with it a new value's chance of being used without a restart.
    """

    __slots__ = ("_text", "followed", "secret")

    def __init__(self, text: str, *, secret: bool = False) -> None:
        self._text = text
        self.secret = secret
        self.followed = False

    def __repr__(self) -> str:
        return "SecretText()"

    @property
    def text(self) -> str:
        """The text as it is now."""
        return self._text

    def replace(self, text: str) -> None:
        """Called by whoever watches the secrets; components only read."""
        self._text = text
