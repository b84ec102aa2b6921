"""Writes the Python source of one expression. Nothing of the expression's text gets into it: names and literals pass through constants."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from types import CodeType
from typing import Any

MAX_INDENT = 8
"""Deeper code moves to a function of its own: Python allows 20 nested loops and 100 levels of indentation."""


CODE_NAME = "<expression>"
"""The file name of all generated code, as tracebacks show it."""
TEXT = "expression_text"
"""The global of generated code that holds the expression it was made from."""


@lru_cache(maxsize=2048)
def _code(source: str) -> CodeType:
    """Expressions of one shape have one source: names and literals are not in it."""
    return compile(source, CODE_NAME, "exec")


class Writer:
    """Lines of the function being written, the functions finished before it, and the names they use."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self.names: dict[str, Any] = {"__builtins__": {}, **names}
        self._finished: list[str] = []
        self._lines: list[str] = []
        self._indent = 1
        self._count = 0

    @property
    def deep(self) -> bool:
        """Whether what follows should move to a function of its own."""
        return self._indent > MAX_INDENT

    def constant(self, value: Any) -> str:
        """The name under which generated code sees a value."""
        name = self._fresh("k")
        self.names[name] = value
        return name

    def assign(self, code: str) -> str:
        """A new variable that holds the value of `code`."""
        name = self._fresh("t")
        self.line(f"{name} = {code}")
        return name

    def line(self, code: str) -> None:
        self._lines.append("    " * self._indent + code)

    @contextmanager
    def block(self, header: str) -> Iterator[None]:
        """Lines below an `if` or `for`."""
        self.line(f"{header}:")
        self._indent += 1
        before = len(self._lines)
        yield
        if len(self._lines) == before:
            self.line("pass")
        self._indent -= 1

    def loop_variable(self) -> str:
        """A new name for the items of a loop."""
        return self._fresh("e")

    def function(self, write: Callable[[], str], parameters: str = "c, s, b") -> str:
        """Writes a function whose result is the expression that `write` returns; gives its name."""
        name = self._fresh("f")
        outer, indent = self._lines, self._indent
        self._lines, self._indent = [f"def {name}({parameters}):"], 1
        self.line(f"return {write()}")
        self._finished.extend(self._lines)
        self._lines, self._indent = outer, indent
        return name

    def finish(self, main: str, text: str) -> Callable[..., Any]:
        """The function `main`, compiled from the expression `text`."""
        self.names[TEXT] = text
        exec(_code("\n".join(self._finished)), self.names)  # noqa: S102  # made of our own words only
        made: Callable[..., Any] = self.names[main]
        return made

    def _fresh(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}{self._count}"
