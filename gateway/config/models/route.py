"""A route: an HTTP address of one's own for an intent, or a way through to a source (language §5)."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET

from gateway.config.models.access import Access
from gateway.config.models.pipeline import StageUse
from gateway.config.models.reply import Text
from gateway.sdk.fields import Duration, Name, Size, Template, described, form, planned, protects
from gateway.sdk.source_config import Model

Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

_SEGMENT = r"(?:(?:[^/?#\s{}*:][^/?#\s{}*]*)?|\{[a-z][a-z0-9_]*\}|\*\*?)"
PATH_PATTERN = rf"^/{_SEGMENT}(?:/{_SEGMENT})*$"
"""A segment that begins with `:` is another framework's `{name}`."""


class Match(Model, frozen=True, kw_only=True):
    """Which requests the route answers. The most specific path wins."""

    method: Annotated[
        Method | Annotated[list[Method], msgspec.Meta(min_length=1)] | None, described("Method or methods; GET where unset.")
    ] = None
    path: Annotated[
        Annotated[str, msgspec.Meta(pattern=PATH_PATTERN), form("a path such as `/orders/{order_id}` or `/files/**`")],
        described("Path; `{name}` takes one segment, `**` at the end all that follow."),
    ]
    host: Annotated[str | list[str] | None, protects("Host or hosts.")] = None
    headers: Annotated[dict[str, str] | None, protects("Header values that must be there.")] = None
    query: Annotated[dict[str, str] | None, protects("Query values that must be there.")] = None


class Respond(Model, frozen=True, kw_only=True):
    """The route's own form of the answer; without it the whole answer is sent."""

    status: Annotated[int | Text | None, described("HTTP status; that of the answer where unset.")] = None
    headers: Annotated[dict[str, Template], described("Response headers by name.")] = {}
    body: Annotated[Template, described("Response body, made from `output`.")] = UNSET


class ProxyHeaders(Model, frozen=True, kw_only=True):
    """Headers of a proxied request or answer."""

    forward: Annotated[list[str], described("Headers that are passed on; nothing else is.")] = []
    set: Annotated[dict[str, Template], described("Headers that are set.")] = {}
    remove: Annotated[list[str], described("Headers that are taken out.")] = []


class ProxyRequest(Model, frozen=True, kw_only=True):
    """What is changed on the way to the source."""

    headers: Annotated[ProxyHeaders, described("Which request headers are passed on, set and taken out.")] = msgspec.field(
        default_factory=ProxyHeaders
    )
    query: Annotated[dict[str, Template], described("Query parameters that are set.")] = {}
    body: Annotated[Template, described("Another body than the one that came.")] = UNSET
    transform: Annotated[Name | None, described("Name of a transform that reshapes the body.")] = None


class ProxyResponse(Model, frozen=True, kw_only=True):
    """What is changed on the way back."""

    headers: Annotated[ProxyHeaders, described("Response headers by name.")] = msgspec.field(default_factory=ProxyHeaders)
    body: Annotated[Template, described("Another body than the one that came.")] = UNSET
    transform: Annotated[Name | None, described("Name of a transform that reshapes the body.")] = None


class Proxy(Model, frozen=True, kw_only=True):
    """Passes the request on to a source."""

    source: Annotated[Name, described("Name of the source that requests are passed to.")]
    path: Annotated[Text | None, described("Path there; the request's own where unset.")] = None
    timeout: Annotated[Duration | None, described("Longest wait; may only narrow the source's.")] = None
    max_body: Annotated[Size | None, described("Largest request body, such as `1MiB`.")] = None
    request: Annotated[ProxyRequest, described("What is changed on the way there.")] = msgspec.field(default_factory=ProxyRequest)
    response: Annotated[ProxyResponse, described("What is changed on the way back.")] = msgspec.field(default_factory=ProxyResponse)


class Route(Model, frozen=True, kw_only=True):
    """An HTTP address for an intent, or a way through to a source: exactly one of `intent` and `proxy`."""

    exactly_one = (("intent", "proxy"),)
    only_with = {"input": ("intent",), "respond": ("intent",)}

    route: Annotated[Name, described("Its name.")]
    summary: Annotated[str | None, described("What it is for, in a line.")] = None
    match: Annotated[Match, described("Which requests it answers.")]
    access: Annotated[Access, described("Who may use it, besides those that a policy allows.")] = msgspec.field(default_factory=Access)
    intent: Annotated[Name | None, described("Name of the intent that answers.")] = None
    input: Annotated[dict[str, Template], described("The intent's input, made from `request`.")] = {}
    respond: Annotated[Respond | None, described("The route's own form of the answer; without it the whole answer is sent.")] = None
    proxy: Annotated[Proxy | None, planned("Passes the request on to a source.")] = None
    pipeline: Annotated[
        list[StageUse], described("Stages that are added for this route: `use: cors` with the options of `server.cors`, in its place.")
    ] = []
