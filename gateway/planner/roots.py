"""Which roots an expression sees, by position (language §2.6)."""

from __future__ import annotations

POLICY = frozenset({"user", "tenant", "ctx", "config"})
GUARD = POLICY | {"input", "session", "flags"}
REQUEST = GUARD | {"steps", "status", "meta"}
RESULT = REQUEST | {"result"}
LADDER = REQUEST | {"error"}
RUNG_OUTPUT = RESULT | {"error"}
REPLY = REQUEST | {"output", "error"}
ROUTE = POLICY | {"request"}
RESPOND = ROUTE | {"output", "error", "status"}
TRANSFORM = frozenset({"value", "config"})
TENANTS = frozenset({"user", "ctx"})

ALL = REPLY | RESULT | RESPOND | TRANSFORM | {"args", "body", "headers", "status_code", "job", "callback", "env", "secret", "claims"}
"""No name that a file gives to an item may be one of these."""

CONTEXT_FIELDS = frozenset({"request_id", "channel", "locale", "client_ip", "time", "host", "open_circuits"})
TENANT_FIELDS = frozenset({"id", "plan", "config"})
SESSION_FIELDS = frozenset({"id", "context", "preferences", "turns", "pending", "new"})
ERROR_FIELDS = frozenset({"code", "detail_code", "status_code", "retryable", "step"})
META_FIELDS = frozenset({"rung", "ms", "cached", "attempts", "reason", "items"})
"""The closed members of `ctx`, `tenant`, `session`, `error` and `meta.<step>`."""
