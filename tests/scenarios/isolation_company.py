"""The configuration of the isolation test: everything that an operation can tell of who asks, in every way that answers are shared."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec

from tests.scenarios.isolation_people import ISSUERS, TENANTS, identities, signing_key

Reach = Literal["user", "tenant", "public"]
SIGNING = "identity-header-key-of-the-isolation-test"
KEYS = {"zeta": "key-of-zeta"}
"""Credentials of tenants that have their own; those of all others are `key-of-all`."""

AUTO, BRIEF, LONG = "auto", "60ms", "3s"
BRIEFLY = {"ttl": "2ms", "stale_while_revalidate": "2s", "stale_if_error": LONG, "negative": BRIEF}

POLICIES: dict[str, dict[str, Any]] = {
    "bare": {},
    "kept": {"cache": {"ttl": BRIEF}},
    "long": {"cache": {"ttl": LONG}},
    "user": {"cache": {"ttl": LONG, "scope": "user"}},
    "tenant": {"cache": {"ttl": LONG, "scope": "tenant"}},
    "public": {"cache": {"ttl": LONG, "scope": "public", "negative": "1s"}},
    "auto": {"cache": {"ttl": AUTO}},
    "autouser": {"cache": {"ttl": AUTO, "scope": "user", "stale_while_revalidate": "50ms", "stale_if_error": LONG}},
    "stale": {"cache": {**BRIEFLY, "tags": ["${ args.id }"]}},
    "absent": {"cache": {"ttl": BRIEF, "negative": LONG, "key": ["args.id", "ctx.locale"], "tags": ["all"]}},
    "tries": {"retry": {"max": 2, "codes": ["connect", 500], "backoff": "1ms..3ms"}, "hedge": {"delay": "3ms", "max": 1}},
    "triedkept": {
        "retry": {"max": 1, "codes": ["connect", 500], "backoff": "1ms..3ms"},
        "hedge": {"delay": "3ms", "max": 1},
        "cache": {"ttl": BRIEF, "stale_if_error": LONG},
    },
    "batch": {"batch": True},
    "batchkept": {"batch": True, "cache": {"ttl": BRIEF, "negative": LONG}},
}  # fmt: skip
WIDER: dict[str, Reach] = {"tenant": "tenant", "public": "public"}
"""What needs answers that depend on nobody, or on the tenant alone."""

SENDS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "user": {"headers": {"X-User": "${ user.id }", "X-Word": "${ user.word }"}},
    "roles": {"query": {"roles": "${ user.roles }"}},
    "whole": {"body": {"id": "${ user.id }", "issuer": "${ user.issuer }", "roles": "${ user.roles }", "word": "${ user.word }"}},
    "tenant": {"query": {"t": "${ tenant.id }", "c": "${ tenant.config.own }"}},
    "locale": {"query": {"lang": "${ ctx.locale }", "price": "${ money(`1.5`, 'EUR') }"}},
    "ip": {"query": {"ip": "${ ctx.client_ip }"}},
}
"""What operations send by their templates."""

PERSONAL = frozenset({"user", "roles", "whole", "token", "named"})
"""Ways of telling, and sources, that name somebody."""

SOURCES: dict[str, dict[str, Any]] = {
    "plain": {},
    "noted": {"forward": ["X-Note", "Accept-Language"]},
    "token": {"auth": {"forward_token": True}},
    "named": {"auth": {"identity_header": {"key": "${ secret.signing }", "header": "X-Caller-Identity"}}},
    "keyed": {"auth": {"api_key": {"header": "X-Key", "value": "key-of-all"}}},
    "own": {},
}
BUT_BARE: dict[str, tuple[str, ...]] = {"plain": tuple(SENDS), "noted": ("nothing", "user")}
"""What the operations of a source send; nothing of their own where it isn't named here."""


class Operation(msgspec.Struct, frozen=True):
    """One operation. `reach` is how far one answer of it may be given; `asked` the operation that is called for it."""

    source: str
    sends: str
    policy: str
    reach: Reach

    @property
    def name(self) -> str:
        """Its name in its source, and in its path."""
        return f"{self.source}_{self.sends}_{self.policy}"

    @property
    def batched(self) -> bool:
        """Whether another operation is asked for it."""
        return "batch" in POLICIES[self.policy]

    @property
    def asked(self) -> str:
        """The operation that reaches the backend."""
        return f"many_{self.name}" if self.batched else self.name


def operations() -> Iterator[Operation]:
    """Every way of telling with every way of sharing that may be written for it."""
    for source in SOURCES:
        for sends in BUT_BARE.get(source, ("nothing",)):
            widest = _widest(source, sends)
            for policy in POLICIES:
                if policy in WIDER and _WIDTH[WIDER[policy]] > _WIDTH[widest]:
                    continue
                yield Operation(source, sends, policy, _reach(widest, policy))


_WIDTH: dict[Reach, int] = {"user": 0, "tenant": 1, "public": 2}


