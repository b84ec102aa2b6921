"""The shapes of a source: what its operations give, and its own expressions held against them."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.expressions import Label, SchemaShapes, Typing
from gateway.expressions.shape import ANY, Shape, labelled
from gateway.planner import root_shapes
from gateway.planner.compiler import Compiler
from gateway.planner.known import Known
from gateway.sdk import Operation, OperationConfig, Path, SourceConfig

_OF_ANY_ANSWER = frozenset({("success",), ("error",)})
"""What reads failures too, whose bodies no schema describes."""


class SourceShapes:
    """The shapes of one source's operations, as far as they were asked for."""

    def __init__(self, config: SourceConfig, configs: Mapping[str, OperationConfig], compiler: Compiler, known: Known) -> None:
        self._config = config
        self._source = config.source
        self._configs = configs
        self._known = known
        self._compiler = compiler
        self._check = known.check(compiler)
        self._bodies: dict[str, Shape] = {}
        self._arguments: dict[str, Shape] = {}
        self._results: dict[str, Shape] = {}

    def add(self, bound: Operation) -> None:
        """Takes up an operation whose expressions were compiled."""
        name = bound.name
        schema = bound.output_schema
        origin = f"{self._source}.{name}"
        self._bodies[name] = SchemaShapes(True if schema is None else schema, origin=origin, default=self._default(name)).whole()
        self._arguments[name] = _open(SchemaShapes(bound.params, strict=True).whole())
        value: Path = ("operations", name, "value")
        if schema is None and value in self._compiler.sites:  # an answer that is written in the document
            self._bodies[name] = labelled(self._check.template(value, self._typing(value)), self._default(name))
        path: Path = ("operations", name, "result")
        config = self._configs.get(name)
        read = config is not None and config.result is not None
        self._results[name] = self._check.expression(path, self._typing(path)) if read else self._bodies[name]

    def _default(self, name: str) -> frozenset[Label]:
        """The class of what an operation answers where a field has none of its own."""
        config = self._configs.get(name)
        own = None if config is None else config.classification
        classification = own or self._config.default_classification
        return frozenset({Label(classification, f"{self._source}.{name}")} if classification else ())

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
