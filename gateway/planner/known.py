"""What is known of the roots in every document of a folder."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from gateway.expressions import Shape, TransformShape
from gateway.expressions.field_patterns import FieldPatterns
from gateway.expressions.marked_shape import marked
from gateway.planner import root_shapes
from gateway.planner.compiler import Compiler
from gateway.planner.shape_check import ShapeCheck


class Known(msgspec.Struct, frozen=True):
    """The shapes of the roots that configuration decides, what transforms make of shapes, and the fields that masks name."""

    config: Shape
    flags: Shape
    user: Shape
    transforms: Mapping[str, TransformShape]
    tenant: Shape = root_shapes.TENANT
    fields: FieldPatterns | None = None

    @property
    def roots(self) -> Mapping[str, Shape]:
        """The roots that are the same everywhere."""
        return {
            "config": self.config,
            "flags": self.flags,
            "user": self.user,
            "ctx": root_shapes.CONTEXT,
            "tenant": self.tenant,
            "session": root_shapes.SESSION,
        }

    def answer(self, shape: Shape) -> Shape:
        """An intent's output, with what masks name in it by the names that lead there."""
        return shape if self.fields is None else marked(shape, self.fields, self.fields.start)

    def check(self, compiler: Compiler) -> ShapeCheck:
        """A check of what was compiled for one document."""
        return ShapeCheck(compiler, self.transforms, self.fields)
