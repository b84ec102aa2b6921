"""Whether an operation's `batch` can be carried out: by which operation, with which parameters (language §3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.planner.compiler import Compiler
from gateway.runtime.plan import OperationPlan
from gateway.sdk import OperationConfig, Path
from gateway.sdk.source_config import Batch


class BatchCheck:
    """Checks the batches of one source. `known` are the names of its operations."""

    def __init__(self, source: str, configs: Mapping[str, OperationConfig], known: list[str], compiler: Compiler) -> None:
        self._source = source
        self._configs = configs
        self._known = known
        self._compiler = compiler

    def check(self, name: str, batch: Batch, own: OperationPlan, target: OperationPlan | None) -> None:
        """`own` is the operation with the `batch`, `target` the one that it names, None where that can't be used."""
        findings, document = self._compiler.findings, self._compiler.document
        at: Path = ("operations", name, "batch")
        if batch.operation not in self._known:
            findings.unknown(document, "GW230", "operation", batch.operation, known=self._known, path=(*at, "operation"), of=self._source)
        elif batched(self._configs, batch.operation):
            hint = "name the operation that takes many keys at once"
            findings.report(document, "GW230", f"`{batch.operation}` has a `batch` of its own", (*at, "operation"), hint=hint)
        elif target is not None:
            self._check_parameter(batch.param, target, (*at, "param"), key=False)
        for parameter in batch.match:
            self._check_parameter(parameter, own, (*at, "match", parameter), key=True)
        if own.effect == "write" or (target is not None and target.effect == "write"):
            findings.report(document, "GW244", "only reads are batched: no two writes become one", at, key=True, hint="remove `batch`")

    def _check_parameter(self, parameter: str, operation: OperationPlan, path: Path, *, key: bool) -> None:
        declared: Mapping[str, Any] = operation.params.get("properties") or {}
        if parameter not in declared and not operation.params.get("additionalProperties", False):
            findings, document = self._compiler.findings, self._compiler.document
            findings.unknown(document, "GW224", "argument", parameter, known=declared, path=path, of=operation.id, key=key)


def batched(configs: Mapping[str, OperationConfig], name: str) -> bool:
    """Whether an operation's calls go into batches."""
    return name in configs and configs[name].batch is not None
