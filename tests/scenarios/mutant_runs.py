"""What is held of every mutant of a configuration: checked soon, told with places that exist, and served exactly if it is accepted."""

from __future__ import annotations

import asyncio
import random
import re
import shutil
import socket
import time
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import pytest

from gateway.app import Prepared, Refused, application, prepare
from gateway.sdk import Problem
from tests.mutants import mutant
from tests.server.gateways import KEY, Client

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests/golden"
SECONDS = 2.0
PATIENCE = 20.0
KEYS = (KEY, "demo-customer-1001", "demo-agent", "demo-manager", None)
ANSWER = {
    "id": "1", "customer": KEY, "customer_id": "C1001", "items": [{"sku": "A", "amount": "10.50", "quantity": 2}], "state": "open",
    "rows": [{"sku": "A", "amount": "1"}], "events": [{"code": "DL", "place": "Bonn"}], "eta": "2026-11-20", "tracking_no": "T1",
}  # fmt: skip
TEXTS = ("1007", "C1001", "E2017", "abc", "", "2026-11-20", "x" * 300, "ö")
_LINE_BREAK = re.compile("\r\n|\r|\n")
MORE = """
intent: track
examples: ["track {order_id}"]
access: {roles: [customer], when: "user.customer_id != 'none'"}
guard: [{check: "input.order_id != `null`", deny: not_found}]
idempotency_key: [input.order_id]
input: {type: object, required: [order_id], properties: {order_id: {type: string, pattern: "^[0-9]+$"}, rows: {type: array}}}
deadline: 2s
steps:
  order: {call: erp.order, with: {order_id: "${ input.order_id }"}, timeout: 500ms, ensure: [{check: "result.customer == user.id"}]}
  each:
    foreach: steps.order.items
    as: row
    call: erp.order
    with: {order_id: "${ row.sku }"}
    item_error: drop
    max_items: 10
    fallback:
      - {when: error.code == 'not_found', return: null}
      - {call: intent.inner, with: {order_id: "1"}, output: {id: "${ result.id }"}}
  rows: {join: {left: steps.order.items, right: steps.each, by: {left: [sku], right: [id]}, as: order}}
  names: {let: {id: one, all: {$each: steps.rows, $as: each, $where: each.sku != 'x', $do: "${ upper(each.sku) }"}}, transform: card}
  change: {call: erp.change, with: {order_id: "${ input.order_id }"}, depends_on: [rows], required: false}
output: {names: "${ steps.names }", given: "${ input.rows }", state: "${ status.change }"}
reply:
  - {when: status.order == 'failed', text: none}
  - text: {en: "${ plural(length(steps.rows), {one: 'a row', other: 'rows'}) }"}
    actions: [{label: more, intent: inner, input: {order_id: "${ input.order_id }"}}]
---
route: track
match: {method: [GET, POST], path: "/orders/{order_id}"}
intent: track
input: {order_id: "${ request.path.order_id }"}
respond: {status: 200, headers: {X-Id: "${ output.state }"}, body: "${ output }"}
"""
"""An intent with something of everything."""


class Seed(NamedTuple):
    """A sound configuration: its files, its environment but for the backends' URLs, and the names of those."""

    files: dict[str, str]
    environ: dict[str, str] = {}
    urls: tuple[str, ...] = ()


def _below(folder: Path, *patterns: str) -> dict[str, str]:
    found = (path for pattern in patterns for path in sorted(folder.glob(pattern)))
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in found if not path.name.endswith(".test.yaml")}


def sound() -> Seed:
    """The golden cases' folder, and one intent of everything."""
    files = _below(GOLDEN / "folder", "**/*.yaml") | {"specs/more.yaml": MORE}
    known = files["gateway.yaml"].replace(
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", sha256(KEY.encode()).hexdigest()
    )
    sources = files["specs/sources.yaml"].replace("http://erp.test", "${ env.ERP_URL }")
    return Seed(files | {"gateway.yaml": known, "specs/sources.yaml": sources}, urls=("ERP_URL",))


def demo() -> Seed:
    """The assistant of this repository."""
    urls = tuple(f"{name}_URL" for name in ("CRM", "TICKETS", "INVENTORY", "HR", "DELIVERY", "CARRIER_HUB", "ERP"))
    return Seed(_below(ROOT, "gateway.yaml", "specs/**/*.yaml", "policies/*.yaml", "openapi/*.yaml"), urls=urls)


def language() -> Seed:
    """The examples of the language's description; not all of it is in force."""
    names = ("GATEWAY_SECRET_INVENTORY", "GATEWAY_SECRET_SLACK_SIGNING", "GATEWAY_SECRET_SLACK_TOKEN")
    return Seed(_below(GOLDEN / "language", "**/*.yaml"), dict.fromkeys(names, "x"), ("INVENTORY_URL", "INVENTORY_URL_2", "TOKEN_URL"))


