"""Named transforms, compiled once; one may use another, none itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from gateway.config.loaded import Parsed
from gateway.config.models import Transform
from gateway.planner import roots
from gateway.planner.compiler import Compiler
from gateway.sdk import Compiled


class Transforms(Mapping[str, Compiled]):
    """Compiles each transform the first time it is asked for, so that they may be written in any order."""

    def __init__(self, documents: Mapping[str, Parsed[Transform]]) -> None:
        self._documents = documents
        self._compiled: dict[str, Compiled] = {}
        self._under_way: list[str] = []
        self._compiler_for: Callable[[Parsed[Any]], Compiler] | None = None

    def compile_all(self, compiler_for: Callable[[Parsed[Any]], Compiler]) -> None:
        """Compiles every transform, used or not."""
        self._compiler_for = compiler_for
        for name in self._documents:
            self[name]

    def __getitem__(self, name: str) -> Compiled:
        if name not in self._compiled:
            if name not in self._documents or name in self._under_way or self._compiler_for is None:
                raise KeyError(name)
            self._under_way.append(name)
            parsed = self._documents[name]
            self._compiled[name] = self._compiler_for(parsed).template(parsed.model.output, ("output",), roots.TRANSFORM)
            self._under_way.pop()
        return self._compiled[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._documents)

    def __len__(self) -> int:
        return len(self._documents)
