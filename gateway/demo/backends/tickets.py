"""The help desk: it keeps new tickets for as long as it runs, and opens one per `Idempotency-Key`."""

from __future__ import annotations

from collections import OrderedDict
from typing import Annotated, Literal

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.demo.backends.answers import found, refused
from gateway.demo.company import Company, Ticket

MOST_TICKETS = 10_000
MOST_BODY = 64 * 1024


class NewTicket(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /tickets`."""

    customer: str
    subject: Annotated[str, msgspec.Meta(min_length=3, max_length=120)]
    text: str | None = None
    order_id: str | None = None


def routes(company: Company) -> list[Route]:
    """`GET /tickets?customer=&state=open|closed|all` and `POST /tickets`."""
    desk = _Desk(company)
    return [Route("/tickets", desk.search, methods=["GET"]), Route("/tickets", desk.create, methods=["POST"])]


class _Desk:
    def __init__(self, company: Company) -> None:
        self._company = company
        self._tickets = OrderedDict((ticket.ticket_id, ticket) for ticket in company.tickets)
        self._by_key: OrderedDict[str, tuple[bytes, Ticket]] = OrderedDict()
        self._next = 1 + max(int(number[1:]) for number in self._tickets)

    async def search(self, request: Request) -> Response:
        state = request.query_params.get("state", "all")
        customer = request.query_params.get("customer")
        if state not in {"open", "closed", "all"} or customer is None:
            return refused(400, "bad_query", "customer must be given, and state be open, closed or all.")
        matches = [ticket for ticket in self._tickets.values() if ticket.customer == customer and state in {"all", ticket.state}]
        return found({"tickets": sorted(matches, key=lambda ticket: (ticket.opened, ticket.ticket_id), reverse=True)})

    async def create(self, request: Request) -> Response:
        body = await _limited_body(request)
        if body is None:
            return refused(413, "too_large", "A ticket has at most 64 KiB.")
        try:
            wanted = msgspec.json.decode(body, type=NewTicket)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return refused(400, "bad_ticket", "A ticket needs customer and subject, and may have text and order_id.")
        if wanted.customer not in self._company.customers:
            return refused(422, "unknown_customer", "There is no such customer.")
        return self._once(request.headers.get("idempotency-key"), body, wanted)

    def _once(self, key: str | None, body: bytes, wanted: NewTicket) -> Response:
        earlier = self._by_key.get(key) if key is not None else None
        if earlier is None:
            ticket = self._open(wanted)
            if key is not None:
                self._by_key[key] = (body, ticket)
                _forget_oldest(self._by_key)
            return found(ticket, 201)
        sent, ticket = earlier
        return found(ticket) if sent == body else refused(409, "key_reused", "This key was used for another ticket.")

    def _open(self, wanted: NewTicket) -> Ticket:
        state: Literal["open"] = "open"
        ticket = Ticket(f"T{self._next}", wanted.customer, wanted.subject, wanted.text, wanted.order_id, state, self._company.today)
        self._next += 1
        self._tickets[ticket.ticket_id] = ticket
        _forget_oldest(self._tickets)
        return ticket


async def _limited_body(request: Request) -> bytes | None:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BODY:
            return None
    return bytes(body)


def _forget_oldest(kept: OrderedDict[str, Ticket] | OrderedDict[str, tuple[bytes, Ticket]]) -> None:
    while len(kept) > MOST_TICKETS:
        kept.popitem(last=False)
