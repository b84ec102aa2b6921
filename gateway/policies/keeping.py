"""Whether an answer of an operation is kept, and for how long: by the written times, or with `ttl: auto` by the backend's own headers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from gateway.policies.freshness import control_of, is_private, terms_of
from gateway.sdk import Call, Clock, Compiled, ExpressionFault, NotFound, Response, Result
from gateway.sdk.kept import Absence, Form, Kept
from gateway.sdk.source_config import Cache

VALIDATED = 3600.0
"""Seconds for which an answer that is no longer fresh is kept to be asked about with its validator."""

PARTIAL = 206
LONGEST_TAG = 256

NEVER_KEPT = frozenset({"set-cookie", "set-cookie2", "www-authenticate", "authentication-info", "proxy-authentication-info"})
"""Headers of an answer that are one exchange's own."""

OF_ONE_ANSWER = frozenset({"age", "date"})
"""Headers that a later answer doesn't leave in force by not having them."""


class Asked(msgspec.Struct, frozen=True):
    """When an answer was asked for: on the monotonic scale, and in wall time. `wide` where several callers would be given it; `tenant` is
    whose it is."""

    began: float
    at: float
    wide: bool
    tenant: str


class Packed(msgspec.Struct, frozen=True):
    """An operation's result as plain data; without `body` where that is the value itself."""

    value: Any
    status_code: int
    headers: dict[str, str]
    body: Any | msgspec.UnsetType = msgspec.UNSET


def _pack(result: Result) -> Packed:
    response = result.response
    body = msgspec.UNSET if response.body is result.value else response.body
    return Packed(result.value, response.status_code, dict(response.headers), body)


def _unpack(packed: Packed) -> Result:
    body = packed.value if packed.body is msgspec.UNSET else packed.body
    return Result(packed.value, Response(body, packed.status_code, packed.headers))


RESULT: Form[Result] = Form(Packed, _pack, _unpack)


class Keeping:
    """What one operation's `cache` says. `validates` where its answers can be asked about with their validators."""

    def __init__(self, config: Cache, tags: Sequence[Compiled], clock: Clock, *, validates: bool) -> None:
        self._config = config
        self._tags = tuple(tags)
        self._clock = clock
        self._auto = math.isnan(config.ttl)
        self._validates = validates and self._auto

    def answer(self, result: Result, call: Call, asked: Asked) -> Kept[Result] | None:
        """None for an answer that may not be kept, or that nobody could be given."""
        headers = result.response.headers
        kept = self._by_headers(result.response, asked) if self._auto else self._as_written(headers, asked)
        if kept is None:
            return None
        try:
            kept.tags = self._tags_of(call)
        except ExpressionFault:
            return None  # what could not be purged
        kept.content = _lean(result)
        return kept

    def absence(self, error: NotFound, call: Call, asked: Asked) -> Kept[Result] | None:
        """None where absences are not remembered, or this one was told to one caller alone and others could be given it."""
        if not self._config.negative or (asked.wide and error.private):
            return None
        absence = Absence(error.message, error.status_code, error.detail_code)
        lasts = float(self._config.negative)
        kept: Kept[Result] = Kept(None, self._clock.monotonic(), asked.at, lasts, absence=absence, tenant=asked.tenant)
        try:
            kept.tags = self._tags_of(call)
        except ExpressionFault:
            return None
        return kept

    def renewed(self, kept: Kept[Result], response: Response, asked: Asked) -> Kept[Result] | None:
        """The same answer, which the backend says is still good (RFC 9111 section 4.3.4): what its headers say now holds."""
        content = kept.content
        if content is None:
            return None
        earlier = {name: value for name, value in content.response.headers.items() if name not in OF_ONE_ANSWER}
        merged = msgspec.structs.replace(content.response, headers={**earlier, **response.headers})
        anew = self._by_headers(merged, asked)
        if anew is not None:
            anew.content = _lean(Result(content.value, merged))
            anew.tags = kept.tags
        return anew

    def _as_written(self, headers: Mapping[str, str], asked: Asked) -> Kept[Result] | None:
        """The written times hold, whatever the backend says; but what it says is for one caller is never given to another."""
        if asked.wide and is_private(control_of(headers.get("cache-control")), headers):
            return None
        config = self._config
        return Kept(
            None, self._clock.monotonic(), asked.at, float(config.ttl), float(config.stale_while_revalidate or 0.0),
            float(config.stale_if_error or 0.0), tenant=asked.tenant,
        )  # fmt: skip

    def _by_headers(self, response: Response, asked: Asked) -> Kept[Result] | None:
        now = self._clock.monotonic()
        terms = terms_of(response.headers, shared=asked.wide, took=max(0.0, now - asked.began), now=self._clock.now())
        if not terms.kept or response.status_code == PARTIAL:
            return None
        swr, sie = self._config.stale_while_revalidate, self._config.stale_if_error
        validated = VALIDATED if self._validates and (terms.etag or terms.modified) else 0.0
        kept: Kept[Result] = Kept(
            None,
            now - terms.age,
            asked.at,
            terms.fresh,
            0.0 if terms.strict else (terms.while_revalidate or 0.0) if swr is None else float(swr),
            0.0 if terms.strict else (terms.if_error or 0.0) if sie is None else float(sie),
            etag=terms.etag if validated else None,
            modified=terms.modified if validated else None,
            validators=validated,
            tenant=asked.tenant,
        )
        return kept if terms.age < kept.lasts else None

    def _tags_of(self, call: Call) -> tuple[str, ...]:
        if not self._tags:
            return ()
        scope = {**call.context.scope, "args": call.arguments}
        return tuple(tag_of(tag(scope)) for tag in self._tags)


def conditions(kept: Kept[Result] | None) -> tuple[tuple[str, str], ...]:
    """The headers that ask whether an answer is still good (RFC 9110 section 13.1)."""
    if kept is None or kept.content is None:
        return ()
    if kept.etag is not None:
        return (("If-None-Match", kept.etag),)
    return () if kept.modified is None else (("If-Modified-Since", kept.modified),)


def tag_of(value: Any) -> str:
    """What `tags` gave as a name. Raises `ExpressionFault` for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int) or len(text := str(value)) > LONGEST_TAG:
        raise ExpressionFault("A tag is a text of at most 256 signs.")
    return text


def _lean(result: Result) -> Result:
    headers = result.response.headers
    if NEVER_KEPT.isdisjoint(headers):
        return result
    return Result(result.value, msgspec.structs.replace(result.response, headers=_without(headers)))


def _without(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in NEVER_KEPT}
