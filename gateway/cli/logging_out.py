"""The process's log on stderr, in the form that `telemetry.logs` asks for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager

from gateway.runtime.plan import Plan
from gateway.telemetry.log_turns import Turns
from gateway.telemetry.logs import LogWriter


@contextmanager
def logging_to_stderr(plan: Plan) -> Iterator[None]:
    """Writes the log off the request path, and what is left of it at the end."""
    writer = LogWriter(sys.stderr, service=plan.name, form=plan.logs, hide=plan.hide_in_logs)
    writer.start()
    try:
        yield
    finally:
        writer.close()


@contextmanager
def logging_together(plan: Plan) -> Iterator[LogWriter]:
    """The same for a process that forks others, which write to the same stderr."""
    with closing(Turns()) as turns:
        writer = LogWriter(sys.stderr, service=plan.name, form=plan.logs, hide=plan.hide_in_logs, turns=turns)
        writer.start(at_once=True)
        try:
            yield writer
        finally:
            writer.close()
