"""A folder with a real HTTP source, and the parts that accounts are made of."""

from __future__ import annotations

from pathlib import Path

from gateway.planner.budget import Budgets
from gateway.planner.explain.account import CallAccount
from gateway.planner.explain.calls import Calls
from gateway.planner.explain.lines import Lines
from gateway.planner.explain.requests import Requests
from gateway.runtime.plan import IntentPlan
from gateway.testing.scenario import Scenario, prepare

SOURCES = """
source: shop
type: http
servers: ["http://${ env.SHOP || '127.0.0.1:9' }"]
headers: {Authorization: "${ env.KEY || 'k4n4ry' }"}
forward: [Accept-Language]
timeout: 400ms
circuit_breaker: slow
operations:
  plain: {request: GET /plain, timeout: 100ms}
  mine: {request: GET /mine, headers: {X-User: "${ user.id }"}, cache: {ttl: 30s, scope: user}}
  order: {request: POST /orders, effect: write, idempotency: {}}
---
source: bare
type: http
servers: ["http://127.0.0.1:9"]
operations:
  plain: {request: GET /plain}
  many: {request: GET /many, query: {ids: "${ args.ids }", lang: "${ args.lang }"}}
  one:
    request: GET /one/{id}
    query: {lang: "${ args.lang }"}
    batch: {operation: many, param: ids, max: 7, match: {id: id}}
---
source: trusted
type: http
servers: ["http://127.0.0.1:9"]
auth: {api_key: {value: k4n4ry}}
operations: {plain: {request: GET /plain}}
---
source: personal
type: http
servers: ["http://127.0.0.1:9"]
auth: {forward_token: true}
operations: {plain: {request: GET /plain}}
---
source: here
type: static
operations: {fact: {value: 1}}
"""
BREAKERS = "policy: circuit_breakers\ncircuit_breakers:\n  slow: {failure_threshold: 3}\n"


def folder(path: Path, intents: str, **more: str) -> Scenario:
    """`more` are further files of the folder, by name without `.yaml`."""
    files = {"specs/sources.yaml": SOURCES.lstrip(), "specs/all.yaml": intents, "policies/b.yaml": BREAKERS}
    made = prepare(path, {**files, **{f"{name}.yaml": text for name, text in more.items()}}, {})
    assert made.plan
    return made


def ask(path: Path, steps: str, more: str = "") -> tuple[Scenario, IntentPlan]:
    """An intent with these steps, of which `a` is told."""
    made = folder(path, f"intent: ask\nsteps: {{{steps}}}\noutput: ${{ steps.a }}\n{more}")
    return made, made.plan.catalogue.intents["ask"]


def calls_of(made: Scenario) -> Calls:
    return Calls(made.planned, Lines(made.planned), Requests(made.planned, Budgets(made.planned)))


def called(path: Path, step: str, **more: str) -> list[CallAccount]:
    """The calls of one step."""
    made = folder(path, f"intent: ask\nsteps: {{a: {{{step}}}}}\noutput: ${{ steps.a }}\n", **more)
    intent = made.plan.catalogue.intents["ask"]
    return list(calls_of(made).of(intent, intent.steps[0]))
