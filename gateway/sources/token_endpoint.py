"""Asks an authorisation server for a token of the gateway's own (RFC 6749 §4.4, client credentials).

Whatever goes wrong, neither the secret nor a token nor the server's own words get into an error, a log record or a metric.
"""

from __future__ import annotations

import re
from base64 import b64encode
from ipaddress import ip_address
from typing import Any, NamedTuple
from urllib.parse import quote_plus, urlencode, urlsplit

from gateway.sdk import (
    BackendError,
    BackendFailure,
    BadResponse,
    Clock,
    Derived,
    HttpClient,
    HttpRequest,
    HttpResponse,
    Services,
    Unavailable,
)
from gateway.sources.decoding import decode_body

PATIENCE = 10.0
"""Seconds that one request for a token may take, however long its callers wait."""

LARGEST = 64 << 10
"""Bytes of the server's answer."""

ASSUMED = 300.0
"""Seconds that a token is used where the server doesn't say for how long it is good."""

LONGEST = 86_400.0
"""Seconds; a token is not used longer than that, whatever the server says."""

TOKEN = re.compile(r"[A-Za-z0-9._~+/-]{1,16384}={0,2}")
"""RFC 6750 §2.1."""

SECONDS = re.compile(r"[0-9]{1,10}")
TOLD = frozenset({
    "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope",
})  # fmt: skip
"""The error codes of RFC 6749 §5.2; of what a server says, only these words are repeated, and only in the log."""

UNPROVEN = "The gateway could not prove itself to a backend."


class Grant(NamedTuple):
    """A token, and the seconds that it is good for."""

    token: str
    lifetime: float

    def __repr__(self) -> str:
        return "Grant()"


class Client:
    """The gateway's name and secret, as the server wants them: HTTP Basic of form-encoded texts (RFC 6749 §2.3.1)."""

    __slots__ = ("authorization",)

    def __init__(self, name: str, secret: str) -> None:
        """Raises `ValueError` where one of them is empty."""
        for what, text in (("client_id", name), ("client_secret", secret)):
            if not text:
                raise ValueError(f"`{what}` is empty")
        pair = f"{quote_plus(name)}:{quote_plus(secret)}"
        self.authorization = f"Basic {b64encode(pair.encode()).decode()}"

    def __repr__(self) -> str:
        return "Client()"


class TokenEndpoint:
    """One server's endpoint. `client` is another object once a secret has changed."""

    def __init__(self, http: HttpClient, target: str, *, client: Derived[Client], form: dict[str, str], services: Services) -> None:
        self._http = http
        self._target = target
        self._client = client
        self._body = urlencode(form).encode()
        self._clock: Clock = services.clock
        self._metrics = services.metrics
        self._logger = services.logger
        self._source = services.name

    @property
    def client(self) -> Client:
        """Who asks, as of now."""
        return self._client.value

    async def ask(self) -> Grant:
        """A new token. Raises a `BackendFailure` after `PATIENCE` at the latest."""
        try:
            grant = granted(await self._send())
        except BackendFailure as error:
            self.count(error.code)
            self._logger.warning("no token for source %s: %s%s", self._source, error.code, _reason(error))
            raise type(error)(UNPROVEN) from None
        self.count("ok")
        return grant

    def count(self, result: str) -> None:
        """Counts what came of asking for a token, or of using one."""
        self._metrics.counter(
            "gateway_upstream_tokens_total", "Tokens of the gateway's own, by what came of asking for them.",
            source=self._source, result=result,
        ).inc()  # fmt: skip

    async def _send(self) -> HttpResponse:
        headers = (
            ("Authorization", self.client.authorization),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Accept", "application/json"),
        )
        deadline = self._clock.monotonic() + PATIENCE
        return await self._http.send(
            HttpRequest("POST", self._target, deadline, headers, self._body, idempotent=True, max_body=LARGEST),
        )


def granted(answer: HttpResponse) -> Grant:
    """Reads the answer (RFC 6749 §5.1). Raises the `BackendFailure` that it stands for, with the server's error code as detail."""
    body = decode_body(answer.status_code, answer.headers, answer.body)
    if answer.status_code != 200:
        raise _failure(answer.status_code, body)
    if not isinstance(body, dict):
        raise BadResponse(detail_code="no object")
    token, kind = body.get("access_token"), body.get("token_type")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise BadResponse(detail_code="token_type is not Bearer")
    if not isinstance(token, str) or not TOKEN.fullmatch(token):
        raise BadResponse(detail_code="access_token is not a token")
    return Grant(token, lifetime(body.get("expires_in")))


def lifetime(stated: Any) -> float:
    """Seconds that a token is good for; some servers write the number as a text. Raises `BadResponse` for what is no length of time."""
    if stated is None:
        return ASSUMED
    if isinstance(stated, str) and SECONDS.fullmatch(stated):
        stated = int(stated)
    if isinstance(stated, bool) or not isinstance(stated, int | float) or not stated > 0:
        raise BadResponse(detail_code="expires_in is no length of time")
    return float(stated) if stated < LONGEST else LONGEST


def _failure(status: int, body: Any) -> BackendFailure:
    told = body.get("error") if isinstance(body, dict) else None
    detail = told if isinstance(told, str) and told in TOLD else f"status {status}"
    return Unavailable(detail_code=detail) if status in (408, 425, 429) or status >= 500 else BackendError(detail_code=detail)


def _reason(error: BackendFailure) -> str:
    return f" ({error.detail_code})" if error.detail_code else ""


class Address(NamedTuple):
    """Where tokens are got: a base URL and the target below it."""

    base: str
    target: str


def address_of(url: str) -> Address:
    """Takes the endpoint's URL apart. Raises `ValueError`, without the URL, for one to which no secret may be sent."""
    if not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError("a token URL is written in ASCII, without blanks")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("this is not a URL") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise ValueError("a token URL is an `https` URL with a host")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise ValueError("a token URL holds neither a user nor a fragment")
    if parts.scheme == "http" and not _loopback(parts.hostname):
        raise ValueError("a token URL must be `https`: the client's secret would be sent in plain text")
    query = f"?{parts.query}" if parts.query else ""
    return Address(f"{parts.scheme}://{parts.netloc}", f"{parts.path or '/'}{query}")


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
