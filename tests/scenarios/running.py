"""A whole gateway, made from files, and ways to ask it. Backends are real HTTP servers (`gateway.testing.servers`)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx2
import msgspec

from gateway import app
from gateway.server.application import Application
from gateway.testing.scenario import write
from tests.server.gateways import Client

Files = Mapping[str, str]

ROLES = """
policy: roles
roles:
  customer: {allow: ["intent:*"]}
  partner: {}
  operator: {inherits: [customer], allow: [trace], clears: [pii]}
  anonymous: {}
"""
USERS: dict[str, dict[str, Any]] = {
    "alice": {"id": "alice", "customer_id": "C1", "roles": ["customer"]},
    "bob": {"id": "bob", "customer_id": "C2", "roles": ["customer"]},
    "nobody": {"id": "nobody", "roles": ["customer"]},
    "partner": {"id": "partner", "roles": ["partner"]},
    "reseller": {"id": "reseller", "roles": ["partner", "customer"]},
    "operator": {"id": "operator", "roles": ["operator"]},
}
"""Each is known by the key `key-<name>`; `nobody` is a customer without a number."""


class Gateway:
    """A running gateway. `client` speaks HTTP to its application; `raw` skips the HTTP library where speed matters."""

    def __init__(self, application: Application, client: httpx2.AsyncClient) -> None:
        self.application = application
        self.client = client
        self.raw = Client(application)

    async def chat(self, body: Any, *, user: str | None = "alice", **headers: str) -> httpx2.Response:
        """`POST /v1/chat`; `headers` are written with `_` for `-`."""
        return await self.client.post("/v1/chat", json=body, headers=named(user, headers))

    async def ask(self, intent: str, *, user: str | None = "alice", **given: Any) -> httpx2.Response:
        """An intent with its input."""
        return await self.chat({"intent": intent, "input": given}, user=user)

    async def get(self, path: str, *, user: str | None = "alice", **headers: str) -> httpx2.Response:
        """A GET request, of a user's route for instance."""
        return await self.client.get(path, headers=named(user, headers))

    async def quick(self, intent: str, *, user: str = "alice", **given: Any) -> tuple[int, Any]:
        """Status and body of an intent, asked for without an HTTP library."""
        received = await self.raw.chat({"intent": intent, "input": given}, key=f"key-{user}")
        return received.status, received.json()

    async def metrics(self) -> str:
        """What the operators' listener exposes."""
        transport = httpx2.ASGITransport(app=self.application.admin_asgi)
        async with httpx2.AsyncClient(transport=transport, base_url="http://admin.example") as client:
            return (await client.get("/metrics")).text


def named(user: str | None, headers: Mapping[str, str]) -> dict[str, str]:
    """Headers of a request by `user`, who may be anonymous."""
    spelled = {name.replace("_", "-"): value for name, value in headers.items()}
    return spelled if user is None else {"X-API-Key": f"key-{user}", **spelled}


def assistant(more: str = "") -> str:
    """A gateway.yaml that knows `USERS`."""
    keys = [{"hash": f"sha256:{sha256(f'key-{name}'.encode()).hexdigest()}", "user": user} for name, user in USERS.items()]
    identity = msgspec.json.encode([{"api_key": {"keys": keys}}, {"anonymous": {"roles": ["anonymous"]}}]).decode()
    return f"gateway: acme\nspecs: [specs]\npolicies: [policies]\nidentity: {identity}\n{more}"


PATIENT = "server: {queue: {wait: 30s}}\n"
"""Requests that come all at once are to get through on a busy machine too."""


def files_of(specs: str, **more: str) -> dict[str, str]:
    """The files of an assistant with these specs; `more` are further texts by file name without `.yaml`."""
    return {
        "gateway.yaml": assistant(PATIENT),
        "policies/roles.yaml": ROLES,
        "specs/all.yaml": specs,
        **{f"specs/{name}.yaml": text for name, text in more.items()},
    }


DELIBERATE = frozenset({"GW266", "GW273", "GW275", "GW305", "GW307", "GW311", "GW313"})
"""Warnings that scenarios deserve, since they ask for the worst: unused, slow, one by one, without a key, null, a POST that reads."""


@asynccontextmanager
async def running(folder: Path, specs: str, environ: Mapping[str, str] | None = None, **more: str) -> AsyncIterator[Gateway]:
    """Writes, builds, starts and in the end stops a gateway. Fails the test with the problems where there are any, warnings too."""
    prepared = app.prepare(write(folder, files_of(specs, **more)), environ=environ or {})
    problems = [
        f"{each.code} {each.place.file}:{each.place.line} {each.message}" for each in prepared.problems if each.code not in DELIBERATE
    ]
    assert not problems, "\n".join(problems)
    application = app.application(prepared)
    await application.startup()
    transport = httpx2.ASGITransport(app=application.asgi)
    try:
        async with httpx2.AsyncClient(transport=transport, base_url="http://gateway.example") as client:
            yield Gateway(application, client)
    finally:
        await application.shutdown()
