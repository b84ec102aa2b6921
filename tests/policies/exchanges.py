"""Exchanges, intents and services for tests of stages."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from gateway.sdk import Access, Answer, Caller, Exchange, Handler, IntentCard, InvalidRequest, Reply, Scope, Tenant, user_root
from gateway.sdk.standings import Standings
from gateway.testing.services import FakeMetrics

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def make_exchange(**members: Any) -> Exchange:
    exchange = Exchange(
        request_id="r-1",
        started=100.0,
        time=NOON,
        tenant=Tenant("default", {"id": "default", "plan": None, "config": {}}),
        client_ip="192.0.2.7",
    )
    for name, value in members.items():
        setattr(exchange, name, value)
    return exchange


def make_caller(*roles: str, scopes: tuple[str, ...] = (), anonymous: bool = False, name: str = "u1") -> Caller:
    user = user_root(None if anonymous else name, {"roles": roles, "scopes": scopes})
    return Caller(("anonymous" if anonymous else "api_key", "", name), user, anonymous)


def identified(caller: Caller, **members: Any) -> Exchange:
    exchange = make_exchange(caller=caller, **members)
    exchange.scope = exchange.policy_scope({})
    return exchange


def accept_anything(given: dict[str, Any], from_text: bool) -> dict[str, Any]:
    return given


def no_reply(scope: Scope, answer: Answer) -> Reply | None:
    return None


def nothing_hidden(scope: Scope, answer: Answer) -> Collection[str]:
    return ()


class FakeCard(msgspec.Struct):
    """An intent as stages see it."""

    name: str
    version: int = 1
    summary: str | None = None
    description: str | None = None
    examples: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    input_schema: dict[str, Any] = {}
    output_schema: Any = None
    access: Access = Access(frozenset({"customer"}))
    writes: bool = False
    deadline: float = 2.0
    read: Callable[[dict[str, Any], bool], dict[str, Any]] = accept_anything
    render: Callable[[Scope, Answer], Reply | None] = no_reply
    hides: Callable[[Scope, Answer], Collection[str]] = nothing_hidden

    def accept(self, given: dict[str, Any], *, from_text: bool) -> dict[str, Any]:
        return self.read(given, from_text)

    def reply(self, scope: Scope, answer: Answer) -> Reply | None:
        return self.render(scope, answer)

    def hide(self, scope: Scope, answer: Answer) -> Collection[str]:
        return self.hides(scope, answer)


def digits_only(name: str) -> Callable[[dict[str, Any], bool], dict[str, Any]]:
    """A schema with one required property of up to ten digits."""

    def read(given: dict[str, Any], from_text: bool) -> dict[str, Any]:
        value = given.get(name)
        if value is None:
            raise InvalidRequest(details=[{"pointer": f"/{name}", "message": "is required"}])
        if not (isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 10):
            raise InvalidRequest(details=[{"pointer": f"/{name}", "message": "is not a number"}])
        return given

    return read


class FakeCatalogue:
    def __init__(self, *cards: IntentCard) -> None:
        self._cards = {card.name: card for card in cards}

    def get(self, name: str) -> IntentCard | None:
        return self._cards.get(name)

    def __iter__(self) -> Iterator[IntentCard]:
        return iter(self._cards.values())


class FixedClock:
    def __init__(self, seconds: float = 100.0) -> None:
        self.seconds = seconds

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return NOON


class FakeServices:
    """`Services` as far as stages and identity kinds use it; `problems` are (code, path)."""

    name = "test"
    folder = Path()

    def __init__(self, *cards: IntentCard, config: dict[str, Any] | None = None, permissions: frozenset[str] = frozenset()) -> None:
        self.clock = FixedClock()
        self.metrics = FakeMetrics()
        self.logger = logging.getLogger("gateway.test")
        self.catalogue = FakeCatalogue(*cards)
        self.config = config or {}
        self.flags = {"new_model": True}
        self.tenants = frozenset({"default", "acme"})
        self.permissions = permissions
        self.standings = Standings()
        self.problems: list[tuple[str, tuple[str | int, ...]]] = []

    def permitted(self, caller: Caller, permission: str, scope: Scope | None = None) -> bool:
        return permission in self.permissions

    def problem(self, code: str, message: str, *, path: tuple[str | int, ...], **_: Any) -> None:
        self.problems.append((code, path))


async def pass_on(exchange: Exchange) -> Answer:
    """The rest of the pipeline, where a test doesn't look at it."""
    return Answer("complete")


def answering(answer: Answer) -> Handler:
    async def proceed(exchange: Exchange) -> Answer:
        return answer

    return proceed


def raising(error: BaseException) -> Handler:
    async def proceed(exchange: Exchange) -> Answer:
        raise error

    return proceed
