"""Canaries over the whole demo: what a caller may not see is in nothing that leaves, whatever is asked and whatever breaks."""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.planner.tenants import TenantPlanner
from gateway.policies.auditor import Auditor
from gateway.policies.record import Record
from gateway.policies.tenant import TenantStage
from gateway.runtime import intents, ladder, outcome
from gateway.runtime.masking import MaskRule
from gateway.sdk import Access, Decision
from gateway.sdk.sharing import Sharing
from gateway.sources.redaction import Redaction
from tests.scenarios.canary_run import Run, canary_run
from tests.scenarios.canary_words import TAIL, Lookout, canary, nobody

TO_BE_SEEN = ("place", "ordered", "product", "ticket", "name", "email", "phone", "city", "profile", "note", "subject")
"""Fields of which somebody sees somebody's: nothing is proven by answers without data."""


async def weathers(run: Run, answers: int, seed: int) -> None:
    """Fair weather, failing backends, hostile callers, and those who leave."""
    await run.storm(answers * 3 // 10, seed=seed)
    await run.storm(answers * 3 // 10, seed=seed + 1, faulty=True)
    await run.storm(answers * 2 // 10, seed=seed + 2, faulty=True, hostile=0.9)
    await run.storm(answers * 2 // 10, seed=seed + 3, faulty=True, hostile=0.3, cancelled=0.5)


async def prove(folder: Path, answers: int, seed: int) -> Run:
    async with canary_run(folder, seed) as run:
        await weathers(run, answers, seed)
    recorded = Counter[str]()
    for record in run.records():
        if record["event"] == "request":
            recorded[record["request_id"]] += 1
            assert run.decided.get(record["request_id"], record["decision"]) == record["decision"], record
    assert run.lookout.leaks == []
    assert run.answered >= answers
    assert all(run.lookout.shown[field] for field in TO_BE_SEEN), run.lookout.shown
    assert min(run.statuses[status] for status in ("200", "400", "401", "403", "404", "422", "502", "504", "hung up", "cancelled")) > 0
    assert {request: recorded[request] for request in run.decided} == dict.fromkeys(run.decided, 1)
    assert all(count == 1 for request, count in recorded.items() if request.startswith("canary-"))
    return run


async def test_no_canary_is_seen_by_whom_it_does_not_concern(tmp_path: Path) -> None:
    await prove(tmp_path / "demo", 2_000, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40))
async def test_no_canary_is_seen_in_200_000_answers(tmp_path: Path, seed: int) -> None:
    """5,000 at a time, so that each takes seconds."""
    run = await prove(tmp_path / "demo", 5_000, seed=100 * (seed + 1))
    print(f"\n{run.answered} answers, {run.backends.served} calls of backends, {run.lookout.looked} texts looked at: {dict(run.statuses)}")


def _shares_with_everybody(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Sharing, "key", lambda self, context: ())


def _masks_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(MaskRule, "holds", lambda self, scope: False)


def _takes_everybody_for_acme(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(TenantStage, "_tenant", lambda self, exchange, caller: self._directory.known["acme"])


def _forgets_whose_servers(patch: pytest.MonkeyPatch) -> None:
    servers = TenantPlanner.servers

    def first(self: TenantPlanner, source: str) -> dict[str, tuple[str, ...]]:
        found = servers(self, source)
        return dict.fromkeys(found, next(iter(found.values()))) if found else {}

    patch.setattr(TenantPlanner, "servers", first)


def _keys_without_identity(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(intents, "request_key", lambda intent, given, context, scope: given)


def _lets_backends_tell_credentials(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Redaction, "suspects", lambda self, headers, body: False)


def _repeats_what_backends_say(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(outcome, "business_message", lambda value, status: value)


def _checks_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ladder, "enforce", lambda checks, scope, step: None)


def _allows_everything(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Access, "decide", lambda self, caller, scope: Decision(True, None, "anything goes"))


def _logs_answers(patch: pytest.MonkeyPatch) -> None:
    log = Record._log

    def tell(self: Record, exchange: Any, *told: Any, **more: Any) -> None:
        if exchange.answer is not None:
            exchange.notes["fault"] = str(exchange.answer.data)
        log(self, exchange, *told, **more)

    patch.setattr(Record, "_log", tell)


def _records_answers(patch: pytest.MonkeyPatch) -> None:
    entry = Auditor._entry

    def tell(self: Auditor, exchange: Any, record: dict[str, Any]) -> Any:
        return entry(self, exchange, {**record, "input": str(exchange.input)})

    patch.setattr(Auditor, "_entry", tell)


BREAKS: list[Any] = [
    _shares_with_everybody,
    _masks_nothing,
    _takes_everybody_for_acme,
    _repeats_what_backends_say,
    _logs_answers,
    *(
        pytest.param(breaks, marks=pytest.mark.slow)
        for breaks in (
            _forgets_whose_servers,
            _keys_without_identity,
            _lets_backends_tell_credentials,
            _checks_nothing,
            _allows_everything,
            _records_answers,
        )
    ),
]


@pytest.mark.parametrize("breaks", BREAKS)
async def test_a_canary_is_found_where_isolation_is_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, breaks: Callable[[pytest.MonkeyPatch], None]
) -> None:
    breaks(monkeypatch)
    async with canary_run(tmp_path / "demo") as run:
        await run.storm(1_500, seed=7, faulty=True)
    assert list(run.records())
    assert run.lookout.leaks


@pytest.mark.parametrize(
    ("seen", "found"),
    [
        ("a sound text", False),
        (canary("acme", "C1001", "name"), True),
        (canary("acme", "C1001", "name")[:9], True),
        (canary("acme", "C1001", "name")[9:], True),
        (canary("sys", "erp", "password").upper(), True),
        (f"x:{canary('sys', 'erp', 'password')}".encode().hex(), True),
        (b64encode(f"gateway:{canary('sys', 'erp', 'password')}".encode()).decode(), True),
        (b64encode(f"gw:{canary('sys', 'erp', 'password')}".encode()).decode(), True),
        (b64encode(f"g:{canary('sys', 'erp', 'password')}".encode()).decode(), True),
        (f"tail {TAIL}", True),
        ("on 127.0.0.1", True),
    ],
)
def test_the_lookout_finds_canaries_whole_in_part_and_coded(seen: str, found: bool) -> None:
    lookout = Lookout()
    lookout.forbid(["127.0.0.1"])
    lookout.look(seen, "here", nobody)
    assert bool(lookout.leaks) is found


def test_the_lookout_leaves_what_may_be_seen() -> None:
    lookout = Lookout()
    lookout.look(f"{canary('acme', 'C1', 'name')} {canary('zeta', 'C1', 'name')}", "here", lambda word: word.owner == "acme")
    assert len(lookout.leaks) == 1
    assert "acme" not in lookout.leaks[0]
    assert lookout.shown == {"name": 1}
