"""One run of the canary test: the assistant, its backends, those who ask, and the lookout over everything that leaves."""

from __future__ import annotations

import asyncio
import logging
import random
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from gateway import app
from gateway.server.application import Application
from gateway.telemetry.logs import LogWriter
from tests.scenarios.canary_assistant import write_assistant
from tests.scenarios.canary_backends import BAD_DAY, Backends, serving
from tests.scenarios.canary_requests import Asked, Questions
from tests.scenarios.canary_visitors import Visitor, people, visitors
from tests.scenarios.canary_words import Lookout
from tests.server.gateways import Client, Received

AT_ONCE = 60
PATIENCE = 15.0
"""Seconds in which every request has to be answered."""

CANCELS = (0.0, 0.0, 0.001, 0.004, 0.06)


class Seen:
    """A text stream that looks at what is written to it, and keeps nothing."""

    def __init__(self, lookout: Lookout) -> None:
        self._lookout = lookout
        self.lines = 0

    def write(self, text: str) -> int:
        for line in text.splitlines():
            self.lines += 1
            self._lookout.look(line, "log")
        return len(text)

    def flush(self) -> None:
        """There is nothing to flush."""


class Heard(logging.Handler):
    """Every log record of every library in full, with what exceptions say: more than the gateway's own log ever shows."""

    def __init__(self, lookout: Lookout) -> None:
        super().__init__(logging.DEBUG)
        self._lookout = lookout
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        fields = getattr(record, "fields", {})
        self._lookout.look(f"{self.format(record)} {fields}", f"record of {record.name}")


class Run:
    """A gateway under way. `statuses` counts how requests ended; `decided` tells of answers that stand for a decision what it was."""

    def __init__(self, application: Application, backends: Backends, lookout: Lookout, folder: Path) -> None:
        self.application = application
        self.backends = backends
        self.lookout = lookout
        self.statuses: Counter[str] = Counter()
        self._public, self._operators = Client(application), Client(application.admin_asgi)
        self._database = folder / "records.db"
        self._number = 0
        self.decided: dict[str, str] = {}

    async def storm(self, answers: int, *, seed: int, hostile: float = 0.0, faulty: bool = False, cancelled: float = 0.0) -> None:
        """Asks until so many answers have come, or a canary was found."""
        drawn = random.Random(seed)
        everybody, questions = visitors(), Questions(seed, hostile)
        self.backends.behave(BAD_DAY if faulty else (1, *(0,) * (len(BAD_DAY) - 1)))
        wanted = self.answered + answers

        async def ask_on() -> None:
            while self.answered < wanted and not self.lookout.leaks:
                visitor = drawn.choice(everybody)
                await self._ask(visitor, questions.draw(visitor), drawn.choice(CANCELS) if drawn.random() < cancelled else None)

        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(ask_on())
        await self.look_inside()

    @property
    def answered(self) -> int:
        """How many answers came."""
        return self.statuses.total() - self.statuses["hung up"] - self.statuses["cancelled"]

    async def _ask(self, visitor: Visitor, asked: Asked, leave_after: float | None) -> None:
        self._number += 1
        headers = [*visitor.headers, *asked.headers]
        if not any(name == b"x-request-id" for name, _ in headers):
            headers.append((b"x-request-id", b"canary-%d" % self._number))
        gone = asyncio.Event()
        sending = self._public.send(asked.method, asked.path, asked.body, headers, key=None, host=False, hang_up=gone)
        async with asyncio.timeout(PATIENCE):
            answer = await (sending if leave_after is None else self._impatient(sending, gone, leave_after))
        if answer is None or answer.status == 0:
            self.statuses["cancelled" if answer is None else "hung up"] += 1
            return
        self.statuses[str(answer.status)] += 1
        where = f"{answer.status} to {visitor.name} of {asked.method} {asked.path} {asked.body[:200]!r}"
        self.lookout.look(b"\n".join([*(b"%s: %s" % each for each in answer.headers), answer.body]), where, visitor.may_see)
        self._note(answer)

    def _note(self, answer: Received) -> None:
        """Remembers a decision by the request's id, where we gave it one of its own."""
        request_id = answer.header("x-request-id") or ""
        if not request_id.startswith("canary-"):
            return
        if answer.status in (401, 403):
            # The step `me` fails for want of a token to pass on: nobody denied that.
            self.decided[request_id] = "allowed" if b'"step":"me"' in answer.body else "denied"
        elif answer.status >= 500 or (answer.status == 200 and answer.body.startswith(b'{"intent":')):
            self.decided[request_id] = "allowed"

    async def _impatient(self, sending: Any, gone: asyncio.Event, after: float) -> Received | None:
        """Half hang up, as clients do; half are cancelled from outside, as by a server that stops."""
        self._number += 1
        task = asyncio.create_task(sending)
        asyncio.get_running_loop().call_later(after, gone.set if self._number % 2 else task.cancel)
        try:
            received: Received = await task
        except asyncio.CancelledError:
            if not task.cancelled():
                raise
            return None
        return received

    async def look_inside(self) -> None:
        """At what operators see."""
        for path in ("/metrics", "/readyz?verbose", "/healthz", "/admin"):
            shown = await self._operators.get(path)
            self.lookout.look(b"%r %s" % (shown.headers, shown.body), f"operators' {path}")

    def records(self) -> Iterator[dict[str, Any]]:
        """All audit records, looked at, once the gateway has stopped."""
        with sqlite3.connect(self._database) as connection:
            for (body,) in connection.execute("SELECT body FROM gateway_audit_records ORDER BY sequence"):
                self.lookout.look(body, "audit record")
                yield msgspec.json.decode(body)
        connection.close()


@asynccontextmanager
async def canary_run(folder: Path, seed: int = 1) -> AsyncIterator[Run]:
    """Starts everything and, in the end, stops it."""
    lookout = Lookout()
    lookout.forbid(["127.0.0.1", "SELECT ", "invoice_lines", "sqlite", str(folder)])
    async with serving(lookout, random.Random(seed)) as backends:
        folder.mkdir(exist_ok=True)
        environ = write_assistant(folder, people(), backends)
        prepared = app.prepare(folder, environ=environ)
        errors = [
            f"{each.code} {each.place.file}:{each.place.line} {each.message}" for each in prepared.problems if each.severity == "error"
        ]
        assert not errors, "\n".join(errors)
        lookout.look("\n".join(str(problem) for problem in prepared.problems), "problems")
        application = app.application(prepared)
        logs, heard = LogWriter(Seen(lookout), service="acme"), Heard(lookout)  # type: ignore[arg-type]
        logs.start(logging.DEBUG)
        logging.getLogger().addHandler(heard)
        await application.startup()
        try:
            yield Run(application, backends, lookout, folder)
        finally:
            await application.shutdown()
            logging.getLogger().removeHandler(heard)
            logs.close()
