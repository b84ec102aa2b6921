"""What is legal YAML, refers to nothing wrong, and is a fault all the same. To add a rule, write a function and name it here."""

from __future__ import annotations

from collections.abc import Callable

from gateway.planner.planned import Planned
from gateway.planner.rules.budgets import check_budgets
from gateway.planner.rules.circuits import check_circuits
from gateway.planner.rules.classification import classified_data
from gateway.planner.rules.degradation import check_degradation
from gateway.planner.rules.items import check_items
from gateway.planner.rules.kept_intents import check_kept_intents
from gateway.planner.rules.ladders import check_ladders
from gateway.planner.rules.listeners import check_listeners
from gateway.planner.rules.masks import check_masks
from gateway.planner.rules.named_calls import check_calls
from gateway.planner.rules.named_gateway import check_gateway
from gateway.planner.rules.named_policies import check_names
from gateway.planner.rules.personal import check_access
from gateway.planner.rules.retries import check_retries
from gateway.planner.rules.scopes import check_scopes
from gateway.planner.rules.step_caches import check_caches
from gateway.planner.rules.taken_back import check_denials
from gateway.planner.rules.unused_documents import check_documents
from gateway.planner.rules.unused_policies import check_policies
from gateway.planner.rules.unused_values import check_values
from gateway.planner.rules.writes import check_intents, check_keys, check_operations

Rule = Callable[[Planned], None]
"""Reports what it finds to `planned.findings`. It says nothing of documents that have an error already."""

RULES: tuple[Rule, ...] = (
    check_names,
    check_degradation,
    check_gateway,
    check_listeners,
    check_calls,
    check_operations,
    check_intents,
    check_retries,
    check_circuits,
    check_scopes,
    check_kept_intents,
    check_caches,
    classified_data,
    check_masks,
    check_budgets,
    check_ladders,
    check_items,
    check_keys,
    check_access,
    check_denials,
    check_documents,
    check_values,
    check_policies,
)
"""In the order in which they run, errors first: what has one is left alone by all that follow. Reports are put in order of place."""
