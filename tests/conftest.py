"""What every test has: generated examples that repeat in CI, nothing left running or open, and a closing table of skips."""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import HealthCheck, settings

from tests.leaks import no_sockets_left, no_tasks_left, watch_tasks
from tests.skips import SkipTable

__all__ = ["no_sockets_left", "no_tasks_left"]

# `--hypothesis-profile` overrides the choice made here.
settings.register_profile("ci", derandomize=True, deadline=None, database=None, print_blob=True)
settings.register_profile("dev", deadline=None)
settings.register_profile("slow", deadline=None, max_examples=2_000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci" if os.environ.get("CI") else "dev")


def pytest_configure(config: pytest.Config) -> None:
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # So a shell's background job begins, and every process that a test starts and interrupts would inherit it.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    strict = os.environ.get("GATEWAY_REQUIRE_SERVICES") == "1"
    config.pluginmanager.register(SkipTable(require_services=strict), "skip-table")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    watch_tasks(items)
