"""A bare expression, compiled (language §2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from traceback import walk_tb
from types import MappingProxyType
from typing import Any

from gateway.expressions import strict as plain
from gateway.expressions.analysis import Analysis
from gateway.expressions.authorisation import decision
from gateway.expressions.compiler import compiled
from gateway.expressions.faults import Fault, SyntaxFault
from gateway.expressions.growth import MODEST, repetition
from gateway.expressions.limits import WORK, Budget
from gateway.expressions.standard import NAMES, Standard
from gateway.expressions.syntax import Node, parse
from gateway.expressions.writer import CODE_NAME, TEXT
from gateway.sdk import Compiled, ExpressionFault, Function, Reference, Scope

NO_FUNCTIONS: Mapping[str, Function] = MappingProxyType({})
ENGLISH = frozenset({"en"})
ELEMENT_FIELD = "GW208"
"""The one error that leaves a usable expression: whether an element has such a field is for the checker of shapes to say."""

Run = Callable[[Any, Budget], Any]
Spans = Sequence[tuple[int, int]]
"""Stretches of an expression's text: start and end of each."""


class Evaluated:
    """What expressions and templates have in common: a bare function `run`, and the one way to call it with a scope.

    `run` is made when it is first read, since most of what is checked never runs. What serves reads it beforehand (`ready`), so that
    no request waits for it. Making it can't fail: whatever has no function is refused before there is an `Evaluated`.
    """

    __slots__ = ("_make", "run")

    run: Run
    _make: Callable[[], Run]

    def __getattr__(self, name: str) -> Run:
        """Python asks here for what is not set yet."""
        if name != "run":
            raise AttributeError(name)
        self.run = _made(self._make)
        return self.run

    def ready(self) -> None:
        """Makes `run`, unless it is there."""
        _ = self.run

    def __call__(self, scope: Scope, /) -> Any:
        """The value. Raises `ExpressionFault` and nothing else."""
        try:
            return self.run(scope, [WORK])
        except ExpressionFault as fault:
            note(fault, fault)
            raise
        except RAW_ERRORS as error:
            raise translated(error) from error


def _made(make: Callable[[], Run]) -> Run:
    """What `make` gives. The deepest tree that is accepted takes most of a stack: where too little is left, it gets one of its own."""
    try:
        return make()
    except RecursionError:
        with ThreadPoolExecutor(max_workers=1) as threads:
            return threads.submit(make).result()


class Expression(Evaluated):
    """A compiled expression: call it with a scope.

    `ast` is jmespath's tree (nodes have `start` and `end` in `source`), `run` the bare function for callers that share a budget.
    `spans` tell for each path that is read, and each path on the way to it, where in `source` its last name stands.
    """

    __slots__ = ("ast", "constant", "references", "source", "spans")

    def __init__(
        self,
        source: str,
        ast: Node,
        make: Callable[[], Run],
        references: frozenset[Reference],
        spans: Mapping[Reference, Spans],
        *,
        constant: bool,
    ) -> None:
        self.source = source
        self.ast = ast
        self._make = make
        self.references = references
        self.constant = constant
        self.spans = spans

    def __repr__(self) -> str:
        return f"<Expression {self.source!r}>"


RAW_ERRORS = (TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError, MemoryError)
"""What generated code and functions may let through on data that nobody thought of."""


def translated(error: BaseException) -> ExpressionFault:
    """A raw error as a fault; where it comes from is in the notes."""
    fault = ExpressionFault(f"An expression could not be evaluated: {_KINDS.get(type(error), 'a value of the wrong kind')}.")
    note(fault, error)
    return fault


def note(fault: ExpressionFault, error: BaseException) -> None:
    """Puts the expression that an error comes from into a fault's notes: for logs, not for callers."""
    frames = [frame for frame, _ in walk_tb(error.__traceback__) if frame.f_code.co_filename == CODE_NAME]
    for frame in frames[-1:]:
        fault.add_note(f"in the expression {frame.f_globals[TEXT]}")


_KINDS: Mapping[type[BaseException], str] = MappingProxyType(
    {RecursionError: "a value is nested too deeply", MemoryError: "a value is too large", OverflowError: "a number is too large"}
)


def compile_expression(
    text: str,
    *,
    roots: frozenset[str],
    authorisation: bool = False,
    strict: bool = False,
    functions: Mapping[str, Function] = NO_FUNCTIONS,
    locales: frozenset[str] = ENGLISH,
) -> tuple[Compiled | None, list[Fault]]:
    """Compiles a bare expression. Never raises: what is wrong is in the faults, and then there is no expression.

    `authorisation`: it decides access and gives true, false or null for unknown (language §2.8).
    `strict`: plain JMESPath as `jmespath` has it; the scope may then be any document, and nothing is linted.
    `locales`: the languages whose plural forms `plural` must have.
    An error GW208 alone leaves the expression usable: the checker of shapes may find that the element has that field.
    """
    try:
        tree = parse(text, strict=strict)
    except SyntaxFault as found:
        return None, [found.fault]
    if strict:
        return _strict(text, tree), []
    analysis = Analysis(text, roots, functions, locales, authorisation=authorisation)
    analysis.run(tree)
    faults = sorted(analysis.faults, key=lambda fault: (fault.start, fault.code))
    if any(fault.severity == "error" and fault.code != ELEMENT_FIELD for fault in faults):
        return None, faults
    made = partial(_run, text, tree, functions, authorisation=authorisation)
    references = frozenset(analysis.references)
    return Expression(text, tree, made, references, analysis.spans, constant=not references), faults


def _run(text: str, tree: Node, functions: Mapping[str, Function], *, authorisation: bool) -> Run:
    measuring = repetition(tree) > MODEST
    if authorisation:
        run: Run = decision(text, tree, functions, measuring=measuring)
        return run
    return compiled(text, tree, Standard(functions), NAMES, measuring=measuring)


def _strict(text: str, tree: Node) -> Expression:
    def run() -> Run:
        return compiled(text, tree, plain.Strict(), plain.names(), measuring=repetition(tree) > MODEST)

    return Expression(text, tree, run, frozenset(), {}, constant=False)
