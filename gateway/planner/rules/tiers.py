"""The tiers of rate limits: those that are declared, and those that `tier` can give."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gateway.config.loaded import Parsed
from gateway.config.models import RateLimitsPolicy
from gateway.expressions import Template, compile_template
from gateway.planner import roots

DEFAULT = "default"
"""The tier of everybody for whom no other is written."""


def declared(policies: list[Parsed[RateLimitsPolicy]]) -> frozenset[str]:
    """The names of all tiers."""
    return frozenset(name for policy in policies for name in policy.model.rate_limits)


def given(tier: Any) -> frozenset[str] | None:
    """The names that a `tier` can give, None where that can't be told: it may read any from somewhere."""
    if not isinstance(tier, str):
        return None
    if "${" not in tier:
        return frozenset({tier})
    compiled, faults = compile_template(tier, roots=roots.POLICY, functions={}, transforms={}, locales=frozenset({"en"}))
    if faults or not isinstance(compiled, Template):
        return None
    leaves = [leaf for _, _, _, leaf in compiled.leaves]
    if len(leaves) != 1 or not (tier.strip().startswith("${") and tier.strip().endswith("}")):
        return None
    names = list(_results(leaves[0].ast))
    return frozenset(name for name in names if isinstance(name, str)) if None not in names else None


def _results(node: Any) -> Iterator[str | None]:
    """The literals that an expression can give, and None for whatever is none."""
    kind, children = node["type"], node["children"]
    if kind == "literal":
        yield node["value"] if isinstance(node["value"], str) else None
    elif kind == "function_expression" and node["value"] == "if" and len(children) == 3:
        yield from _results(children[1])
        yield from _results(children[2])
    elif kind == "or_expression":
        yield from _results(children[0])
        yield from _results(children[1])
    else:
        yield None
