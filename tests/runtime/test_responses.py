from __future__ import annotations

from typing import Any

import pytest

from gateway.runtime.responses import sendable_header, sendable_status


@pytest.mark.parametrize(
    ("value", "status"),
    [
        (200, 200),
        (599, 599),
        ("201", 201),
        (199, None),
        (600, None),
        (999, None),
        ("200 OK", None),
        ("+20", None),
        ("٢٠٠", None),
        (True, None),
        (200.0, None),
        (None, None),
    ],
)
def test_statuses(value: Any, status: int | None) -> None:
    assert sendable_status(value) == status


@pytest.mark.parametrize(
    ("name", "sendable"),
    [
        ("X-Total", True),
        ("cache-control", True),
        ("Content-Length", False),
        ("X-Request-Id", False),
        ("Bad Header", False),
        ("", False),
        ("a\n", False),
    ],
)
def test_headers(name: str, sendable: bool) -> None:
    assert sendable_header(name) is sendable
