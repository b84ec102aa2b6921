"""What stands at an address: how its request is read, which pipeline it takes, and how its answer is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from gateway.runtime.plan import Plan
from gateway.sdk import Answer, Exchange, Handler
from gateway.server.answers import whole_answer
from gateway.server.outgoing import Outgoing


class Incoming(msgspec.Struct, frozen=True):
    """A request's particulars: path parameters, the raw query, and the body as received."""

    parameters: Mapping[str, str]
    query: bytes
    body: bytes


class Endpoint(Protocol):
    """Built once per plan. `takes_body` says whether a body is looked at."""

    @property
    def takes_body(self) -> bool: ...

    def handler(self, plan: Plan, /) -> Handler:
        """The pipeline that its requests take."""

    def read(self, exchange: Exchange, incoming: Incoming, /) -> None:
        """Puts what is asked for into the exchange. Raises a `GatewayError` for what can't be read."""

    def write(self, plan: Plan, exchange: Exchange, answer: Answer, now: float, /) -> Outgoing:
        """The response; `now` is on the clock's monotonic scale."""


class IntentEndpoint:
    """What endpoints that run an intent have in common: the whole pipeline, and the whole answer."""

    takes_body = True

    def handler(self, plan: Plan) -> Handler:
        """The whole pipeline."""
        return plan.handler

    def write(self, plan: Plan, exchange: Exchange, answer: Answer, now: float) -> Outgoing:
        """The answer of interfaces §1."""
        return whole_answer(plan, exchange, answer, now)


class Refusal(IntentEndpoint):
    """Stands where nothing answers: the exchange already holds the `error`, which the pipeline records and renders."""

    takes_body = False

    def read(self, exchange: Exchange, incoming: Incoming) -> None:
        """Reads nothing."""
        del exchange, incoming


def without_nulls(given: dict[str, Any]) -> dict[str, Any]:
    """An input made from a request leaves out what the request doesn't have."""
    return {name: value for name, value in given.items() if value is not None}
