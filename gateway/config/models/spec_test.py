"""A spec test: what an intent must answer, given what its backends say (language §8)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from gateway.sdk.answer import Level, Status
from gateway.sdk.fields import Duration, Name, described
from gateway.sdk.source_config import Model, Positive


class ExpectedCalls(Model, frozen=True, kw_only=True):
    """How an operation must have been used."""

    requests: Annotated[Annotated[int, msgspec.Meta(ge=0)] | None, described("How many requests were sent.")] = None
    arguments: Annotated[Any, described("Arguments that the operation must have got.")] = msgspec.UNSET


class ExpectedError(Model, frozen=True, kw_only=True):
    """An entry that `errors` must hold."""

    step: Annotated[str | None, described("Step that failed.")] = None
    code: Annotated[str | None, described("Code of the error, such as `timeout`.")] = None
    detail_code: Annotated[str | None, described("The business's own code.")] = None


class ExpectedText(Model, frozen=True, kw_only=True):
    """What a reply must say."""

    equals: Annotated[str | None, described("The whole text of the reply.")] = None
    contains: Annotated[str | None, described("A part of the reply's text.")] = None
    matches: Annotated[str | None, described("A pattern that the text meets (RE2).")] = None


class Expect(Model, frozen=True, kw_only=True):
    """What must come of it."""

    status: Annotated[Status | None, described("The answer's status, such as `complete` or `partial`.")] = None
    level: Annotated[Level | None, described("The answer's level, such as `full` or `reduced`.")] = None
    code: Annotated[str | None, described("Code of the error that the whole answer is, such as `not_found`.")] = None
    output: Annotated[Any, described("Members that the output must have; numbers compare as numbers.")] = msgspec.UNSET
    reply: Annotated[str | ExpectedText | None, described("What the reply must say.")] = None
    errors: Annotated[list[ExpectedError] | None, described("Entries that `errors` must have.")] = None
    calls: Annotated[dict[str, ExpectedCalls], described("How operations must have been used.")] = {}
    not_called: Annotated[list[str], described("Operations that must not have been used.")] = []
    order: Annotated[list[str], described("Operations in the order of their first use.")] = []
    within: Annotated[Duration | None, described("Longest time, on the virtual clock.")] = None


class Case(Model, frozen=True, kw_only=True):
    """One case."""

    name: Annotated[str, described("What the case shows, in a few words.")]
    input: Annotated[dict[str, Any], described("The intent's input.")] = {}
    given: Annotated[
        dict[str, Any],
        described("What backends answer, by `source.operation`: a value, `$by`, `$file`, `$fault` or `$sequence`."),
    ] = {}
    expect: Annotated[Expect, described("What must come of it.")]
    as_: Annotated[dict[str, Any] | Literal["anonymous"] | None, described("Who asks; the document's `as` where unset.")] = msgspec.field(
        name="as", default=None
    )
    version: Annotated[Positive | None, described("Version of the intent that is asked for.")] = None
    locale: Annotated[str | None, described("The caller's locale, such as `de-DE`.")] = None
    channel: Annotated[str | None, described("The caller's channel.")] = None
    tenant: Annotated[str | None, described("The caller's tenant.")] = None
    headers: Annotated[dict[str, str], described("Request headers.")] = {}


class SpecTest(Model, frozen=True, kw_only=True):
    """Cases that one intent must pass, offline."""

    test: Annotated[Name, described("The intent under test.")]
    as_: Annotated[dict[str, Any] | Literal["anonymous"] | None, described("Who asks; anonymous where unset.")] = msgspec.field(
        name="as", default=None
    )
    cases: Annotated[Annotated[list[Case], msgspec.Meta(min_length=1)], described("The cases, each a request and what must come of it.")]
