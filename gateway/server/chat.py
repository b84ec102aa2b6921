"""`POST /v1/chat`: every frontend, every intent (interfaces §1)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from gateway.sdk import Exchange, InvalidRequest, Malformed
from gateway.server.endpoint import Incoming, IntentEndpoint
from gateway.server.request_body import read_json
from gateway.server.request_head import idempotency_key

MOST_SHOWN = 10
"""Unknown members that are named in a refusal."""

FORMS = {"locale": "must be a language tag such as `de-DE`", "channel": "must be a name such as `web`"}
"""What is told of a member whose text has not its form."""

Field = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class ChatRequest(msgspec.Struct, frozen=True):
    """The body. `intent` with `input`, or `message`, or both: the intent then wins."""

    intent: str | None = None
    input: dict[str, Any] | None = None
    message: str | None = None
    session: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] | None = None
    locale: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,4}\Z")] | None = None
    channel: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")] | None = None
    fields: Annotated[list[Field], msgspec.Meta(max_length=100)] | None = None
    version: Annotated[int, msgspec.Meta(ge=1)] | None = None
    mode: Literal["sync", "async"] | None = None
    idempotency_key: str | None = None


MEMBERS = frozenset(ChatRequest.__struct_fields__)


class Chat(IntentEndpoint):
    """Reads a `ChatRequest`."""

    def read(self, exchange: Exchange, incoming: Incoming) -> None:
        """Raises `Malformed` for what is no such request, `InvalidRequest` for `mode: async`, which is not in force yet."""
        request = parse(read_json(incoming.body, exchange.headers))
        if request.intent is None and request.message is None:
            raise Malformed("A request names an `intent`, or has a `message`.")
        if request.mode == "async":
            raise InvalidRequest("Answers come at once here; `mode: async` is not available.")
        exchange.intent = request.intent
        exchange.input = request.input or {}
        exchange.message = request.message
        exchange.session = request.session
        exchange.fields = request.fields
        exchange.version = request.version
        if request.locale is not None:
            exchange.languages = (request.locale, *exchange.languages)
        exchange.channel = request.channel or exchange.channel
        if request.idempotency_key is not None:
            exchange.idempotency_key = _one_key(exchange.idempotency_key, request.idempotency_key)


def parse(body: Any) -> ChatRequest:
    """Raises `Malformed` with a JSON pointer for each unknown member, or for the first that has the wrong type."""
    if not isinstance(body, dict):
        raise Malformed("The body must be a JSON object.")
    unknown = sorted(body.keys() - MEMBERS)
    if unknown:
        raise Malformed(
            "The body has unknown members.",
            details=[{"pointer": pointer([name[:200]]), "message": "is not known here"} for name in unknown[:MOST_SHOWN]],
        )
    try:
        return msgspec.convert(body, ChatRequest)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `")
        where = place.rstrip("`").removeprefix("$").replace("[", ".").replace("]", "").removeprefix(".")
        if "matching regex" in message:
            message = FORMS[where]
        raise Malformed(
            "The body is not a valid request.", details=[{"pointer": pointer(where.split(".") if where else []), "message": message}]
        ) from None


def pointer(path: list[str]) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in path)


def _one_key(header: str | None, member: str) -> str:
    if header is not None and header != member:
        raise Malformed("`idempotency_key` and the header `Idempotency-Key` differ.")
    return idempotency_key(member)
