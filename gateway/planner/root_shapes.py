"""The shapes of the roots that every position knows by the language itself (language §2.6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gateway.config.models import Gateway
from gateway.expressions.shape import (
    ANY,
    BOOLEAN,
    INTEGER,
    NO_LABELS,
    NUMBER,
    OBJECT,
    TEXT,
    Label,
    Shape,
    closed,
    labelled,
    list_of,
    nullable,
    object_of,
)
from gateway.sdk import ERRORS_BY_CODE, Component

_MAYBE_TEXT = nullable(TEXT, declared=False)
_TEXTS = list_of(TEXT)

CONTEXT = object_of(
    {
        "request_id": TEXT,
        "channel": _MAYBE_TEXT,
        "locale": TEXT,
        "client_ip": _MAYBE_TEXT,
        "time": TEXT,
        "host": _MAYBE_TEXT,
        "open_circuits": _TEXTS,
    }
)
TENANT = object_of({"id": TEXT, "plan": _MAYBE_TEXT, "config": OBJECT})
SESSION = object_of(
    {"id": _MAYBE_TEXT, "context": ANY, "preferences": ANY, "turns": ANY, "pending": ANY, "new": nullable(BOOLEAN, declared=False)}
)
STATUS = nullable(Shape(frozenset({"text"}), values=frozenset({"ok", "fallback", "stale", "partial", "skipped", "failed"})), declared=False)
META = nullable(
    object_of(
        {
            "rung": nullable(INTEGER, declared=False),
            "ms": nullable(NUMBER, declared=False),
            "cached": nullable(BOOLEAN, declared=False),
            "attempts": nullable(INTEGER, declared=False),
            "reason": _MAYBE_TEXT,
            "items": ANY,
        }
    ),
    declared=False,
)
RESPONSE = {"body": ANY, "headers": Shape(frozenset({"object"}), rest=_MAYBE_TEXT), "status_code": INTEGER}
"""Of the positions that read a backend's answer; `body` is what its schema says where there is one."""

_USER: Mapping[str, Shape] = {
    "id": _MAYBE_TEXT,
    "roles": _TEXTS,
    "groups": _TEXTS,
    "scopes": _TEXTS,
    "acr": ANY,
    "amr": _TEXTS,
    "auth_time": ANY,
    "issuer": ANY,
    "claims": ANY,
}


def user(gateway: Gateway | None, components: Mapping[tuple[str, str], Component]) -> Shape:
    """What `user` may hold: its fixed members, and what `claims:` and the users of API keys name. Open where a plugin may add to it."""
    if gateway is None:
        return OBJECT
    names: dict[str, Shape] = dict(_USER)
    plugins = False
    for entry in gateway.identity:
        for kind, options in entry.items():
            component = components.get(("identity", kind))
            plugins = plugins or component is None or component.trust == "plugin"
            names.update((name, ANY) for name in _named(options) if name not in names)
    return Shape(frozenset({"object"}), names=tuple(names), fields=names.__getitem__, rest=ANY if plugins else None)


def _named(options: Any) -> Iterable[str]:
    """The members of `user` that a kind of identity names."""
    if not isinstance(options, dict):
        return
    claims = options.get("claims")
    yield from claims if isinstance(claims, dict) else ()
    for key in options.get("keys") or ():
        known = key.get("user") if isinstance(key, dict) else None
        yield from known if isinstance(known, dict) else ()


def error(labels: frozenset[Label] = NO_LABELS) -> Shape:
    """What failed, or null; `labels` are the classes of what backends tell of their failures."""
    members = {
        "code": Shape(frozenset({"text"}), values=frozenset(ERRORS_BY_CODE)),
        "detail_code": labelled(_MAYBE_TEXT, labels),
        "status_code": nullable(INTEGER, declared=False),
        "retryable": BOOLEAN,
        "step": _MAYBE_TEXT,
    }
    return nullable(object_of(members), declared=False)


def request(path: Iterable[str]) -> Shape:
    """What a route's `request` holds; `path` are the names in its path."""
    values = Shape(frozenset({"object"}), rest=ANY)
    return object_of({"method": TEXT, "path": closed(path), "query": values, "headers": values, "body": ANY})
