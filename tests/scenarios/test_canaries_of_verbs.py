"""No verb tells a secret of the configuration, whatever it is asked to show."""

from __future__ import annotations

import asyncio
import random
import traceback
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli import main
from tests.scenarios.canary_assistant import write_assistant
from tests.scenarios.canary_backends import serving
from tests.scenarios.canary_requests import INTENTS
from tests.scenarios.canary_run import canary_run
from tests.scenarios.canary_visitors import people
from tests.scenarios.canary_words import Canary, Lookout

QUICK = (
    ("check", "--format", "json"),
    ("list",),
    ("list", "--access"),
    ("explain", "customer_card", "--as", "role=contractor"),
    ("audit",),
    ("audit-log", "show"),
    ("call", "store_hours", "--trace"),
)
FURTHER = (
    *(("check", "--format", form) for form in ("text", "sarif", "github")),
    ("list", "--access", "--format", "json"),
    *(("explain", intent, "--format", form) for intent in INTENTS for form in ("text", "json", "mermaid")),
    ("audit", "--format", "json"),
    ("audit-log", "verify"),
    ("plugins",),
    ("call", "track_order", "order_id=1007"),
)
BROKEN = """
source: broken
type: http
servers: ["http://user:${ secret.erp_password }@erp.example"]
headers: {X-Key: "${ secret.crm_key }", "X Y": "${ secret.tickets_key }"}
auth: {basic: {username: "${ secret.inventory_key }", pasword: "${ secret.erp_password }"}}
operations: {a: {request: "GET /${ secret.crm_key }", query: {key: "${ secret.erp_password }"}, body: "${ args.x.y[ }"}}
"""


def of_the_configuration(word: Canary) -> bool:
    """Where backends are is no secret to whoever runs the gateway, and neither are the settings of its tenants."""
    return word.field in ("path", "host", "note")


@pytest.mark.parametrize(
    ("verbs", "broken", "exits"),
    [
        (QUICK, "", {0, 1}),
        ((("check",), ("check", "--format", "json"), ("explain", "customer_card"), ("audit",)), BROKEN, {3}),
        pytest.param(FURTHER, "", {0, 1}, marks=pytest.mark.slow),
    ],
)
async def test_no_verb_tells_a_secret(tmp_path: Path, verbs: tuple[tuple[str, ...], ...], broken: str, exits: set[int]) -> None:
    folder = tmp_path / "demo"
    async with canary_run(folder) as run:
        await run.storm(20, seed=5)
    lookout = Lookout()
    async with serving(Lookout(), random.Random(1)) as backends:
        (tmp_path / "again").mkdir()
        environ = write_assistant(tmp_path / "again", people(), backends)
        (folder / "records.db").rename(tmp_path / "again/records.db")
        if broken:
            (tmp_path / "again/specs/broken.yaml").write_text(broken)
        for verb in verbs:
            result = await asyncio.to_thread(CliRunner().invoke, main, ["-C", str(tmp_path / "again"), *verb], env=environ)
            told = result.output + "".join(traceback.format_exception(result.exception) if result.exception else ())
            assert result.exit_code in exits, told
            lookout.look(told, " ".join(verb), of_the_configuration)
    assert lookout.looked == len(verbs)
    assert lookout.leaks == []
