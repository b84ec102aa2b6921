"""Addresses of `route:` documents: an intent's input made from the request, and its answer in a form of the route's own."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from gateway.runtime.plan import Plan, RoutePlan
from gateway.runtime.responses import sendable_header, sendable_status
from gateway.sdk import Answer, Compiled, Exchange, ExpressionFault, GatewayError, Malformed, Scope
from gateway.server.answers import UNWRITABLE, http_status, whole_answer
from gateway.server.endpoint import Incoming, IntentEndpoint, without_nulls
from gateway.server.outgoing import JSON, Outgoing
from gateway.server.problems import headers_of, problem, status_of
from gateway.server.request_body import read_json

MOST_QUERY_FIELDS = 100
HIDDEN = frozenset({"authorization", "x-api-key", "cookie", "proxy-authorization"})
"""Headers that are for the gateway alone, whoever reads them: `request.headers` doesn't have them."""

BODILESS = (204, 205, 304)
"""Statuses that have no body (RFC 9110 §6.4.1)."""

HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


class UserRoute(IntentEndpoint):
    """One route. `respond` is used for failures too where it looks at `error` or `status`; else they are problems as everywhere."""

    def __init__(self, route: RoutePlan, credentials: frozenset[str] = frozenset()) -> None:
        """`credentials` are the headers, in lower case, by which this gateway's callers are known."""
        self._route = route
        self._hidden = HIDDEN | credentials
        compiled = [route.respond_status, route.respond_body, *(value for _, value in route.respond_headers)]
        self._for_failures = any(reference[0] in ("error", "status") for part in compiled if part for reference in part.references)

    def read(self, exchange: Exchange, incoming: Incoming) -> None:
        """Raises `Malformed` for a body that is there and is no JSON, and for an unreadable query."""
        route = self._route
        exchange.route = route.name
        exchange.intent = route.intent.name
        exchange.access = route.access
        exchange.body = read_json(incoming.body, exchange.headers) if incoming.body else None
        request = {
            "method": exchange.method,
            "path": dict(incoming.parameters),
            "query": query_fields(incoming.query),
            "headers": {name: value for name, value in exchange.headers.items() if name not in self._hidden},
            "body": exchange.body,
        }
        exchange.notes["request"] = request
        exchange.compose = lambda scope: _compose(route.input, request, scope)

    def write(self, plan: Plan, exchange: Exchange, answer: Answer, now: float) -> Outgoing:
        """The route's own form, or the whole answer."""
        if not self._route.responds or exchange.scope is None or (answer.error is not None and not self._for_failures):
            return whole_answer(plan, exchange, answer, now)
        try:
            return self._respond(plan, exchange, answer, now)
        except GatewayError as error:
            return problem(error, exchange.request_id)

    def _respond(self, plan: Plan, exchange: Exchange, answer: Answer, now: float) -> Outgoing:
        route = self._route
        roots = _roots(exchange, answer)
        headers = tuple(_header(name, value(roots)) for name, value in route.respond_headers)
        if route.respond_status is not None:
            status = _status(route.respond_status(roots))
        else:
            status = status_of(answer.error) if answer.error is not None else http_status(answer)
        if route.respond_body is None:
            whole = whole_answer(plan, exchange, answer, now)
            return Outgoing(status, whole.body if status not in BODILESS else b"", whole.content_type, (*whole.headers, *headers))
        content_type = next((value for name, value in headers if name == b"content-type"), JSON)
        body = _body(route.respond_body(roots), content_type) if status not in BODILESS else b""
        told = headers_of(answer.error, status) if answer.error is not None else []
        own = {name for name, _ in headers}
        needed = [header for header in told if header[0] not in own]
        return Outgoing(status, body, content_type, ((b"x-request-id", exchange.request_id.encode()), *needed, *headers))


def query_fields(query: bytes) -> dict[str, Any]:
    """Fields by name; a repeated one is a list of its values. Raises `Malformed`."""
    if not query:
        return {}
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_QUERY_FIELDS)
    except ValueError:
        raise Malformed("The query can't be read.") from None
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in fields.items()}


def _compose(template: Compiled | None, request: dict[str, Any], scope: Scope) -> dict[str, Any]:
    """The intent's input. Without a template: the query's fields, over them the body's, over them the path's."""
    if template is None:
        body = request["body"] if isinstance(request["body"], dict) else {}
        return {**request["query"], **body, **request["path"]}
    made = template({**scope, "request": request})
    if not isinstance(made, dict):
        raise ExpressionFault("A route's `input` must be an object.")
    return without_nulls(made)


def _roots(exchange: Exchange, answer: Answer) -> Scope:
    return {
        **(exchange.scope or {}),
        "request": exchange.notes["request"],
        "output": answer.output,
        "error": answer.error_root(),
        "status": {name: report.status for name, report in answer.steps.items()},
    }


def _status(value: Any) -> int:
    status = sendable_status(value)
    if status is None:
        raise ExpressionFault("A route's `status` must be an HTTP status from 200 to 599.")
    return status


def _header(name: str, value: Any) -> tuple[bytes, bytes]:
    text = value if isinstance(value, str) else "" if value is None else msgspec.json.encode(value).decode()
    if not sendable_header(name) or not HEADER_VALUE.fullmatch(text):
        raise ExpressionFault(f"The header `{name}` of a route can't be sent.")
    return name.lower().encode("ascii"), text.encode("latin-1")


def _body(value: Any, content_type: bytes) -> bytes:
    """Text is sent as it is where the route says that it isn't JSON."""
    if isinstance(value, str) and b"json" not in content_type:
        return value.encode("utf-8", "replace")
    try:
        return msgspec.json.encode(value)
    except UNWRITABLE:
        raise ExpressionFault("A route's `body` can't be written as JSON.") from None
