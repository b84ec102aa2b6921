"""The expression language (language §2): JMESPath with null-safe functions, and the templates that hold it."""

from gateway.expressions.expression import ELEMENT_FIELD, Evaluated, Expression, compile_expression
from gateway.expressions.faults import TITLES, Fault
from gateway.expressions.functions import BUILTINS, LAZY
from gateway.expressions.inference import Inferred, TransformShape, Typing, infer
from gateway.expressions.narrowing import certain_where
from gateway.expressions.shape import Label, Shape
from gateway.expressions.shape_schema import SchemaShapes, schema_of
from gateway.expressions.template import Template, compile_template
from gateway.expressions.template_inference import InferredTemplate, infer_template, misfit, not_a_list
from gateway.expressions.values import is_true

__all__ = [
    "BUILTINS",
    "ELEMENT_FIELD",
    "LAZY",
    "TITLES",
    "Evaluated",
    "Expression",
    "Fault",
    "Inferred",
    "InferredTemplate",
    "Label",
    "SchemaShapes",
    "Shape",
    "Template",
    "TransformShape",
    "Typing",
    "certain_where",
    "compile_expression",
    "compile_template",
    "infer",
    "infer_template",
    "is_true",
    "misfit",
    "not_a_list",
    "schema_of",
]
