"""What is legal YAML, refers to nothing wrong, and is a fault all the same. To add a rule, write a function and name it here."""

from __future__ import annotations

from collections.abc import Callable

from gateway.planner.planned import Planned
from gateway.planner.rules.classification import classified_data

Rule = Callable[[Planned], None]
"""Reports what it finds to `planned.findings`. It says nothing of documents that have an error already."""

RULES: tuple[Rule, ...] = (classified_data,)
"""In the order in which they run; what they report is put in order of place."""