def _widest(source: str, sends: str) -> Reach:
    if PERSONAL & {source, sends}:
        return "user"
    return "tenant" if source in ("keyed", "own") or sends == "tenant" else "public"


def _reach(widest: Reach, policy: str) -> Reach:
    written: Reach = "user" if policy in ("user", "autouser") else WIDER.get(policy, "tenant")
    return min(widest, written, key=_WIDTH.__getitem__)


def by_name() -> dict[str, Operation]:
    """All of them, by the names that the backend may hear: a call of a batch may have to be made alone."""
    return {name: operation for operation in operations() for name in (operation.name, operation.asked)}


def _source(name: str, url: str) -> dict[str, Any]:
    own = [operation for operation in operations() if operation.source == name]
    members: dict[str, Any] = {}
    for operation in own:
        members[operation.name] = _operation(operation)
        if operation.batched:
            members[operation.asked] = _many(operation)
    return {"source": name, "type": "http", "servers": [f"{url}/all"], "timeout": "2s", **SOURCES[name], "operations": members}


def _operation(operation: Operation) -> dict[str, Any]:
    sent = SENDS[operation.sends]
    policy = {key: value for key, value in POLICIES[operation.policy].items() if key != "batch"}
    method = "POST" if "body" in sent else "GET"
    made = {"request": f"{method} /{operation.name}/{{id}}", "effect": "read", "error": {"code": "body.code"}, **sent, **policy}
    if operation.batched:
        made["batch"] = {"operation": operation.asked, "param": "things", "join": ",", "match": {"id": "id"}, "wait": "1ms"}
    return made


def _many(operation: Operation) -> dict[str, Any]:
    sent = SENDS[operation.sends]
    method = "POST" if "body" in sent else "GET"
    query = {**sent.get("query", {}), "things": "${ args.things }"}
    return {"request": f"{method} /{operation.asked}", "effect": "read", "error": {"code": "body.code"}, **sent, "query": query}


INPUT = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string", "pattern": "^[0-9]{1,3}$"}}}
OPEN = {"roles": ["customer", "anonymous"]}


def _asking(operation: Operation) -> dict[str, Any]:
    """An intent without a cache of its own."""
    return _intent(f"ask_{operation.name}", operation)


def _intent(name: str, operation: Operation, **more: Any) -> dict[str, Any]:
    step = {"call": f"{operation.source}.{operation.name}", "with": {"id": "${ input.id }"}, **more.pop("step", {})}
    output = {"mark": "${ steps.it.mark }", **more.pop("output", {})}
    return {"intent": name, "input": INPUT, "access": OPEN, "steps": {"it": step}, "output": output, "reply": REPLY, **more}


REPLY = {"en": "${ output.mark }", "de": "${ output.mark }"}
CACHES: dict[str, dict[str, Any]] = {
    "unset": {"ttl": BRIEF},
    "user": {"ttl": LONG, "scope": "user"},
    "tenant": {"ttl": LONG, "scope": "tenant", "negative": "1s"},
    "public": {"ttl": LONG, "scope": "public", "negative": "1s", "tags": ["all"]},
    "stale": BRIEFLY,
}
"""Of intents."""

OWN = {"id": "${ user.id }", "word": "${ user.word }", "roles": "${ user.roles }"}
ABOUT = {"config": "${ tenant.config.own }", "locale": "${ ctx.locale }", "price": "${ money(`1.5`, 'EUR') }"}
MINE = {"check": "result.id == user.number || contains(user.roles, 'agent')"}
AGENTS = {"check": "contains(user.roles, 'agent')"}


def kept_intents() -> Iterator[dict[str, Any]]:
    """Intents with a cache: in every scope, over operations of every reach, with barriers, sub-intents and what depends on who asks."""
    known = {operation.name: operation for operation in operations()}
    for scope, cache in CACHES.items():
        for operation in known.values():
            over_wide = scope in WIDER and _WIDTH[WIDER[scope]] > _WIDTH[_intent_bound(operation)]
            if operation.policy in ("bare", "user", "long", "auto", "batch") and not over_wide:
                yield _intent(f"kept_{scope}_{operation.name}", operation, cache=cache)
    for scope in ("unset", "user", "stale"):
        plain, cache = known["plain_nothing_long"], CACHES[scope]
        yield _intent(f"own_{scope}", plain, cache=cache, output={"own": OWN})
        yield _intent(f"about_{scope}", plain, cache=cache, output={"about": ABOUT})
        yield _intent(f"guarded_{scope}", plain, cache=cache, guard=[AGENTS])
        yield _intent(f"ensured_{scope}", plain, cache=cache, step={"ensure": [MINE]})
        yield _intent(f"masked_{scope}", known["plain_nothing_bare"], cache=cache, output={"secret": "${ steps.it.secret }"})
        yield _sub(f"within_{scope}", f"ensured_{scope}", cache)
        yield _sub(f"around_{scope}", "inner_own", cache)
        yield _sub(f"behind_{scope}", "guarded_unset", cache)
    yield _intent("inner_own", known["plain_nothing_bare"], output={"own": OWN})
    yield _intent("ensured_plain", known["plain_nothing_long"], step={"ensure": [MINE]})
    yield _laddered(known["plain_user_stale"])


