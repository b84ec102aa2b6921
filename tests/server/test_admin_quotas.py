"""Operators read how much of quotas is used: who may, and what they are told."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gateway.policies.limiter import Quota
from gateway.policies.limits import Limits
from gateway.sdk.allowance import DAY, Allowance, Charge
from gateway.server import admin_quotas
from gateway.server.admin_quotas import PATH
from gateway.server.application import Application
from tests.policies.limits_made import SharedStore, limiter
from tests.policies.stopped_clock import StoppedClock
from tests.server.gateways import Client, Received, make_plan

DAILY = Allowance("limits//day", "tenant_day", 5.0, DAY, 5.0, "day")
MONTHLY = Allowance("limits//month", "month", 2.5, 30 * DAY, 2.5, "month")


def made(store: SharedStore | None = None) -> Limits:
    return Limits(limiter(quotas=(Quota(DAILY, None), Quota(MONTHLY, None))), {}, StoppedClock(), store)  # type: ignore[arg-type]


async def read(limits: Limits | None, *, key: str | None = "operator", method: str = "GET") -> Received:
    plan = msgspec.structs.replace(
        make_plan(),
        limits=limits,
        permitted=lambda caller, permission, scope: scope is not None and permission == "admin:quotas" and "operator" in caller.roles,
    )
    return await Client(Application(plan).admin_asgi).send(method, PATH, key=key)


async def test_what_is_used_most_comes_first() -> None:
    limits = made()
    await limits.spend([Charge(("acme", b"7"), DAILY), Charge((("api_key", "", "ada"),), MONTHLY, 1.5)])
    received = await read(limits)
    assert (received.status, received.header("cache-control")) == (200, "no-store")
    assert received.json() == {
        "shared": False,
        "more": False,
        "quotas": [
            {
                "quota": "month", "key": [["api_key", "", "ada"]], "used": 1.5, "limit": 2.5, "period": "month",
                "resets_at": "2026-12-01T00:00:00Z",
            },
            {"quota": "tenant_day", "key": ["acme", 7], "used": 1, "limit": 5, "period": "day", "resets_at": "2026-11-21T00:00:00Z"},
        ],
    }  # fmt: skip


async def test_it_is_everybodys_where_the_store_is_there() -> None:
    store = SharedStore(StoppedClock())
    await made(store).spend([Charge(("acme",), DAILY)])
    told: Any = (await read(made(store))).json()
    assert (told["shared"], [quota["used"] for quota in told["quotas"]]) == (True, [1])
    store.away = True
    assert (await read(made(store))).json() == {"shared": False, "more": False, "quotas": []}


async def test_only_so_many_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admin_quotas, "MOST", 2)
    limits = made()
    for number in range(3):
        await limits.spend([Charge((str(number),), DAILY, number + 1.0)])
    told: Any = (await read(limits)).json()
    assert (told["more"], [quota["key"] for quota in told["quotas"]]) == (True, [["2"], ["1"]])


@pytest.mark.parametrize(("key", "status"), [(None, 401), ("let-me-in", 403), ("not-a-key", 401)])
async def test_it_takes_the_permission(key: str | None, status: int) -> None:
    received = await read(made(), key=key)
    assert (received.status, b"quotas" in received.body and b'"used"' in received.body) == (status, False)


async def test_nothing_but_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    received = await read(made(), method="POST")
    assert (received.status, received.header("allow")) == (405, "GET")
    assert (await read(None)).status == 503
