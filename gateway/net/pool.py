"""Several servers that answer alike: which of them may get a call now."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import inf

from gateway.net.member import Member
from gateway.net.picker import PICKERS
from gateway.net.pool_report import PoolReport
from gateway.sdk import Clock, HttpSettings

RAMP = 0.2
"""Seconds between two looks at the share of a server that comes back."""


class Pool:
    """Who may be picked is found anew only when a server's health changes, a circuit is due for a probe, or a share grows.

    Panic: where fewer than half of the servers are in service, those that were left out for failures or by checks are used again,
    since they are more likely overloaded than dead, and the few that are left would be next. Those that can't be connected to stay out
    until they are due; where none would be left, all are used.
    """

    def __init__(self, settings: HttpSettings, clock: Clock, report: PoolReport) -> None:
        weights = settings.weights or (1.0,) * len(settings.servers)
        self.members = [
            Member(number, url, weight, settings.ejection, time=clock.monotonic, on_turn=report.turned, on_change=self.changed)
            for number, (url, weight) in enumerate(zip(settings.servers, weights, strict=True))
        ]
        self._picker = PICKERS[settings.balance]()
        self._clock = clock
        self._report = report
        self._usable: Sequence[Member] = self.members
        self._due: Sequence[Member] = ()
        self._look_again = inf
        report.watch(self.members, lambda: self.panic)

    @property
    def panic(self) -> bool:
        """Whether servers are used that should be left out."""
        return 2 * sum(member.in_service for member in self.members) < len(self.members)

    def changed(self) -> None:
        """Who may be picked has to be found anew."""
        self._look_again = -inf

    def pick(self, affinity: bytes | None, tried: Collection[int] | None, refused: Collection[int]) -> Member:
        """A server for a call: none that `refused` this very call, and one that it `tried` before only where no other is left.

        At least one server must not have refused. One that is due for a probe comes first, where the picker lets calls go anywhere.
        """
        now = self._clock.monotonic()
        if now >= self._look_again:
            self._look(now)
        usable = self._usable
        if self._due:
            usable = self._with_due(usable, tried, refused)
        if refused or tried:
            usable = self._left(usable, tried or (), refused)
        return self._picker.pick(usable, affinity)

    def _with_due(self, usable: Sequence[Member], tried: Collection[int] | None, refused: Collection[int]) -> Sequence[Member]:
        """The usable members with those that are due for a probe, or only one of these."""
        if self._picker.sticky:
            return [member for member in self.members if member in usable or member in self._due]
        for member in self._due:
            if member.number not in refused and member.number not in (tried or ()):
                return (member,)
        return usable

    def _left(self, usable: Sequence[Member], tried: Collection[int], refused: Collection[int]) -> Sequence[Member]:
        """Those that may be used and did not refuse, else any that did not refuse; of these, others than those tried before."""
        for members in (usable, self.members):
            willing = [member for member in members if member.number not in refused]
            if willing:
                break
        return [member for member in willing if member.number not in tried] or willing

    def _look(self, now: float) -> None:
        self._look_again = inf
        fit = [member for member in self.members if member.in_service]
        if 2 * len(fit) < len(self.members):
            fit = [member for member in self.members if not member.unreachable] or list(self.members)
            self._report.panicking(True)
        else:
            self._report.panicking(False)
        self._usable = fit
        self._due = [member for member in self.members if self._is_due(member, now)]
        for member in fit:
            if member.grow(now):
                self._look_again = min(self._look_again, now + RAMP)

    def _is_due(self, member: Member, now: float) -> bool:
        """Whether the next call may see how a server is; if not yet, that is looked at again in time."""
        if not member.passing or member.circuit.state == "closed":
            return False
        if member.circuit.admits(now):
            return True
        if member.circuit.state == "open":
            self._look_again = min(self._look_again, now + member.circuit.retry_after(now))
        return False