def _intent_bound(operation: Operation) -> Reach:
    """The widest scope of an intent that calls it: a cache of the operation may only be narrowed."""
    written = POLICIES[operation.policy].get("cache", {}).get("scope", "public")
    return min(_widest(operation.source, operation.sends), written, key=_WIDTH.__getitem__)


def _sub(name: str, inner: str, cache: dict[str, Any]) -> dict[str, Any]:
    return {
        "intent": name, "input": INPUT, "access": OPEN, "cache": cache,
        "steps": {"it": {"call": f"intent.{inner}", "with": {"id": "${ input.id }"}}},
        "output": {"mark": "${ steps.it.mark }", "inner": "${ steps.it }"}, "reply": REPLY,
    }  # fmt: skip


def _laddered(operation: Operation) -> dict[str, Any]:
    rungs = [{"stale": "2s"}, {"return": {"mark": "none", "own": OWN}}]
    return _intent("laddered", operation, step={"fallback": rungs}, output={"own": "${ steps.it.own }"})


def write_company(folder: Path, url: str, *, memory: str, state: str | None = None) -> dict[str, str]:
    """Writes all files; gives the environment that they need. `memory` is what kept answers may take."""
    for name in ("specs", "policies"):
        (folder / name).mkdir(parents=True)
    for name in ISSUERS:
        (folder / f"{name}.key").write_text(signing_key(name))
    stores = {"cache": memory, "records": f"sqlite:///{folder}/records.db", **({} if state is None else {"state": state})}
    entry = {"gateway": "isolation", "identity": identities(), "tenants": _tenants(url), "stores": stores}
    _write(folder / "gateway.yaml", entry)
    roles = {
        "customer": {"allow": ["intent:*"]}, "agent": {"inherits": ["customer"], "clears": ["pii"]}, "anonymous": {"allow": ["intent:*"]},
    }  # fmt: skip
    masks = [{"fields": ["*.secret"], "unless": "contains(user.roles, 'agent')", "mask": "remove"}]
    _write(folder / "policies/all.yaml", {"policy": "roles", "roles": roles}, {"policy": "masking", "rules": masks})
    _write(folder / "specs/sources.yaml", *(_source(name, url) for name in SOURCES), _fixed(), _rows(folder))
    _write(folder / "specs/intents.yaml", *(_asking(operation) for operation in operations()), *kept_intents(), *_embedded())
    return {"GATEWAY_SECRET_SIGNING": SIGNING}


def _tenants(url: str) -> dict[str, Any]:
    known: dict[str, Any] = {name: {"hosts": [f"{name}.example"], "config": {"own": f"t_{name}_"}} for name in TENANTS}
    auth = {"keyed": {"api_key": {"header": "X-Key", "value": KEYS["zeta"]}}}
    known["zeta"] |= {"locale": "de", "servers": {"own": [f"{url}/zeta"]}, "auth": auth}
    return {"claim": "tenant", "host": True, "unknown": "deny", "known": known}


def _fixed() -> dict[str, Any]:
    caches = {"bare": {}, "kept": {"cache": {"ttl": LONG}}}
    return {
        "source": "fixed",
        "type": "static",
        "operations": {f"own_{name}": {"value": {"own": OWN, "about": ABOUT}, **cache} for name, cache in caches.items()},
    }


def _rows(folder: Path) -> dict[str, Any]:
    """A table that says what it was asked."""
    database = folder / "people.db"
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE people (word TEXT, number TEXT)")
    connection.close()
    query = "SELECT :word AS word, :tenant AS tenant"
    return {
        "source": "rows",
        "type": "sql",
        "url": f"sqlite:///{database}",
        "operations": {"bare": {"query": query}, "kept": {"query": query, "cache": {"ttl": LONG}}},
    }


def _embedded() -> Iterator[dict[str, Any]]:
    """Intents over sources that are no servers."""
    for name in ("bare", "kept"):
        call: dict[str, Any] = {"call": f"fixed.own_{name}"}
        kept = {} if name == "bare" else {"cache": {"ttl": LONG}}
        output = {"own": "${ steps.it.own }", "about": "${ steps.it.about }"}
        yield {"intent": f"fixed_{name}", "input": INPUT, "access": OPEN, "steps": {"it": call}, "output": output, **kept}
        call = {"call": f"rows.{name}", "with": {"word": "${ user.word || 'none' }", "tenant": "${ tenant.id }"}}
        output = {"found": "${ steps.it.rows[0] }"}
        yield {"intent": f"rows_{name}", "input": INPUT, "access": OPEN, "steps": {"it": call}, "output": output}


def _write(path: Path, *documents: Any) -> None:
    """JSON is YAML too."""
    path.write_text("\n---\n".join(msgspec.json.encode(document).decode() for document in documents))
