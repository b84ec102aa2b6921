"""The way of one request through the server, and the border at which every fault ends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from starlette.types import Receive, Scope, Send

from gateway.policies.trace import request_id
from gateway.runtime.plan import Plan
from gateway.sdk import Answer, Cancelled, Clock, Exchange, GatewayError, Metrics, Reply
from gateway.server.endpoint import Endpoint, Incoming, Refusal
from gateway.server.limit_headers import with_limits
from gateway.server.outgoing import Outgoing
from gateway.server.presence import Presence
from gateway.server.problems import internal_problem
from gateway.server.replay_header import with_replay
from gateway.server.request_body import ClientGone, receive_body
from gateway.server.request_head import begin
from gateway.server.router import Found
from gateway.server.usage import Usage

_NO_BODY = b""


class Gate:
    """Takes requests from ASGI to the pipeline and answers back. A fault of our own is logged under the request's id."""

    def __init__(self, clock: Clock, logger: logging.Logger, metrics: Metrics | None = None) -> None:
        self._clock = clock
        self._usage = Usage(metrics)
        self._logger = logger
        self._refusal = Refusal()

    async def admit(self, scope: Scope, receive: Receive, send: Send, plan: Plan, found: Found[Endpoint]) -> None:
        """Serves a request whose endpoint was found."""
        exchange = begin(scope, self._clock, plan.server.proxies)
        outgoing = await self._guarded(exchange, self._serve(exchange, scope, receive, plan, found))
        if outgoing is not None:
            self._usage.count(exchange.tenant.id, len(exchange.raw_body), len(outgoing.body))
            await with_replay(with_limits(outgoing, exchange.allowance), exchange).send(send)

    async def refuse(self, scope: Scope, plan: Plan, error: GatewayError) -> Outgoing:
        """The response where nothing answers; it is recorded like any other."""
        exchange = begin(scope, self._clock, plan.server.proxies)
        exchange.error = exchange.error or error
        outgoing = await self._guarded(exchange, self._answer(exchange, None, plan, self._refusal))
        return outgoing or internal_problem(exchange.request_id)

    def broken(self, scope: Scope, error: Exception) -> Outgoing:
        """The response to a fault outside of any pipeline."""
        exchange = begin(scope, self._clock)
        return self._failed(exchange, error)

    async def _serve(self, exchange: Exchange, scope: Scope, receive: Receive, plan: Plan, found: Found[Endpoint]) -> Outgoing | None:
        endpoint = found.target
        present = True
        if exchange.error is None:
            try:
                body = await receive_body(receive, exchange.headers, plan.server.max_body) if endpoint.takes_body else _NO_BODY
                exchange.raw_body = body
                endpoint.read(exchange, Incoming(found.parameters, scope["query_string"], body))
            except GatewayError as error:
                exchange.error = error
            except ClientGone:
                exchange.error = Cancelled("The client hung up.")
                present = False
        outgoing = await self._answer(exchange, receive if present else None, plan, endpoint)
        return outgoing if present else None

    async def _answer(self, exchange: Exchange, receive: Receive | None, plan: Plan, endpoint: Endpoint) -> Outgoing | None:
        """Runs the pipeline; None where the client hung up meanwhile."""
        exchange.locale = plan.languages.settle(exchange.languages)
        handler = endpoint.handler(plan)
        if receive is None or exchange.error is not None:
            answer: Answer = await handler(exchange)
            return endpoint.write(plan, exchange, answer, self._clock.monotonic())
        presence = Presence(receive)
        try:
            answer = await handler(exchange)
        except asyncio.CancelledError:
            if not presence.gone:
                raise
            return None
        finally:
            presence.end()
        return endpoint.write(plan, exchange, answer, self._clock.monotonic())

    async def _guarded(self, exchange: Exchange, work: Coroutine[Any, Any, Outgoing | None]) -> Outgoing | None:
        """The server's border."""
        try:
            return await work
        except Exception as error:
            return self._failed(exchange, error)

    def _failed(self, exchange: Exchange, error: Exception) -> Outgoing:
        if not exchange.request_id:
            exchange.request_id = request_id(None, exchange.time)
        self._logger.error("request %s failed: %s", exchange.request_id, type(error).__name__, exc_info=error)
        return internal_problem(exchange.request_id, _apology(exchange))


def _apology(exchange: Exchange) -> Reply | None:
    """What is said to a fault in the pipeline; of an answer that there was before another fault nothing is shown."""
    answer = exchange.answer
    return answer.reply if answer is not None and answer.status == "failed" and answer.error is None else None
