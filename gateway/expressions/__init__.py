"""The expression language (language §2): JMESPath with null-safe functions, and the templates that hold it."""

from gateway.expressions.expression import Evaluated, Expression, compile_expression
from gateway.expressions.faults import TITLES, Fault
from gateway.expressions.functions import BUILTINS, LAZY
from gateway.expressions.template import Template, compile_template
from gateway.expressions.values import is_true

__all__ = [
    "BUILTINS",
    "LAZY",
    "TITLES",
    "Evaluated",
    "Expression",
    "Fault",
    "Template",
    "compile_expression",
    "compile_template",
    "is_true",
]
