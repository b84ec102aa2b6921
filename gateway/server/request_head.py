"""The head of a request: from an ASGI scope to an `Exchange`. Nothing is believed that could mean two things."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from gateway.runtime.proxies import Proxies
from gateway.sdk import Clock, Exchange, Malformed, Tenant
from gateway.sdk.host_name import host_name
from gateway.server.client_tls import client_certificate
from gateway.server.refusals import HeadTooLarge

MOST_HEADERS = 100
MOST_BYTES = 32 * 1024
LONGEST_LINE = 8 * 1024
"""Bytes of one header, its name and value; and of the address with its query."""

ONCE = frozenset(
    {
        *("authorization", "x-api-key", "host", "content-type", "content-length", "content-encoding"),
        *("idempotency-key", "x-deadline-ms"),
    }
)
"""Headers that must not be there twice: whoever reads the first would see another request than who reads the last."""

SCHEMES = ("http", "https")
DEADLINE = re.compile(r"[1-9][0-9]{0,8}")
KEY = re.compile(r"[\x21-\x7e]{1,255}")
MOST_LANGUAGES = 20
LOCALE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,4}")

NO_PROXIES = Proxies()

DEFAULT_TENANT = Tenant("default", {"id": "default", "plan": None, "config": {}})
"""The one tenant of a configuration without `tenants`."""


def begin(scope: Any, clock: Clock, proxies: Proxies = NO_PROXIES) -> Exchange:
    """The exchange of a request. What is wrong with its head is kept as its `error`.

    What `X-Forwarded-For`, `-Host` and `-Proto` say counts where one of `proxies` says it; a certificate of such a connection is the
    proxy's, and tells nothing of who calls.
    """
    client = scope.get("client")
    exchange = Exchange(
        request_id="",
        started=clock.monotonic(),
        time=clock.now(),
        tenant=DEFAULT_TENANT,
        method=scope["method"],
        path=scope["path"],
        client_ip=client[0] if client else "",
    )
    exchange.raw_path = scope.get("raw_path") or quote(scope["path"]).encode()
    exchange.query = scope.get("query_string", b"")
    exchange.scheme = scope.get("scheme", "http")
    try:
        exchange.headers = headers = read_headers(scope["headers"])
        exchange.host = _host(headers.get("host"), scope.get("http_version", "1.1"))
        if proxies and proxies.trusts(exchange.client_ip):
            _forwarded(exchange, proxies)
        else:
            exchange.certificate = client_certificate(scope)
        if "x-deadline-ms" in headers:
            exchange.deadline_limit = _deadline(headers["x-deadline-ms"])
        if "idempotency-key" in headers:
            exchange.idempotency_key = idempotency_key(headers["idempotency-key"])
        if "accept-language" in headers:
            exchange.languages = preferred_languages(headers["accept-language"])
    except (Malformed, HeadTooLarge) as error:
        exchange.error = error
    return exchange


def read_headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers by lower-case name; repeated ones are joined by `, ` (RFC 9110 §5.3).

    Names with `_` are left out: some proxies take them for the same as `-`, so they could pass for another header.
    Raises `Malformed` for a repeated one of `ONCE`, `HeadTooLarge`.
    """
    headers: dict[str, str] = {}
    count = size = longest = 0
    for raw_name, raw_value in raw:
        count += 1
        line = len(raw_name) + len(raw_value)
        size += line
        longest = max(longest, line)
        name = raw_name.decode("latin-1")
        if "_" in name:
            continue
        value = raw_value.decode("latin-1")
        if name not in headers:
            headers[name] = value
        elif name in ONCE:
            raise Malformed(f"The header `{name}` was sent more than once.")
        else:
            headers[name] += f", {value}"
    if count > MOST_HEADERS or size > MOST_BYTES or longest > LONGEST_LINE:
        raise HeadTooLarge
    return headers


def idempotency_key(given: str) -> str:
    """Raises `Malformed` for what is no printable ASCII of 1 to 255 characters."""
    if not KEY.fullmatch(given):
        raise Malformed("An idempotency key is 1 to 255 printable ASCII characters without spaces.")
    return given


def preferred_languages(accepted: str) -> tuple[str, ...]:
    """The language tags of an `Accept-Language`, the most wanted first (RFC 9110 §12.5.4)."""
    weighted: list[tuple[float, str]] = []
    for part in accepted.split(",", MOST_LANGUAGES)[:MOST_LANGUAGES]:
        tag, _, parameters = part.partition(";")
        tag = tag.strip()
        weight = _weight(parameters)
        if weight > 0 and LOCALE.fullmatch(tag):
            weighted.append((weight, tag))
    return tuple(tag for _, tag in sorted(weighted, key=lambda each: -each[0]))


def _weight(parameters: str) -> float:
    name, _, value = parameters.partition("=")
    if name.strip() != "q":
        return 1.0
    value = value.strip()
    return float(value) if re.fullmatch(r"[01](?:\.[0-9]{0,3})?", value) else 0.0


def _forwarded(exchange: Exchange, proxies: Proxies) -> None:
    """Believes the proxy; of several hosts and schemes the last is the one that it was asked for itself."""
    exchange.via_proxy = True
    exchange.client_ip = proxies.client(exchange.client_ip, exchange.headers.get("x-forwarded-for"))
    host = exchange.headers.get("x-forwarded-host")
    if host is not None:
        exchange.host = _host(host.rpartition(",")[2].strip(), "1.1")
    scheme = exchange.headers.get("x-forwarded-proto")
    if scheme is not None:
        exchange.scheme = _scheme(scheme.rpartition(",")[2].strip())


def _host(given: str | None, version: str) -> str:
    """The host's name, without its port. HTTP/1.1 demands the header (RFC 9112 §3.2)."""
    if given is None:
        if version == "1.1":
            raise Malformed("The header `host` is missing.")
        return ""
    name = host_name(given)
    if name is None:
        raise Malformed("The header `host` is not valid.")
    return name


def _scheme(given: str) -> str:
    if given.lower() not in SCHEMES:
        raise Malformed("The header `x-forwarded-proto` is not valid.")
    return given.lower()


def _deadline(given: str) -> float:
    if not DEADLINE.fullmatch(given):
        raise Malformed("`X-Deadline-Ms` is a whole number of milliseconds, 1 or more.")
    return int(given) / 1000
