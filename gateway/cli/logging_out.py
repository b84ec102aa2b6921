"""The process's log on stderr, in the form that `telemetry.logs` asks for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from gateway.runtime.plan import Plan
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
