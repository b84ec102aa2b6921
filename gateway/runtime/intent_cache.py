"""What `cache` of an intent says: whose its answers are, under which key, for how long, and by which names they are forgotten.

A key holds the intent, who may share (the tenant, and the caller where the scope is `user`), the whole validated input, `cache.key`, and
the value of everything else that its steps and its `output` read or its calls send, sub-intents included. Not in it: `guard`, `ensure`,
`reply` and masks, since they are evaluated anew whenever the answer is given; and the time (`now()`, `today()`, `ctx.time`): what is kept
is as old as its `ttl` lets it be.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from hashlib import blake2b
from typing import Literal

import msgspec

from gateway.policies.keeping import tag_of
from gateway.runtime.plan import IntentPlan
from gateway.runtime.recording import Run
from gateway.runtime.replay import Barriers, known
from gateway.sdk import CallContext, Compiled, ExpressionFault, Scope
from gateway.sdk.kept import Form
from gateway.sdk.sharing import Sharing, canonical

Width = Literal["user", "tenant", "public"]


class IntentCache(msgspec.Struct, frozen=True):
    """One intent's. Times in seconds. `scope` is as wide as it may be: who asks for the key never widens it.

    `sharing` is about all that its run reads or sends, `members` are the expressions of `cache.key`, `barriers` its checks and those of its
    sub-intents; `involved` are, for an operation with `batch`, it and those that are asked in its place.
    """

    intent: IntentPlan
    scope: Width
    sharing: Sharing
    barriers: Mapping[str, Barriers]
    fresh: float
    while_revalidate: float = 0.0
    if_error: float = 0.0
    negative: float = 0.0
    members: tuple[Compiled, ...] = ()
    tags: tuple[Compiled, ...] = ()
    involved: Mapping[str, tuple[str, ...]] = {}

    @property
    def form(self) -> Form[Run]:
        """How a run leaves the process. What comes back must be about the intent as it is."""
        return Form(Run, lambda run: run, self._known)

    def key(self, context: CallContext, scope: Scope) -> Hashable:
        """Equal for two requests only where the answer of one is that of the other. `context` sees all roots of a request.

        Raises `ExpressionFault` where a member of `cache.key` is null.
        """
        values = [member(scope) for member in self.members]
        if None in values:
            raise ExpressionFault("A member of `cache.key` is null.")
        intent = self.intent
        whole = canonical([intent.name, intent.version, self.scope, self._whose(context), scope["input"], values])
        return blake2b(whole, digest_size=32).digest()

    def _whose(self, context: CallContext) -> Hashable:
        if self.scope == "public":
            return self.sharing.key_of_all(context)
        shared = self.sharing.key(context)
        return (context.identity, shared) if self.scope == "user" else shared

    def tags_of(self, scope: Scope) -> tuple[str, ...]:
        """The names that an answer is forgotten by. Raises `ExpressionFault` for what is no name."""
        return tuple(tag_of(tag(scope)) for tag in self.tags)

    def operations(self, called: list[str]) -> list[str]:
        """All that take part where these are called."""
        return [part for operation in called for part in self.involved.get(operation, (operation,))]

    def _known(self, run: Run) -> Run:
        if run.evidence.intent != self.intent.name or not known(self.barriers, run.evidence):
            raise ValueError("a kept run of another intent")
        return run
