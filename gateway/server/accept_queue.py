"""Requests that wait to begin: the more important first, tenants in turn, and of callers whom nobody knows their addresses in turn.

Turns make the shares fair (Nagle, RFC 970): who asks for ten times as much as others waits behind their own requests and not in front
of anybody's. A share is counted in requests.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterator
from typing import Generic, TypeVar

from gateway.sdk.priority import PRIORITIES

Visit = TypeVar("Visit")

STANDING = 1 / 6
"""The part of the longest wait that is left in a line that stands."""

BRIEF = 1 / 12
"""The part of the longest wait after which a turn has come soon: where it does now and then, a line does not stand."""


CREDIT = 32
"""Turns that a tenant has good which asked for less than its share before: so a few at once don't wait behind those who ask for more."""


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
    """At most `most` tickets, none for longer than `wait` seconds. Tickets are put in by the order of their arrival.

    A line stands where it has neither been empty nor had anybody's turn come soon for as long as `wait`. It is no burst that passes: more
    comes than can be done, and waiting makes answers later and no more of them. There only a part of it is waited (after Nichols
    and Jacobson, and Maurer's "Fail at Scale").
    """

    def __init__(self, most: int, wait: float) -> None:
        self._most = most
        self._wait = wait
        self._now = 0.0
        self._classes: tuple[_Turns[Visit], ...] = tuple(_Turns() for _ in PRIORITIES)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def put(self, ticket: Ticket[Visit]) -> Ticket[Visit] | None:
        """Lets one wait. Where that is one too many, gives back who has to go: the newest of the least important and longest line."""
        self._classes[ticket.rank].put(ticket)
        self._size += 1
        return self._pushed_out() if self._size > self._most else None

    def take(self) -> Ticket[Visit] | None:
        """Whose turn it is."""
        for turns in self._classes:
            if turns.lines:
                return self._gone(turns.take(self._now, self._wait * BRIEF))
        return None

    def overdue(self, now: float) -> Iterator[Ticket[Visit]]:
        """Takes out whoever has waited too long. What is taken until it is asked again counts as taken now."""
        self._now = now
        for turns in self._classes:
            for line in tuple(turns.lines.values()):
                since = now - self._patience(line, now)
                while line.size and line.oldest().arrived <= since:
                    yield self._gone(turns.taken(line.oldest()))

    def next_overdue(self) -> float:
        """When somebody will have waited as long as anybody may, if nothing happens; now at the earliest where nobody waits."""
        oldest = [line.oldest().arrived for turns in self._classes for line in turns.lines.values()]
        return min(oldest, default=0.0) + self._wait

    def _patience(self, line: _Line[Visit], now: float) -> float:
        return self._wait if now - line.since <= self._wait else self._wait * STANDING

    def _pushed_out(self) -> Ticket[Visit]:
        last = next(turns for turns in reversed(self._classes) if turns.lines)
        return self._gone(last.taken(last.newest()))

    def _gone(self, ticket: Ticket[Visit]) -> Ticket[Visit]:
        self._size -= 1
        return ticket


class _Line(Generic[Visit]):
    """A tenant's tickets, never none: by member, and by the order in which they came. `since` is when the first one came, or when
    somebody's turn last came soon. The line with the lowest `tag` is next."""

    __slots__ = ("_order", "members", "since", "size", "tag")

    def __init__(self, since: float, tag: float) -> None:
        self.since = since
        self.tag = tag
        self.size = 0
        self.members: OrderedDict[str, deque[Ticket[Visit]]] = OrderedDict()
        self._order: deque[Ticket[Visit]] = deque()

    def put(self, ticket: Ticket[Visit]) -> None:
        self.size += 1
        self._order.append(ticket)
        member = self.members.get(ticket.member)
        if member is None:
            self.members[ticket.member] = deque((ticket,))
        else:
            member.append(ticket)

    def next(self) -> Ticket[Visit]:
        """Of the member whose turn it is."""
        name = next(iter(self.members))
        self.members.move_to_end(name)
        return self.members[name][0]

    def oldest(self) -> Ticket[Visit]:
        """Which is the first of its member, too."""
        order = self._order
        while not order[0].waiting:
            order.popleft()
        return order[0]

    def remove(self, ticket: Ticket[Visit]) -> None:
        """The first or the last of its member."""
        member = self.members[ticket.member]
        if member[0] is ticket:
            member.popleft()
        else:
            member.pop()
        if not member:
            del self.members[ticket.member]
        ticket.waiting = False
        self.size -= 1


class _Turns(Generic[Visit]):
    """The lines of one rank, by tenant, and how far each tenant of the plan is ahead of others (Goyal, Vin and Cheng, "Start-Time Fair
    Queueing", 1996)."""

    __slots__ = ("_tags", "_virtual", "lines")

    def __init__(self) -> None:
        self.lines: OrderedDict[str, _Line[Visit]] = OrderedDict()
        self._tags: dict[str, float] = {}
        self._virtual = 0.0

    def put(self, ticket: Ticket[Visit]) -> None:
        line = self.lines.get(ticket.tenant)
        if line is None:
            least = self._virtual - CREDIT
            line = self.lines[ticket.tenant] = _Line(ticket.arrived, max(self._tags.get(ticket.tenant, least), least))
        line.put(ticket)

    def take(self, now: float, soon: float) -> Ticket[Visit]:
        """Of the tenant whose turn it is."""
        tenant = min(self.lines, key=lambda each: self.lines[each].tag)
        line = self.lines[tenant]
        self._virtual = max(self._virtual, line.tag)
        line.tag += 1
        self._tags[tenant] = line.tag
        ticket = line.next()
        if now - ticket.arrived < soon:
            line.since = max(line.since, now)
        return self.taken(ticket)

    def newest(self) -> Ticket[Visit]:
        """Of the tenant, and then of the member, of whom most wait."""
        line = max(self.lines.values(), key=lambda each: each.size)
        return max(line.members.values(), key=len)[-1]

    def taken(self, ticket: Ticket[Visit]) -> Ticket[Visit]:
        """The same, taken out."""
        line = self.lines[ticket.tenant]
        line.remove(ticket)
        if not line.size:
            del self.lines[ticket.tenant]
        return ticket
