"""The shapes of a source: what its operations give, and its own expressions held against them."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.expressions import SchemaShapes, Typing
from gateway.expressions.shape import ANY, Shape
from gateway.planner import root_shapes
from gateway.planner.compiler import Compiler
from gateway.planner.known import Known
from gateway.sdk import Operation, OperationConfig, Path

_OF_ANY_ANSWER = frozenset({("success",), ("error",)})
"""What reads failures too, whose bodies no schema describes."""


class SourceShapes:
    """The shapes of one source's operations, as far as they were asked for."""

    def __init__(self, source: str, configs: Mapping[str, OperationConfig], compiler: Compiler, known: Known) -> None:
        self._source = source
        self._configs = configs
        self._known = known
        self._check = known.check(compiler)
        self._bodies: dict[str, Shape] = {}
        self._arguments: dict[str, Shape] = {}
        self._results: dict[str, Shape] = {}

    def add(self, bound: Operation) -> None:
        """Takes up an operation whose expressions were compiled."""
        name = bound.name
        schema = bound.output_schema
        self._bodies[name] = ANY if schema is None else SchemaShapes(schema, origin=f"{self._source}.{name}").whole()
        self._arguments[name] = _open(SchemaShapes(bound.params, strict=True).whole())
        path: Path = ("operations", name, "result")
        config = self._configs.get(name)
        read = config is not None and config.result is not None
        self._results[name] = self._check.expression(path, self._typing(path)) if read else self._bodies[name]

    def result(self, name: str) -> Shape:
        """What steps see as `result` of an operation."""
        return self._results.get(name, ANY)

    def check_rest(self) -> None:
        """Everything else in the document that was compiled."""
        self._check.rest(self._typing)

    def _typing(self, path: Path) -> Typing:
        """What is known at a path: arguments in what is sent, the answer in what reads it."""
        name = str(path[1]) if len(path) > 2 and path[0] == "operations" else ""
        return Typing(
            {
                **self._known.roots,
                **root_shapes.RESPONSE,
                "args": self._arguments.get(name, ANY),
                "body": ANY if path[2:3] in _OF_ANY_ANSWER else self._bodies.get(self._answering(name, path), ANY),
            }
        )

    def _answering(self, name: str, path: Path) -> str:
        """The operation whose answer is read: a batch reads that of another."""
        config = self._configs.get(name)
        return name if config is None or config.batch is None or path[2:3] != ("batch",) else config.batch.operation


def _open(arguments: Shape) -> Shape:
    """Arguments that aren't declared are told by the source itself."""
    return Shape(arguments.kinds, names=arguments.names, fields=lambda name: arguments.member(name) or ANY, rest=ANY)
