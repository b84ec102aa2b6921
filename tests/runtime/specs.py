"""Short ways to write specs in tests."""

from __future__ import annotations

import textwrap
from typing import Any

from gateway.sdk import Answer

ORDERS = """
source: erp
type: fake
operations:
  order: {params: {type: object, required: [id], properties: {id: {type: string}}}}
  orders: {}
  note: {effect: write, params: {type: object, required: [text], properties: {text: {type: string}}}}
  audit: {effect: write}
"""


def intent(body: str, *, name: str = "ask") -> str:
    """An intent with the sources above."""
    return f"{ORDERS}---\nintent: {name}\ninput: {{type: object}}\n{textwrap.dedent(body)}"


def statuses(answer: Answer) -> dict[str, Any]:
    """The status of each step."""
    return {name: report.status for name, report in answer.steps.items()}


def codes(answer: Answer) -> list[tuple[str | None, str]]:
    """Step and code of each entry of `errors`."""
    return [(entry.step, entry.code) for entry in answer.errors]
