"""Headers whose value holds a secret, made anew when it changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from gateway.sdk import Derived, InvalidRequest, Path, Services
from gateway.sources.backend_auth import Proof
from gateway.sources.wire_text import header_value

CREDENTIALS = frozenset({"authorization", "cookie", "x-api-key"})
"""Headers that are secret even where their value is written in the file."""


def secret_headers(services: Services, headers: Mapping[str, tuple[str, str]], path: Path) -> Iterator[Derived[Proof]]:
    """Those of a source's `headers` (by lower-case name, as written) that are secret, to be sent instead of what was read at load."""
    for lower, (name, _) in headers.items():
        text = services.secret(headers[lower][1], path=(*path, name))
        if text.secret or lower in CREDENTIALS:
            yield Derived(header_proof(name), text, refused=kept(services))


def header_proof(name: str) -> Callable[[str], Proof]:
    """Makes the header anew of each value. Raises `ValueError` for one that can't be sent."""
    return lambda value: Proof(name, checked_value(value), secrets_of(value))


def secrets_of(value: str) -> tuple[str, ...]:
    """What is secret in a header's value: all of it, and what is behind the name of a scheme, as in `Bearer …`."""
    value = value.strip(" \t")
    return value, value.partition(" ")[2].strip()


def checked_value(value: str) -> str:
    """A value that a header can carry. Raises `ValueError`, in words that go behind "the key", for any other."""
    try:
        text = header_value("", value)
    except InvalidRequest:
        raise ValueError("holds characters that a header can't carry") from None
    if not text:
        raise ValueError("is empty")
    return text


def kept(services: Services) -> Callable[[], None]:
    """What happens where a secret has a new value that can't be used: a count and a log record."""
    refusals = services.metrics.counter(
        "gateway_upstream_secrets_refused_total", "New values of secrets that a source can't use; the last good one is kept.",
        source=services.name,
    )  # fmt: skip

    def refused() -> None:
        refusals.inc()
        services.logger.error("a secret of source %s has a new value that can't be used; the last one is kept", services.name)

    return refused
