"""Requests that wait to begin: the more important first, tenants in turn, and in each tenant its callers in turn.

Turns make the shares fair (Nagle, RFC 970; Shreedhar and Varghese, "Efficient Fair Queueing Using Deficit Round Robin", 1995): who asks
for ten times as much as others waits behind their own requests and not in front of anybody's. A share is counted in requests.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterator
from typing import Generic, TypeVar

from gateway.sdk.priority import PRIORITIES

Visit = TypeVar("Visit")


class Ticket(Generic[Visit]):
    """One that waits: its `rank`, whose share it is of, and since when, in seconds."""

    __slots__ = ("arrived", "member", "rank", "tenant", "visit", "waiting")

    def __init__(self, visit: Visit, arrived: float, *, rank: int, tenant: str, member: str) -> None:
        self.visit = visit
        self.arrived = arrived
        self.rank = rank
        self.tenant = tenant
        self.member = member
        self.waiting = True


class AcceptQueue(Generic[Visit]):
    """At most `most` tickets. Tickets are put in by the order of their arrival."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._classes: tuple[_Turns[Visit], ...] = tuple(_Turns() for _ in PRIORITIES)
        self._order: deque[Ticket[Visit]] = deque()
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def put(self, ticket: Ticket[Visit]) -> Ticket[Visit] | None:
        """Lets one wait. Where that is one too many, gives back who has to go: the newest of the least important and longest line."""
        self._classes[ticket.rank].put(ticket)
        self._order.append(ticket)
        self._size += 1
        return self._pushed_out() if self._size > self._most else None

    def take(self) -> Ticket[Visit] | None:
        """Whose turn it is."""
        for turns in self._classes:
            if turns.lines:
                return self._gone(turns.take())
        return None

    def oldest(self) -> Ticket[Visit] | None:
        """The one that has waited longest."""
        order = self._order
        while order and not order[0].waiting:
            order.popleft()
        return order[0] if order else None

    def overdue(self, since: float) -> Iterator[Ticket[Visit]]:
        """Takes out whoever has waited since then or longer."""
        while (ticket := self.oldest()) is not None and ticket.arrived <= since:
            self._classes[ticket.rank].remove_first(ticket)
            yield self._gone(ticket)

    def _pushed_out(self) -> Ticket[Visit]:
        last = next(turns for turns in reversed(self._classes) if turns.lines)
        return self._gone(last.take_newest())

    def _gone(self, ticket: Ticket[Visit]) -> Ticket[Visit]:
        ticket.waiting = False
        self._size -= 1
        return ticket


class _Line(Generic[Visit]):
    """A tenant's tickets by member. The one at the front of each is its oldest."""

    __slots__ = ("members", "size")

    def __init__(self) -> None:
        self.members: OrderedDict[str, deque[Ticket[Visit]]] = OrderedDict()
        self.size = 0


class _Turns(Generic[Visit]):
    """Tickets of one rank. No line is empty."""

    __slots__ = ("lines",)

    def __init__(self) -> None:
        self.lines: OrderedDict[str, _Line[Visit]] = OrderedDict()

    def put(self, ticket: Ticket[Visit]) -> None:
        line = self.lines.get(ticket.tenant)
        if line is None:
            line = self.lines[ticket.tenant] = _Line()
        line.size += 1
        member = line.members.get(ticket.member)
        if member is None:
            line.members[ticket.member] = deque((ticket,))
        else:
            member.append(ticket)

    def take(self) -> Ticket[Visit]:
        tenant = next(iter(self.lines))
        line = self.lines[tenant]
        member = next(iter(line.members))
        self.lines.move_to_end(tenant)
        line.members.move_to_end(member)
        return self._taken(line.members[member].popleft())

    def take_newest(self) -> Ticket[Visit]:
        """Of the tenant, and then of the member, of whom most wait."""
        line = max(self.lines.values(), key=lambda each: each.size)
        return self._taken(max(line.members.values(), key=len).pop())

    def remove_first(self, ticket: Ticket[Visit]) -> None:
        """One that is the oldest of all, and so of its member."""
        self._taken(self.lines[ticket.tenant].members[ticket.member].popleft())

    def _taken(self, ticket: Ticket[Visit]) -> Ticket[Visit]:
        line = self.lines[ticket.tenant]
        line.size -= 1
        if not line.members[ticket.member]:
            del line.members[ticket.member]
            if not line.members:
                del self.lines[ticket.tenant]
        return ticket
