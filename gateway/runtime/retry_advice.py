"""What a backend's answer says of another try: when (`Retry-After`), and whether at all (`X-Should-Retry`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST = 3600.0
"""Seconds; a backend that names a later time is taken to mean this one."""

MOST_LETTERS = 40
"""Of a date (RFC 9110 §5.6.7): the longest form has 33."""


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait before another try, from 0 to `LONGEST`: a number of them, or a date (RFC 9110 §10.2.3).

    None where nothing is said that can be understood. `now` is the wall clock's time, in UTC.
    """
    said = headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return min(float(said), LONGEST)
    date = _date(said)
    return None if date is None else min(max(0.0, (date - now).total_seconds()), LONGEST)


def _date(said: str) -> datetime | None:
    if not 0 < len(said) <= MOST_LETTERS:
        return None
    try:
        date = parsedate_to_datetime(said)
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def forbids_retry(headers: Mapping[str, str]) -> bool:
    """Whether whoever answered has seen to further tries itself, or wants none.

    `X-Should-Retry: false` is what the clients of OpenAI and Anthropic read (Stripe's have a `Stripe-Should-Retry` of that meaning),
    and what this gateway sends where its own tries are used up: tries of several layers would multiply.
    """
    return headers.get("x-should-retry", "").strip().lower() == "false"
