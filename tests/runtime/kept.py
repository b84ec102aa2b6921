"""Intents whose answers are kept, with time that tests own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gateway.sdk import Answer
from gateway.testing.scenario import Scenario, scenario

SOURCES = """
source: erp
type: fake
operations:
  order: {params: {type: object, required: [id], properties: {id: {type: string}}}}
  orders: {}
"""
ROLES = """
policy: roles
roles:
  customer: {allow: ["intent:*"]}
  agent: {allow: ["intent:*"]}
  visitor: {allow: ["intent:ask"]}
  anonymous: {}
"""
ANN: dict[str, Any] = {"id": "ann", "roles": ["customer"]}
BOB: dict[str, Any] = {"id": "bob", "roles": ["customer"]}


class HandClock:
    """Stands still until it is moved; both scales move together."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return datetime.fromtimestamp(1_800_000_000 + self.seconds, UTC)


@asynccontextmanager
async def keeping(folder: Path, specs: str, fakes: Mapping[str, Any], **files: str) -> AsyncIterator[tuple[Scenario, HandClock]]:
    """A scenario of these specs behind `SOURCES`, and its clock; `gateway` is its gateway.yaml, `policies` are more policies."""
    clock = HandClock()
    written = {"specs/all.yaml": f"{SOURCES}---\n{specs}", "policies/roles.yaml": files.get("roles", ROLES)}
    if "gateway" in files:
        written["gateway.yaml"] = files["gateway"]
    if "policies" in files:
        written["policies/more.yaml"] = files["policies"]
    async with scenario(folder, written, fakes, clock=clock) as made:
        yield made, clock


async def settled() -> None:
    """What runs in the background has had its turns."""
    for _ in range(20):
        await asyncio.sleep(0)


def outcome(answer: Answer) -> Any:
    """All that a caller and the records can tell of an answer without data."""
    error = answer.error
    return (
        answer.status,
        answer.level,
        answer.data,
        answer.reply,
        answer.errors,
        None if error is None else (type(error), error.message, error.status_code, error.detail_code),
    )
