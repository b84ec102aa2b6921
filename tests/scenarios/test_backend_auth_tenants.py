"""Tenants with credentials of their own, on the same source."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from gateway import app
from gateway.runtime.plan import Plan
from gateway.testing.scenario import write
from gateway.testing.servers import Received, Route, http_server
from tests.scenarios.running import ROLES, assistant
from tests.scenarios.test_backend_auth import call, handler_of, principal
from tests.sources.token_server import TokenServer

SPECS = """
source: stock
type: http
servers: ["${ env.BACKEND_URL }"]
auth: {api_key: {value: "${ secret.shared }"}}
operations:
  item: {request: GET /item}
---
source: open
type: http
servers: ["${ env.BACKEND_URL }"]
operations:
  item: {request: GET /item}
"""
TENANTS = """
tenants:
  host: true
  known:
    acme:
      auth:
        stock: {oauth2: {token_url: "${ env.TOKEN_URL }", client_id: gw, client_secret: "${ secret.acme }"}}
        open: {forward_token: true}
    globex: {auth: {stock: {api_key: {value: "${ secret.globex }"}}}}
    zeta: {}
"""


def seen(request: Received) -> Any:
    """Without the credentials themselves, which would be taken out of the answer."""
    sent = [request.headers.get(name, "") for name in ("authorization", "x-api-key")]
    return [value[::-1] for value in sent]


async def closed(plan: Plan | None) -> None:
    for close in plan.closers if plan is not None else ():
        await close()


async def test_each_is_proven_by_its_own_and_secrets_follow(tmp_path: Path) -> None:
    mounted = tmp_path / "secrets"
    mounted.mkdir()
    for name in ("shared", "acme", "globex"):
        (mounted / name).write_text(f"canary-{name}")
    tokens, backend = TokenServer("canary-acme"), Route(seen, delay=0.005)
    async with http_server({"*": backend}) as url, http_server({"*": tokens.route}) as token_url:
        environ = {"BACKEND_URL": url, "TOKEN_URL": token_url, "GATEWAY_SECRETS_DIR": str(mounted)}
        files = {"gateway.yaml": assistant(TENANTS), "policies/roles.yaml": ROLES, "specs/all.yaml": SPECS}
        prepared = app.prepare(write(tmp_path / "config", files), environ=environ)
        assert [problem for problem in prepared.problems if problem.severity == "error"] == []
        item, bare = handler_of(prepared, "stock", "item"), handler_of(prepared, "open", "item")
        callers = {
            tenant: principal(tenant, "jwt", "", "u1", roles=[], token=f"token-of-{tenant}") for tenant in ("acme", "globex", "zeta")
        }

        async def sent() -> dict[str, list[str]]:
            found = await asyncio.gather(*(item(call(callers[tenant])) for tenant in list(callers) * 20))
            return {tenant: [value[::-1] for value in result.value] for tenant, result in zip(list(callers) * 20, found, strict=True)}

        assert await sent() == {"acme": ["Bearer canary-token-1", ""], "globex": ["", "canary-globex"], "zeta": ["", "canary-shared"]}
        assert backend.count == 3
        (mounted / "globex").write_text("kanarienvogel")
        assert prepared.planned.loaded.secrets.take(prepared.planned.loaded.secrets.changes()).changed == ["globex"]
        assert (await sent())["globex"] == ["", "kanarienvogel"]
        forwarded = {tenant: (await bare(call(caller))).value[0][::-1] for tenant, caller in callers.items()}
        assert forwarded == {"acme": "Bearer token-of-acme", "globex": "", "zeta": ""}
        await closed(prepared.plan)
    assert tokens.route.count == 1
