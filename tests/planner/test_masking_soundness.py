"""Held against generated schemas, data and templates: nothing of a hidden class is left, and what is published is true."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings

from gateway.expressions import Template, Typing, compile_template, infer_template, schema_of
from gateway.planner.masking import MaskPlanner
from gateway.testing.scenario import prepare
from tests.expressions.expression_cases import ExpressionMaker
from tests.expressions.test_inference_soundness import RAISED, ROOTS, evaluated, sample, seeds, written
from tests.planner.folders import compiler_of

KINDS = ("remove", "tokenize", "hash", "last4", "partial")
RULE = "{{classification: pii, mask: {}, unless: \"contains(user.roles, 'boss')\"}}"
often = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def planners(tmp_path_factory: pytest.TempPathFactory) -> dict[str, MaskPlanner]:
    """One with a single rule of each mask."""
    return {kind: planner(tmp_path_factory.mktemp(kind), RULE.format(kind)) for kind in KINDS}


def planner(folder: Path, *rules: str) -> MaskPlanner:
    made = prepare(folder, {"policies/masks.yaml": f"policy: masking\nrules: [{', '.join(rules)}]\n"}, {})
    assert made.planned.masks is not None
    return made.planned.masks


def of(scope: dict[str, Any], role: str) -> dict[str, Any]:
    return {**scope, "user": {"roles": [role]}, "tenant": {"id": "acme"}, "config": {}}


def leaks(value: Any, secrets: set[str | float]) -> list[str | float]:
    """The secrets of which more than a few signs are left: each has eight digits that nothing else has."""
    text = json.dumps(value, default=str)
    digits = {secret: "".join(sign for sign in str(secret) if sign.isdigit())[:7] for secret in secrets}
    return [secret for secret, sought in digits.items() if sought in text or sought[::-1] in text]


@pytest.mark.parametrize("kind", KINDS)
@often
@given(seeds)
def test_nothing_is_left_of_what_is_hidden(planners: dict[str, MaskPlanner], kind: str, seed: int) -> None:
    random, masks = Random(seed), planners[kind]
    known = sample(random, 3)
    for _ in range(6):
        template = written(random, ExpressionMaker(random, known.shapes))
        plain, _ = compile_template(template, roots=ROOTS)
        if not isinstance(plain, Template):
            continue
        found = infer_template(plain, Typing(known.shapes))
        if any(fault.severity == "error" for _, fault in found.faults):
            continue  # such a template makes no plan
        compiler = compiler_of("output: 1\n")
        compiler.shown["output",] = found
        shown = masks.template(compiler, ("output",), plain, ROOTS, called="data", named=True)
        schema = jsonschema_rs.Draft202012Validator(schema_of(masks.published(found.shape)))
        for scope, secrets in known.scopes:
            value, whole = evaluated(shown, of(scope, "customer")), evaluated(plain, scope)  # type: ignore[arg-type]
            assert evaluated(shown, of(scope, "boss")) == whole  # type: ignore[arg-type]
            if value is not RAISED:
                assert leaks(value, secrets) == []
                schema.validate(value)
            if whole is not RAISED:
                schema.validate(whole)


def test_the_search_for_leaks_finds_some() -> None:
    assert leaks({"a": "x Canary12345678y"}, {"Canary12345678y", 55554321.0}) == ["Canary12345678y"]
    assert leaks({"a": [55554321]}, {"Canary12345678y", 55554321}) == [55554321]
    assert leaks("y87654321yranaC", {"Canary12345678y"}) == ["Canary12345678y"]
    assert leaks("***********678y", {"Canary12345678y"}) == []
