"""The shapes of a source: what its operations give, and its own expressions held against them."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping

from gateway.expressions import Label, SchemaShapes, Typing
from gateway.expressions.shape import ANY, EVERY, NO_LABELS, Shape, every_label, labelled, nullable, united, without_null
from gateway.expressions.shape_union import bare, part_key
from gateway.planner import root_shapes
from gateway.planner.compiler import Compiler
from gateway.planner.known import Known
from gateway.sdk import Operation, OperationConfig, Path, SourceConfig
from gateway.sdk.source_config import Batch

_EVEN_OF_FAILURES = frozenset({"success", "error"})
"""What reads the answers of failures too, which no schema describes."""

_ARGUMENT = re.compile(r"args\.([A-Za-z_][A-Za-z0-9_]*)")


class SourceShapes:
    """The shapes of one source's operations, as far as they were asked for.

    They are what the backend declares. That its answers keep to it is only held for "an object" and "a list"; else a backend that
    doesn't keep its word makes what is published of an intent untrue.
    """

    def __init__(self, config: SourceConfig, configs: Mapping[str, OperationConfig], compiler: Compiler, known: Known) -> None:
        self._config = config
        self._source = config.source
        self._configs = configs
        self._known = known
        self._compiler = compiler
        self._check = known.check(compiler)
        self._bodies: dict[str, Shape] = {}
        self._arguments: dict[str, Shape] = {}
        self._declared: dict[str, Shape] = {}
        self._results: dict[str, Shape] = {}
        self._failures: dict[str, frozenset[Label]] = {}

    def add(self, bound: Operation) -> None:
        """Takes up an operation whose expressions were compiled; the one that makes its batches comes first."""
        name = bound.name
        self._declared[name] = SchemaShapes(bound.params, strict=True).whole()
        self._arguments[name] = _open(self._declared[name])
        self._bodies[name] = self._body(bound)
        path: Path = ("operations", name)
        own = self._check.expression((*path, "result"), self._typing((*path, "result"))) if self._reads_result(name) else self._bodies[name]
        batch = self._batch(name)
        self._results[name] = own if batch is None else united([own, self._row(name)])
        told = [(*path, "error", part) for part in ("code", "message")]
        labels = frozenset[Label]().union(*(every_label(self._check.expression(at, self._typing(at))) for at in told if self._written(at)))
        self._failures[name] = labels if batch is None else labels | self.failure(batch.operation)

    def _body(self, bound: Operation) -> Shape:
        name, schema = bound.name, bound.output_schema
        value: Path = ("operations", name, "value")
        if schema is None and self._written(value):  # an answer that stands in the document
            return labelled(self._check.template(value, self._typing(value)), self._default(name))
        origin = f"{self._source}.{name}"
        return SchemaShapes(True if schema is None else schema, origin=origin, default=self._default(name)).whole()

    def _row(self, name: str) -> Shape:
        """What a call gets out of a batch: a row, or null where there is none for its key."""
        path: Path = ("operations", name, "batch", "rows")
        rows = self._check.expression(path, self._typing(path))
        row = without_null(rows.items) if "array" in rows.kinds else labelled(ANY, every_label(rows))
        self._check_match(name, row)
        return nullable(row, declared=False)

    def _check_match(self, name: str, row: Shape) -> None:
        """Rows are found by fields that they must have."""
        batch = self._batch(name)
        if batch is None or not row.known or "object" not in row.kinds:
            return
        for parameter, field in batch.match.items():
            if row.look(field) is None:
                path: Path = ("operations", name, "batch", "match", parameter)
                document, known = self._compiler.document, row.names
                self._compiler.findings.unknown(document, "GW226", "field", field, known=known, path=path, of=batch.operation)

    def _written(self, path: Path) -> bool:
        return path in self._compiler.sites

    def _reads_result(self, name: str) -> bool:
        return name in self._configs and self._configs[name].result is not None

    def _batch(self, name: str) -> Batch | None:
        return self._configs[name].batch if name in self._configs else None

    def _default(self, name: str) -> frozenset[Label]:
        """The class of what an operation answers where a field has none of its own."""
        config = self._configs.get(name)
        own = None if config is None else config.classification
        classification = own or self._config.default_classification
        return frozenset({Label(classification, f"{self._source}.{name}")} if classification else ())

    def result(self, name: str) -> Shape:
        """What steps see as `result` of an operation."""
        return self._results.get(name, ANY)

    def failure(self, name: str) -> frozenset[Label]:
        """The classes of what callers are told of a business error of an operation."""
        return self._failures.get(name, NO_LABELS)

    def check_rest(self) -> None:
        """Everything else in the document that was compiled."""
        self._check.rest(self._typing)
        for index, member in enumerate(getattr(self._config, "key", None) or ()):
            self._check_member(member, ("key", index))

    def _check_member(self, member: str, path: Path) -> None:
        """What servers are picked by must be there in every operation: calls without it fail. Only of a plain argument is that certain."""
        argument = _ARGUMENT.fullmatch(member.strip())
        lacking = [name for name, shape in self._declared.items() if argument and shape.look(argument[1]) is None]
        if argument is None or not lacking or len(lacking) == len(self._declared):
            return
        hint = f"write what each operation has, as `{argument[0]} || args.other`, or give `{self._source}.{lacking[0]}` that argument"
        message = f"`{self._source}.{lacking[0]}` has no argument `{argument[1]}`, and its calls would fail for the missing key"
        self._compiler.findings.report(self._compiler.document, "GW224", message, path, hint=hint)

    def _typing(self, path: Path) -> Typing:
        """What is known at a path: arguments in what is sent, the answer in what reads it."""
        name = str(path[1]) if len(path) > 2 and path[0] == "operations" else ""
        answering = self._answering(name, path)
        arguments = self._declared if path[2:3] == ("cache",) else self._arguments
        body = self._bodies.get(answering, ANY)
        return Typing(
            {
                **self._known.roots,
                **root_shapes.RESPONSE,
                "headers": labelled(root_shapes.RESPONSE["headers"], self._default(answering)),
                "args": united(self._declared.values()) if path[:1] == ("key",) else arguments.get(name, ANY),
                "body": _Unsure(self._default(answering)).of(body) if path[2:3] and path[2] in _EVEN_OF_FAILURES else body,
            }
        )

    def _answering(self, name: str, path: Path) -> str:
        """The operation whose answer is read: a batch reads that of another."""
        batch = self._batch(name)
        return name if batch is None or path[2:3] != ("batch",) else batch.operation


def _open(arguments: Shape) -> Shape:
    """Arguments that aren't declared are told by the source itself."""
    return Shape(arguments.kinds, names=arguments.names, fields=lambda name: arguments.member(name) or ANY, rest=ANY)


class _Unsure:
    """Perhaps something else entirely; what it has in common with what is declared is of the same class, all else of the default one."""

    def __init__(self, default: frozenset[Label]) -> None:
        self._default = default
        self._made: dict[Hashable, Shape] = {}

    def of(self, shape: Shape) -> Shape:
        """The unsure form of a shape; that of a part that leads back to itself does so too."""
        if shape.inside is None or bare(shape):
            return labelled(ANY, shape.labels)
        mark = part_key(shape)
        if mark not in self._made:
            self._made[mark] = self._new(shape)
        return self._made[mark]

    def _new(self, shape: Shape) -> Shape:
        else_ = labelled(ANY, self._default)

        def member(name: str) -> Shape:
            found = shape.look(name)
            return else_ if found is None else self.of(found.shape)

        def items() -> Shape:
            return self.of(shape.items) if "array" in shape.kinds else else_

        return Shape(EVERY, names=shape.names, fields=member, rest=else_, items=items, labels=shape.labels)