def write(folder: Path, files: Mapping[str, bytes]) -> Path:
    """The only content of `folder`."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


class Runs:
    """Mutants of one seed, one after the other. `accepted` and `asked` count; a failure names the mutant's number."""

    def __init__(self, seed: Seed, folder: Path, url: str) -> None:
        self._seed = seed
        self._folder = folder
        self.environ = {**seed.environ, **dict.fromkeys(seed.urls, url)}
        self.accepted = 0
        self.asked = 0
        self.slowest = 0.0

    def unchanged(self) -> list[Problem]:
        """What is told of the seed itself."""
        folder = write(self._folder, {name: text.encode() for name, text in self._seed.files.items()})
        return prepare(folder, environ=self.environ).problems

    async def run(self, number: int) -> list[Problem]:
        """One mutant; gives what was told of it."""
        folder = write(self._folder, mutant(self._seed.files, number))
        started = time.process_time()
        prepared = prepare(folder, environ=self.environ)
        took = time.process_time() - started
        self.slowest = max(self.slowest, took)
        assert took < SECONDS, f"mutant {number}: {took:.1f} s"
        check_places(folder, prepared.problems, number)
        errors = [problem for problem in prepared.problems if problem.severity == "error"]
        assert (prepared.plan is None) is bool(errors), f"mutant {number}"
        if prepared.plan is None:
            with pytest.raises(Refused) as refused:
                application(prepared)
            assert refused.value.problems == prepared.problems, f"mutant {number}"
        else:
            self.accepted += 1
            await self._serve(prepared, number)
        return prepared.problems

    async def _serve(self, prepared: Prepared, number: int) -> None:
        """What is accepted starts, and answers: whatever it says, it is no fault of the gateway itself."""
        served = application(prepared)
        await served.startup()
        try:
            chance, client = random.Random(number), Client(served)
            intents = [intent.name for intent in served.plan.catalogue]
            for name in chance.sample(intents, min(3, len(intents))):
                schema = next(intent.input_schema for intent in served.plan.catalogue if intent.name == name)
                await self._ask(client, f"mutant {number}, {name}", "POST", "/v1/chat", {"intent": name, "input": sample(chance, schema)})
            for route in chance.sample(list(served.plan.routes), min(1, len(served.plan.routes))):
                path = re.sub(r"\{\w+\}|\*+", "1007", route.path)
                await self._ask(client, f"mutant {number}, {path}", sorted(route.methods)[0], path, {})
        finally:
            await served.shutdown()

    async def _ask(self, client: Client, what: str, method: str, path: str, body: Any) -> None:
        for key in KEYS[: 2 if self._seed.environ or len(self._seed.urls) == 1 else len(KEYS)]:
            async with asyncio.timeout(PATIENCE):
                if path == "/v1/chat":
                    received = await client.chat(body, key=key)
                else:
                    received = await client.send(method, path, b"{}", [(b"content-type", b"application/json")], key=key)
            self.asked += 1
            assert 200 <= received.status < 600, what
            assert received.status != 500, f"{what}: {received.body.decode(errors='replace')[:500]}"


def check_places(folder: Path, problems: list[Problem], number: int) -> None:
    """Every problem has words, and a place inside a file that is there, or at the beginning of one that isn't."""
    for problem in problems:
        place, what = problem.place, f"mutant {number}: {problem}"
        assert problem.message, what
        assert place.line >= 1 <= place.column <= place.end, what
        file = folder / place.file
        if not file.is_file():
            assert (place.line, place.column) == (1, 1), what
            continue
        lines = _LINE_BREAK.split(file.read_bytes().removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape"))
        assert place.line <= len(lines), what
        assert place.end <= len(lines[place.line - 1]) + 1, what


def sample(chance: random.Random, schema: Any, depth: int = 0) -> Any:
    """Something that may fit a JSON Schema."""
    if not isinstance(schema, dict) or depth > 4:
        return chance.choice(TEXTS)
    if schema.get("enum"):
        return chance.choice(schema["enum"])
    kinds = schema.get("type", ["string", "object"])
    kind = chance.choice(kinds) if isinstance(kinds, list) and kinds else kinds
    if kind == "object" or "properties" in schema:
        members = schema.get("properties", {})
        return {name: sample(chance, item, depth + 1) for name, item in members.items() if chance.random() < 0.9}
    if kind == "array":
        return [sample(chance, schema.get("items", {}), depth + 1) for _ in range(chance.randrange(4))]
    simple: dict[Any, Any] = {"integer": chance.randrange(-2, 9), "number": 1.5, "boolean": chance.random() < 0.5, "null": None}
    if kind in simple:
        return simple[kind]
    fitting = [text for text in TEXTS if isinstance(schema.get("pattern"), str) and _matches(schema["pattern"], text)]
    return chance.choice(fitting or TEXTS)


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return False


async def no_names(*_: Any, **__: Any) -> NoReturn:
    """In place of the system's resolver: mutated names are never looked up."""
    raise socket.gaierror(socket.EAI_NONAME, "not looked up in tests")
