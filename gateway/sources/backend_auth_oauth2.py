"""`auth: {oauth2}` with `grant: client_credentials`: a token of the gateway's own, one for each source and tenant (RFC 6749 §4.4)."""

from __future__ import annotations

from gateway.sdk import Call, Derived, HttpSettings, HttpSourceConfig, Path, Reference, Services
from gateway.sdk.source_config import OAuth2
from gateway.sources.backend_auth import Proof
from gateway.sources.live_header import kept
from gateway.sources.token_endpoint import Client, TokenEndpoint, address_of
from gateway.sources.token_keeper import TokenKeeper

CONNECTIONS = 4
"""Most requests for tokens at a time, of all tenants of a source."""


class ClientCredentials:
    """Keeps a token for each tenant that calls; tenants are a closed set."""

    identity: frozenset[Reference] = frozenset()
    forwards: frozenset[str] = frozenset()

    def __init__(self, endpoint: TokenEndpoint, services: Services) -> None:
        self._endpoint = endpoint
        self._clock = services.clock
        self._keepers: dict[str, TokenKeeper] = {}
        services.at_close(self.close)

    async def prove(self, call: Call, /) -> Proof:
        return await self._keeper(call).proof(call.deadline)

    def refused(self, call: Call, proof: Proof, /) -> bool:
        """Gives the token up, once for all who were refused with it."""
        return self._keeper(call).refused(proof)

    async def close(self) -> None:
        """Ends requests for tokens that are under way."""
        for keeper in self._keepers.values():
            await keeper.close()

    def _keeper(self, call: Call) -> TokenKeeper:
        tenant = call.context.identity[0]
        keeper = self._keepers.get(tenant)
        if keeper is None:
            keeper = self._keepers[tenant] = TokenKeeper(self._endpoint, self._clock)
        return keeper


def oauth2(config: OAuth2, source: HttpSourceConfig, services: Services, path: Path) -> ClientCredentials | None:
    """None where it can't be used, which is reported. The endpoint is reached as the source is: same engine, same proxy."""
    if config.grant != "client_credentials":
        hint = "`client_credentials` is in force; `forward_token: true` passes the caller's own token on"
        services.problem("GW111", f"`{config.grant}` is not in force in this release", path=(*path, "grant"), hint=hint)
        return None
    client = _client(config, services, path)
    proxy = source.proxy if source.engine == "httpx" else None
    try:
        address = address_of(config.token_url)
        http = services.http(HttpSettings(servers=(address.base,), engine=source.engine, connections=CONNECTIONS, proxy=proxy))
    except ValueError as fault:
        hint = "write an `https` URL, as `https://id.example/oauth2/token`"
        services.problem("GW255", str(fault), path=(*path, "token_url"), hint=hint)
        return None
    if client is None:
        return None
    form: dict[str, str] = {"grant_type": config.grant}
    if config.scopes:
        form["scope"] = " ".join(config.scopes)
    if config.audience is not None:
        form["audience"] = config.audience
    return ClientCredentials(TokenEndpoint(http, address.target, client=client, form=form, services=services), services)


def _client(config: OAuth2, services: Services, path: Path) -> Derived[Client] | None:
    texts = [services.secret(getattr(config, name), path=(*path, name)) for name in ("client_id", "client_secret")]
    try:
        return Derived(Client, *texts, refused=kept(services))
    except ValueError as fault:
        at = "client_id" if "client_id" in str(fault) else "client_secret"
        services.problem("GW255", str(fault), path=(*path, at))
        return None
