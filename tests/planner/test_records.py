"""Policy `audit` and `stores.records`, planned and in force: what real requests leave in a real store."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from gateway.policies.auditor import FAULT
from gateway.sdk import GatewayError, Timeout, Unavailable
from gateway.stores.verification import verify
from gateway.testing.scenario import Scenario, prepare, scenario

SPECS = """
source: erp
type: fake
operations:
  order: {}
  list_orders: {}
  cancel: {effect: write}
---
intent: order
access: {roles: [customer]}
input: {type: object, properties: {id: {type: string}}}
steps:
  order:
    call: erp.order
    with: {id: "${ input.id }"}
    ensure: [{check: "result.owner == user.id"}]
output: {order: "${ steps.order.total }"}
---
intent: cancel
access: {roles: [customer]}
input: {type: object, properties: {id: {type: string}}}
idempotency_key: [input.id]
steps:
  cancel: {call: erp.cancel, with: {id: "${ input.id }"}}
output: {}
---
intent: overview
access: {roles: [customer]}
steps:
  inner: {call: intent.order, with: {id: canary-argument}}
output: ${ steps.inner }
---
intent: help
access: {roles: [customer]}
output: {}
"""
CUSTOMER = {"id": "u1", "roles": ["customer"], "claims": {"email": "canary@claims.example"}}
FAKES: dict[str, Any] = {"erp.order": {"owner": "u1", "total": "canary-data"}, "erp.cancel": {"done": "canary-data"}, "erp.list_orders": []}


def files(audit: str = 'record: {intents: "*"}', **more: str) -> dict[str, str]:
    return {"specs/shop.yaml": SPECS, "policies/audit.yaml": f"policy: audit\n{audit}\n", **more}


def stored(gateway: Scenario) -> list[dict[str, Any]]:
    store = gateway.plan.records
    assert store is not None
    with store.snapshot() as (chain, links):
        kept = list(links)
    assert verify(chain, kept).findings == ()
    return [json.loads(link.body) for link in kept]


def told(records: Iterable[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(record.get(name) for name in names) for record in records]


async def test_reads_denials_and_writes_are_all_recorded(tmp_path: Path) -> None:
    async with scenario(tmp_path, files(), FAKES) as gateway:
        await gateway.ask("order", {"id": "canary-input"}, user=CUSTOMER)
        await gateway.ask("order", {"id": "1"}, user={**CUSTOMER, "id": "u2"})
        await gateway.ask("order", {"id": "1"}, user=None)
        await gateway.ask("cancel", {"id": "canary-input"}, user=CUSTOMER)
    records = stored(gateway)
    assert told(records, "event", "intent", "user.id", "decision", "status", "error") == [
        ("request", "order", "u1", "allowed", "complete", None),
        ("request", "order", "u2", "denied", "denied", "forbidden"),
        ("request", "order", None, "denied", "denied", "unauthorized"),
        ("write_started", "cancel", "u1", None, None, None),
        ("write_ended", "cancel", "u1", None, None, None),
        ("request", "cancel", "u1", "allowed", "complete", None),
    ]
    assert records[1]["rule"].startswith("specs/shop.yaml:16")
    assert records[0]["operations"] == ["erp.order"]
    assert (records[4]["outcome"], records[5]["writes"]) == ("ok", [{"operation": "erp.cancel", "key": records[3]["key"], "outcome": "ok"}])
    assert len(records[3]["key"]) == 32
    assert "canary" not in json.dumps(records)


async def test_sub_intents_are_part_of_the_request(tmp_path: Path) -> None:
    async with scenario(tmp_path, files(), FAKES) as gateway:
        await gateway.ask("overview", user=CUSTOMER)
    assert told(stored(gateway), "intent", "sources", "operations") == [("overview", ["erp"], ["erp.order"])]


@pytest.mark.parametrize(
    ("audit", "intents"),
    [
        ('record: {intents: "*"}', ["order", "help", "cancel", "cancel", "cancel"]),
        ("record: {intents: help}", ["help"]),
        ('record: {intents: ["h*", order]}', ["order", "help"]),
        ('record: {intents: "*", decisions: denied}', []),
    ],
)
async def test_intents_and_decisions_are_chosen(tmp_path: Path, audit: str, intents: list[str]) -> None:
    async with scenario(tmp_path, files(audit), FAKES) as gateway:
        for name in ("order", "help", "cancel"):
            await gateway.ask(name, {"id": "1"} if name != "help" else {}, user=CUSTOMER)
    assert told(stored(gateway), "intent") == [(name,) for name in intents]


async def test_cancelled_and_failed_requests_are_recorded(tmp_path: Path) -> None:
    async def never(**_: Any) -> None:
        await asyncio.sleep(10)

    async with scenario(tmp_path, files(), {**FAKES, "erp.order": never, "erp.cancel": Timeout}) as gateway:
        asking = asyncio.create_task(gateway.ask("order", {"id": "1"}, user=CUSTOMER))
        await asyncio.sleep(0.02)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await gateway.ask("cancel", {"id": "1"}, user=CUSTOMER)
    assert told(stored(gateway), "event", "decision", "status", "error", "outcome") == [
        ("request", "allowed", "cancelled", "cancelled", None),
        ("write_started", None, None, None, None),
        ("write_ended", None, None, "timeout", "unknown"),
        ("request", "allowed", "failed", "timeout", None),
    ]


class TestSinkFails:
    """A store whose folder is a file: it can't be reached."""

    GATEWAY = (
        "gateway: scenario\nspecs: [specs]\npolicies: [policies]\nidentity: [{scenario: {}}]\nstores: {records: 'sqlite:///blocked/a.db'}\n"
    )

    async def ask(self, gateway: Scenario, name: str) -> GatewayError | None:
        return (await gateway.ask(name, {} if name == "help" else {"id": "1"}, user=CUSTOMER)).error

    async def test_deny_refuses_before_any_step(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        (tmp_path / "blocked").write_text("")
        async with scenario(tmp_path, files('record: {intents: ["cancel", "order"]}', **{"gateway.yaml": self.GATEWAY}), FAKES) as gateway:
            for name in ("cancel", "order"):
                error = await self.ask(gateway, name)
                assert isinstance(error, Unavailable)
                assert error.detail_code == "audit_unavailable"
            assert gateway.calls == []
            logged = [record.fields for record in caplog.records if hasattr(record, "fields")]
            assert [(fields["error"], fields["fault"]) for fields in logged] == [("unavailable", FAULT)] * 2
            assert await self.ask(gateway, "help") is None
            (tmp_path / "blocked").unlink()
            async with asyncio.timeout(5):
                while await self.ask(gateway, "cancel") is not None:
                    await asyncio.sleep(0.01)
            assert len(gateway.calls) == 1
        assert told(stored(gateway), "event") == [("write_started",), ("write_ended",), ("request",)]

    async def test_continue_goes_on_and_records_later(self, tmp_path: Path) -> None:
        (tmp_path / "blocked").write_text("")
        audit = 'record: {intents: "*"}\nwhen_sink_fails: continue'
        keyless = SPECS.replace("idempotency_key: [input.id]\n", "")  # with a key, its own record must be kept
        async with scenario(tmp_path, files(audit, **{"gateway.yaml": self.GATEWAY, "specs/shop.yaml": keyless}), FAKES) as gateway:
            assert await self.ask(gateway, "cancel") is None
            (tmp_path / "blocked").unlink()
        assert told(stored(gateway), "event") == [("write_started",), ("write_ended",), ("request",)]


class TestPlanned:
    """What is found at load."""

    def test_without_a_policy_nothing_of_it_is_in_the_chain(self, tmp_path: Path) -> None:
        gateway = prepare(tmp_path, {"specs/shop.yaml": SPECS}, FAKES)
        assert not {"audit", "audit_gate"} & {name for _, name in gateway.plan.layers}
        assert "audit" not in [name for name, _ in gateway.plan.starters]
        assert gateway.plan.records is not None

    def test_with_one_it_stands_where_it_has_to(self, tmp_path: Path) -> None:
        names = [name for _, name in prepare(tmp_path, files(), FAKES).plan.layers]
        assert names.index("record") < names.index("audit") < names.index("render")
        assert names.index("understand") < names.index("audit_gate") < names.index("authorize")

    def test_loading_makes_no_file(self, tmp_path: Path) -> None:
        assert prepare(tmp_path, files(), FAKES).plan
        assert not (tmp_path / "var").exists()

    async def test_a_policy_of_several_documents_is_one(self, tmp_path: Path) -> None:
        more = "---\npolicy: audit\nrecord: {intents: help}\nwhen_sink_fails: continue\n"
        async with scenario(tmp_path, files(f"record: {{fields: [user.id]}}\nretention: 1d\n{more}"), FAKES) as gateway:
            for name in ("help", "cancel"):
                await gateway.ask(name, {"id": "1"} if name == "cancel" else {}, user=CUSTOMER)
        (record,) = stored(gateway)
        assert record["user.id"] == "u1"
        assert "intent" not in record

    @pytest.mark.parametrize(
        ("field", "code"),
        [
            ("user.id", []),
            ("client_ip", []),
            ("user.claims", ["GW505"]),
            ("input.iban", ["GW505"]),
            ("user.nothing", ["GW505"]),
            ("", ["GW505"]),
        ],
    )
    def test_fields_are_known_ones(self, tmp_path: Path, field: str, code: list[str]) -> None:
        identity = "identity: [{api_key: {keys: [{hash: 'sha256:" + "0" * 64 + "', user: {id: a, roles: []}}]}}]"
        gateway = f"gateway: shop\nspecs: []\n{identity}\n"
        prepared = prepare(tmp_path, {"gateway.yaml": gateway, "policies/a.yaml": f"policy: audit\nrecord: {{fields: ['{field}']}}\n"}, {})
        assert prepared.codes == code

    @pytest.mark.parametrize(
        ("url", "codes"),
        [
            ("sqlite:///var/other.db", []),
            ("sqlite://", ["GW252"]),
            ("postgres://h/x", ["GW252"]),
            ("redis://h/x", ["GW252"]),
            ("nonsense", ["GW252"]),
            ("", ["GW252"]),
        ],
    )
    def test_urls_of_stores(self, tmp_path: Path, url: str, codes: list[str]) -> None:
        gateway = f"gateway: scenario\nidentity: [{{scenario: {{}}}}]\nstores: {{records: '{url}'}}\n"
        prepared = prepare(tmp_path, {"gateway.yaml": gateway}, {})
        assert prepared.codes == codes
        assert all(url not in problem.message for problem in prepared.problems if url)
