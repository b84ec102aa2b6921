"""The way from an operation's finished request to its decoded answer, shared by all source kinds that speak HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from gateway.sdk import Call, HttpClient, HttpRequest, HttpSourceConfig, Reference, Response, ServerReport, Services, Timeout
from gateway.sources.affinity import affinity
from gateway.sources.backend_auth import Credential, Proof
from gateway.sources.credential import own_credential, tenant_credentials
from gateway.sources.decoding import decode_body
from gateway.sources.header_rules import fixed_headers, forwarded_headers
from gateway.sources.live_header import secret_headers
from gateway.sources.server_list import settings_of, sound_servers, unreachable
from gateway.sources.wire_text import forwarded_value

UNAUTHORIZED = 401


class Outgoing(msgspec.Struct, frozen=True):
    """A request as an operation made it: `target` encoded, `headers` its own ones, `body` with its `content_type`.

    `repeatable` says that sending it twice does no harm; `idempotency_header` is where the call's key goes. `own` are the headers, in
    lower case, that the operation has a say in: one that it leaves out is not taken from the caller instead. `errors_meant`: it says itself
    when an answer is good, so that a 5xx doesn't speak against the server.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    content_type: str | None = None
    repeatable: bool = False
    idempotency_header: str | None = None
    own: frozenset[str] = frozenset()
    errors_meant: bool = False


class Outbound:
    """One source's clients, one more for each tenant with servers of its own, and what every call carries.

    A tenant may have credentials of its own: they take the place of the source's `auth`.
    """

    def __init__(self, config: HttpSourceConfig, services: Services) -> None:
        self._clock = services.clock
        self._max_body = int(config.max_response)
        self._fixed = fixed_headers(services, config.headers, ("headers",))
        self._secret = tuple(secret_headers(services, self._fixed, ("headers",)))
        self._forward = forwarded_headers(services, config.forward, ("forward",))
        self._auth = own_credential(config, services)
        self._auth_of_tenants = dict(tenant_credentials(config, services))
        if config.proxy is not None and config.engine != "httpx":
            services.problem("GW244", "`proxy` needs `engine: httpx`", path=("proxy",), key=True)
        self._affinity = affinity(config, services)
        self._client = _client(config, services)
        self._of_tenants = {
            tenant: services.http(settings_of(config, services, servers, tenant)) for tenant, servers in services.tenant_servers.items()
        }
        if config.healthcheck is not None:
            for client in (self._client, *self._of_tenants.values()):
                services.at_start(client.start)

    @property
    def forwards(self) -> frozenset[str]:
        """The caller's headers that are passed on, in lower case."""
        return frozenset(self._forward).union(*(auth.forwards for auth in self._credentials()))

    @property
    def identity(self) -> frozenset[Reference]:
        """What of the caller is told to the backend with every call, whatever the operation sends itself."""
        return frozenset[Reference]().union(*(auth.identity for auth in self._credentials()))

    def servers(self) -> tuple[ServerReport, ...]:
        """The source's own servers, as their client sees them; without those of tenants."""
        return self._client.servers()

    def ready(self) -> bool:
        """False where active checks found every server of the source itself down."""
        return any(server.checked for server in self.servers())

    def _credentials(self) -> Iterator[Credential]:
        yield from self._auth_of_tenants.values()
        if self._auth is not None:
            yield self._auth

    async def send(self, call: Call, outgoing: Outgoing) -> Response:
        """Sends within `call.deadline`; raises a `BackendFailure` where no answer can be read.

        What a backend refuses with 401 it has not done: the call is made once more where a new proof may help.
        """
        auth = self._auth_of_tenants.get(call.context.identity[0], self._auth)
        if auth is None:
            return await self._send_once(call, outgoing, None)
        proof = await auth.prove(call)
        response = await self._send_once(call, outgoing, proof)
        if response.status_code == UNAUTHORIZED and auth.refused(call, proof):
            call.course.attempts += 1
            response = await self._send_once(call, outgoing, await auth.prove(call))
        return response

    async def _send_once(self, call: Call, outgoing: Outgoing, proof: Proof | None) -> Response:
        remaining = call.deadline - self._clock.monotonic()
        if remaining <= 0:
            raise Timeout
        secret = [header.value for header in self._secret]
        keyed = outgoing.idempotency_header is not None and call.idempotency_key is not None
        request = HttpRequest(
            method=outgoing.method,
            target=outgoing.target,
            deadline=call.deadline,
            headers=self._headers(call, outgoing, secret, proof, remaining=remaining),
            body=outgoing.body,
            idempotent=outgoing.repeatable or keyed,
            max_body=self._max_body,
            affinity=None if self._affinity is None else self._affinity(call),
            tried=call.course.tried,
            errors_meant=outgoing.errors_meant,
            fair=call.fair,
        )
        answer = await self._of_tenants.get(call.context.identity[0], self._client).send(request)
        response = Response(decode_body(answer.status_code, answer.headers, answer.body), answer.status_code, answer.headers)
        for known in secret if proof is None else (*secret, proof):
            if known.redaction.suspects(answer.headers, answer.body):
                response = known.redaction.clean(response)
        return response

    def _headers(
        self, call: Call, outgoing: Outgoing, secret: Sequence[Proof], proof: Proof | None, *, remaining: float
    ) -> list[tuple[str, str]]:
        """What is written later wins: passed on, the source's, the operation's, the gateway's own."""
        context = call.context
        merged: dict[str, tuple[str, str]] = {"accept": ("Accept", "application/json, */*;q=0.1")}
        for name in self._forward:
            if name not in outgoing.own and (passed := context.headers.get(name)) is not None:
                merged[name] = (name, forwarded_value(name, passed))
        merged.update(self._fixed)
        for kept in secret:
            merged[kept.header[0].lower()] = kept.header
        if outgoing.content_type is not None:
            merged["content-type"] = ("Content-Type", outgoing.content_type)
        for own in outgoing.headers:
            merged[own[0].lower()] = own
        if proof is not None:
            merged[proof.header[0].lower()] = proof.header
        if outgoing.idempotency_header is not None and call.idempotency_key is not None:
            merged[outgoing.idempotency_header.lower()] = (outgoing.idempotency_header, call.idempotency_key)
        for condition in call.conditions:
            merged[condition[0].lower()] = condition
        if context.traceparent is not None:
            merged["traceparent"] = ("traceparent", context.traceparent)
        merged["x-deadline-ms"] = ("X-Deadline-Ms", str(max(1, int(remaining * 1000))))
        return list(merged.values())


def _client(config: HttpSourceConfig, services: Services) -> HttpClient:
    settings = settings_of(config, services, list(sound_servers(config, services)))
    if not settings.servers:
        return services.http(unreachable(settings))
    try:
        return services.http(settings)
    except ValueError as fault:
        services.problem("GW254", str(fault), path=("servers",) if settings.proxy is None else ("proxy",))
        return services.http(unreachable(settings))
