"""How long a backend lets its answer be used (RFC 9111, RFC 5861), told from the answer's headers.

Backends are not believed where they contradict themselves: what can't be read, or stands there twice with different values, counts as the
shorter time. Times are in seconds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

LONGEST = 365 * 86400.0
"""Longer times are taken for this long."""

LONGEST_HEADER = 4096
"""Signs; a longer `Cache-Control` is not read, and its answer not kept."""

LONGEST_VALIDATOR = 1024

PER_REQUEST = frozenset({"*", "traceparent", "tracestate", "x-deadline-ms"})
"""What `Vary` may not name: everything else that is sent is the same for equal keys (`gateway.sdk.sharing`), these never are."""

_DIRECTIVE = re.compile(r"""([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:[ \t]*=[ \t]*(?:"([^"]*)"|([^\s",;]*)))?""")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TIME = r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
_DATES = tuple(
    re.compile(form, re.ASCII)
    for form in (
        rf"[A-Z][a-z]{{2}}, (?P<day>\d\d) (?P<month>[A-Z][a-z]{{2}}) (?P<year>\d{{4}}) {_TIME} GMT",
        rf"[A-Z][a-z]{{5,8}}, (?P<day>\d\d)-(?P<month>[A-Z][a-z]{{2}})-(?P<year>\d\d) {_TIME} GMT",
        rf"[A-Z][a-z]{{2}} (?P<month>[A-Z][a-z]{{2}}) (?P<day>[ \d]\d) {_TIME} (?P<year>\d{{4}})",
    )
)
"""The three forms of RFC 9110 section 5.6.7."""


class Control(msgspec.Struct, frozen=True):
    """`Cache-Control`. `directives` are by name in lower case, with the value of each (empty where it has none)."""

    directives: Mapping[str, str]
    readable: bool = True

    def __contains__(self, name: str) -> bool:
        return name in self.directives

    def seconds(self, name: str) -> float | None:
        """None where the directive is not there, 0 where it says nothing that can be read."""
        value = self.directives.get(name)
        return None if value is None else _seconds(value) or 0.0


class Terms(msgspec.Struct, frozen=True):
    """What a backend grants: `age` is how old its answer was when it came, `fresh` for how long it is fresh from its birth on.

    `kept` is false where it may not be kept at all, `private` true where only one caller may be given it. `strict` forbids to use it
    when it is no longer fresh, unless the backend was asked. `while_revalidate` and `if_error` are None where nothing is said of them.
    """

    kept: bool
    private: bool
    age: float = 0.0
    fresh: float = 0.0
    strict: bool = False
    while_revalidate: float | None = None
    if_error: float | None = None
    etag: str | None = None
    modified: str | None = None


def terms_of(headers: Mapping[str, str], *, shared: bool, took: float, now: datetime) -> Terms:
    """`headers` by name in lower case, repeated ones joined by commas; `took` is how long the answer took, `now` when it came.

    `shared` tells whether several callers would be given it, which makes a difference for `s-maxage` and `proxy-revalidate`.
    """
    control = control_of(headers.get("cache-control"))
    private = is_private(control, headers)
    if not control.readable or "no-store" in control or varies(headers) or (private and shared):
        return Terms(False, private)
    date = http_date(headers.get("date", "")) or now
    lasting = _lifetime(control, headers, date, shared=shared)
    fresh = 0.0 if lasting is None or "no-cache" in control else lasting
    swr, sie = control.seconds("stale-while-revalidate"), control.seconds("stale-if-error")
    proxied = "proxy-revalidate" in control or ("s-maxage" in control and swr is None and sie is None)
    return Terms(
        kept=True,
        private=private,
        age=_age(headers, date, took, now),
        fresh=fresh,
        strict="must-revalidate" in control or "no-cache" in control or (shared and proxied),
        while_revalidate=swr,
        if_error=sie,
        etag=_validator(headers.get("etag")),
        modified=_validator(headers.get("last-modified")),
    )


def control_of(written: str | None) -> Control:
    """Reads `Cache-Control` (RFC 9111 section 5.2). Of a directive that stands there twice with different values nothing is believed."""
    if written is None:
        return Control({})
    if len(written) > LONGEST_HEADER or written.count('"') % 2:
        return Control({}, readable=False)
    directives: dict[str, str] = {}
    for name, quoted, plain in _DIRECTIVE.findall(written):
        value = quoted or plain
        known = directives.setdefault(name.lower(), value)
        if known != value:
            directives[name.lower()] = "?"
    return Control(directives)


def is_private(control: Control, headers: Mapping[str, str]) -> bool:
    """Whether an answer is for one caller: it says so, can't be read, or sets a cookie."""
    return not control.readable or "private" in control or "no-store" in control or "set-cookie" in headers


def for_one_caller(headers: Mapping[str, str]) -> bool:
    """Whether an answer may not even be given to others who asked for the same at the same time. `no-store` alone says nothing of whom an
    answer is for."""
    control = control_of(headers.get("cache-control"))
    return not control.readable or "private" in control or "set-cookie" in headers


def varies(headers: Mapping[str, str]) -> bool:
    """Whether it depends on what no two requests have in common."""
    return any(name.strip().lower() in PER_REQUEST for name in headers.get("vary", "").split(","))


def same_validator(one: str | None, other: str | None) -> bool:
    """The weak comparison of entity tags (RFC 9110 section 8.8.3.2); one that isn't there contradicts nothing."""
    return one is None or other is None or one.removeprefix("W/") == other.removeprefix("W/")


def http_date(written: str) -> datetime | None:
    """A date in one of the forms of HTTP, None for anything else."""
    if len(written) > 40:
        return None
    found = next((match for form in _DATES if (match := form.fullmatch(written))), None)
    if found is None or found["month"].lower() not in _MONTHS:
        return None
    year = int(found["year"])
    if len(found["year"]) == 2:
        year += 1900 if year >= 70 else 2000
    try:
        return datetime(
            year, _MONTHS.index(found["month"].lower()) + 1, int(found["day"]),
            int(found["hour"]), int(found["minute"]), min(int(found["second"]), 59), tzinfo=UTC,
        )  # fmt: skip
    except ValueError:
        return None


def _lifetime(control: Control, headers: Mapping[str, str], date: datetime, *, shared: bool) -> float | None:
    """RFC 9111 section 4.2.1. No guess is made where nothing is said."""
    if shared and (granted := control.seconds("s-maxage")) is not None:
        return granted
    if (granted := control.seconds("max-age")) is not None:
        return granted
    if "expires" not in headers:
        return None
    expires = http_date(headers["expires"])
    return 0.0 if expires is None else min(max(0.0, (expires - date).total_seconds()), LONGEST)


def _age(headers: Mapping[str, str], date: datetime, took: float, now: datetime) -> float:
    """RFC 9111 section 4.2.3."""
    told = _seconds(headers.get("age", "").partition(",")[0].strip()) or 0.0
    return max(told + took, (now - date).total_seconds(), 0.0)


def _seconds(written: str) -> float | None:
    """RFC 9111 section 1.2.2; None for what is no such number."""
    if not (written.isascii() and written.isdigit()):
        return None
    return LONGEST if len(written) > 9 else min(float(written), LONGEST)


def _validator(written: str | None) -> str | None:
    return written if written and len(written) <= LONGEST_VALIDATOR else None
