"""The priorities that a configuration gives, and what a request seems to ask for before it is understood."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from gateway.sdk.priority import NORMAL, combined

INTENT_PATH = "/v1/intents/"
CHAT_PATH = "/v1/chat"
INTENT_MEMBER = re.compile(rb'"intent"\s{0,8}:\s{0,8}"([A-Za-z0-9_.-]{1,128})"')
FAR = 4096
"""Bytes of a body that are looked through for the intent's name."""


class Priorities(msgspec.Struct, frozen=True):
    """Ranks by name; who isn't named is `normal`."""

    intents: Mapping[str, int] = {}
    tenants: Mapping[str, int] = {}

    def rank(self, intent: str | None, tenant: str | None) -> int:
        """The rank of a request."""
        of_intent = NORMAL if intent is None else self.intents.get(intent, NORMAL)
        of_tenant = NORMAL if tenant is None else self.tenants.get(tenant, NORMAL)
        return combined(of_intent, of_tenant)


def apparent_intent(path: str, body: bytes | bytearray) -> str | None:
    """The intent that a request to one of the gateway's own addresses seems to mean, without parsing it: a guess that may be wrong."""
    if path.startswith(INTENT_PATH):
        return path[len(INTENT_PATH) :]
    if path != CHAT_PATH:
        return None
    found = INTENT_MEMBER.search(body, 0, FAR)
    return found[1].decode("ascii") if found is not None else None
