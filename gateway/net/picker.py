"""Which of several servers gets a call (`balance`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from math import inf, log
from typing import Protocol

from gateway.net.member import PRIME, Member
from gateway.sdk import Balance

LONGEST = log(PRIME)


class Picker(Protocol):
    """Picks one of `members`, of which there is at least one. `affinity` is what the call is told apart by, where it matters.

    `sticky`: equal affinity means the same server, so that a call may not be sent elsewhere just to see how a server is.
    """

    @property
    def sticky(self) -> bool: ...
    def pick(self, members: Sequence[Member], affinity: bytes | None, /) -> Member: ...


class RoundRobin:
    """In turns, each as often as its share, evenly spread: of weights 2 and 1 a b a, not a a b.

    Who is picked pays as much credit as all earn in one turn.
    """

    sticky = False

    def pick(self, members: Sequence[Member], _affinity: bytes | None = None, /) -> Member:
        earned, most, picked = 0.0, -inf, members[0]
        for member in members:
            share = member.share
            credit = member.credit = member.credit + share
            earned += share
            if credit > most:
                most, picked = credit, member
        picked.credit = most - earned
        return picked


class LeastConnections:
    """The one with the fewest calls in flight for its share; equal ones in turns."""

    sticky = False

    def __init__(self) -> None:
        self._turns = RoundRobin()

    def pick(self, members: Sequence[Member], _affinity: bytes | None = None, /) -> Member:
        loads = [member.in_flight / member.share for member in members]
        least = min(loads)
        if loads.count(least) == 1:
            return members[loads.index(least)]
        return self._turns.pick([member for member, load in zip(members, loads, strict=True) if load == least])


class Rendezvous:
    """The same for equal affinity, each for as many as its share (D. Thaler, C. Ravishankar, "Using Name-Based Mappings to Increase Hit
    Rates", 1998): only the keys of a server that leaves go elsewhere. In turns where there is no affinity.

    Each server makes its own number of the hash of a key, by a universal hash function (J. L. Carter, M. N. Wegman, 1979): those of
    different servers have nothing to do with each other. Taken as evenly spread from 0 to 1 it makes the time until an event of the
    server's rate happens, and the first wins.
    """

    sticky = True

    def __init__(self) -> None:
        self._turns = RoundRobin()

    def pick(self, members: Sequence[Member], affinity: bytes | None = None, /) -> Member:
        if affinity is None:
            return self._turns.pick(members)
        key = int.from_bytes(blake2b(affinity).digest()[:8], "big")
        first, picked = inf, members[0]
        for member in members:
            factor, offset = member.mark
            time = (LONGEST - log((factor * key + offset) % PRIME + 1)) / member.share
            if time < first:
                first, picked = time, member
        return picked


PICKERS: Mapping[Balance, Callable[[], Picker]] = {
    "round_robin": RoundRobin,
    "least_connections": LeastConnections,
    "ip_hash": Rendezvous,
    "consistent_hash": Rendezvous,
}
