"""The shape of a join's rows, and what is wrong with a join by the shapes of both sides."""

from __future__ import annotations

from gateway.expressions.shape import (
    ANY,
    NULL,
    Kind,
    Label,
    Shape,
    every_label,
    labelled,
    list_of,
    null_declared,
    nullable,
    told,
    without_null,
)
from gateway.planner.compiler import Compiler
from gateway.runtime.plan import Join
from gateway.sdk import Path

_OBJECT: frozenset[Kind] = frozenset({"object"})
_SCALARS = frozenset({"text", "number", "boolean"})


def joined(plan: Join, left: Shape, right: Shape, compiler: Compiler, path: Path) -> Shape:
    """The shape of the rows, null where the left side is; reports sides that are no lists, keys that aren't there or never match,
    and fields that collide.
    """
    rows, matches = _rows(left, "left", compiler, path), _rows(right, "right", compiler, path)
    _check_keys(plan, rows, matches, compiler, path)
    if plan.attribute is not None:
        _check_attribute(plan.attribute, rows, compiler, path)
        made = _with(rows, {plan.attribute: _found(plan, matches)})
    else:
        _check_collisions(plan, rows, matches, compiler, path)
        made = _merged(plan, rows, matches)
    return nullable(list_of(made), declared=null_declared(left)) if "null" in left.kinds else list_of(made)


def _found(plan: Join, matches: Shape) -> Shape:
    """What a row is given: its match, or all of them."""
    if plan.cardinality == "many":
        return list_of(matches)
    return nullable(matches, declared=False) if plan.keep_unmatched else matches


def _merged(plan: Join, rows: Shape, matches: Shape) -> Shape:
    """A row with the fields of its match. Where either may have fields that aren't known, each may be of any class that is in them."""
    if not rows.known or not matches.known or matches.open:
        return _open(every_label(rows) | every_label(matches))
    own = set(plan.left_fields) & set(plan.right_fields)
    further = {name: _field(plan, matches, name) for name in matches.names if name not in own}
    return _with(rows, further, matches)


def _field(plan: Join, matches: Shape, name: str) -> Shape:
    field = matches.member(name) or ANY
    return nullable(field, declared=False) if plan.keep_unmatched else field


def _rows(side: Shape, name: str, compiler: Compiler, path: Path) -> Shape:
    if side.known and "array" not in side.kinds and not side.kinds <= NULL:
        compiler.findings.report(
            compiler.document,
            "GW261",
            f"a join needs a list here, and this is {told(side)}",
            (*path, name),
            hint="take the field that holds it",
        )
    rows = without_null(side.items) if "array" in side.kinds else labelled(ANY, every_label(side))
    if not rows.known or "object" in rows.kinds or rows.kinds <= NULL:
        return rows
    compiler.findings.report(
        compiler.document,
        "GW261",
        f"a join needs a list of objects here, and each of these is {told(rows)}",
        (*path, name),
        hint="end it with `[]` to make one list of all" if rows.only("array") else None,
    )
    return labelled(ANY, every_label(rows))


def _with(rows: Shape, further: dict[str, Shape], matches: Shape | None = None) -> Shape:
    """A row with further fields, and with those of `matches` that its list lacks."""
    if not rows.known:
        rows = _open(every_label(rows))

    def member(name: str) -> Shape:
        return further[name] if name in further else rows.member(name) or ANY

    names = tuple(dict.fromkeys((*rows.names, *further)))
    rest = rows.rest if rows.open else None
    listed = matches is not None and matches.listed
    labels = rows.labels | matches.labels if matches is not None and listed else rows.labels
    return Shape(_OBJECT, names=names, fields=member, rest=rest, listed=rows.listed or listed, labels=labels)


def _open(labels: frozenset[Label]) -> Shape:
    """A row of which no more is known."""
    return Shape(_OBJECT, rest=labelled(ANY, labels), labels=labels)


def _check_keys(plan: Join, rows: Shape, matches: Shape, compiler: Compiler, path: Path) -> None:
    for left, right in zip(plan.left_fields, plan.right_fields, strict=False):
        pair = [_key(left, "left", rows, compiler, path), _key(right, "right", matches, compiler, path)]
        kinds = [shape.kinds - NULL for shape in pair if shape is not None and shape.known]
        if plan.cast is None and len(kinds) == 2 and all(kinds) and not kinds[0] & kinds[1]:
            sides = " and ".join(told(without_null(shape)) for shape in pair if shape is not None)
            compiler.findings.report(
                compiler.document, "GW268", f"the keys of both sides are {sides}, so that they never match", (*path, "by"),
                hint="add `cast: string`" if kinds[0] | kinds[1] <= _SCALARS else None,
            )  # fmt: skip


def _key(field: str, side: str, rows: Shape, compiler: Compiler, path: Path) -> Shape | None:
    if not rows.known or "object" not in rows.kinds:
        return None
    shape = rows.member(field)
    if shape is None:
        compiler.findings.unknown(
            compiler.document,
            "GW226",
            "field",
            field,
            known=rows.names,
            path=_key_path(field, side, compiler, path),
            of=compiler.document.data[path[0]][path[1]][path[2]][side],
        )
    return shape


def _key_path(field: str, side: str, compiler: Compiler, path: Path) -> Path:
    """Where a key field is written: `by: k`, `by: [k]` or `by: {left: [k], right: [k]}`."""
    written = compiler.document.data
    for part in (*path, "by"):
        written = written[part]
    if isinstance(written, dict):
        return (*path, "by", side, written[side].index(field))
    return (*path, "by", written.index(field)) if isinstance(written, list) else (*path, "by")


def _check_attribute(name: str, rows: Shape, compiler: Compiler, path: Path) -> None:
    if rows.known and name in rows.names:
        compiler.findings.report(
            compiler.document, "GW236", f"the left rows have a field `{name}` already", (*path, "as"), hint="give `as` another name"
        )


def _check_collisions(plan: Join, rows: Shape, matches: Shape, compiler: Compiler, path: Path) -> None:
    keys = set(plan.left_fields) & set(plan.right_fields)
    colliding = sorted((set(rows.names) & set(matches.names)) - keys) if rows.known and matches.known else []
    if colliding:
        compiler.findings.report(
            compiler.document, "GW236", f"both sides have a field `{colliding[0]}`", (*path, "merge"), key=True,
            hint="use `as`, or reshape one side first",
        )  # fmt: skip
