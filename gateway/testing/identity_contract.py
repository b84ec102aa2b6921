"""What every identity kind must do. A kind's test subclasses `AuthenticatorContract` and gets these tests.

class TestBadges(AuthenticatorContract):
    component = badges.component

    @pytest.fixture
    def authenticator(self, services): …

    @pytest.fixture
    def valid(self): return lambda: request_with({"x-badge": "good"})

    @pytest.fixture
    def forged(self): return [request_with({"x-badge": "bad"})]
"""

# ruff: noqa: S101 -- tests assert

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

import msgspec
import pytest
import yaml

from gateway.sdk import CONNECTION, Authenticator, BackendFailure, Caller, Clock, Component, Exchange, SystemClock, Tenant, Unauthorized
from gateway.sdk.fields import decode_hook
from gateway.testing.services import FakeServices

MEMBERS = frozenset({"id", "roles", "groups", "scopes", "acr", "amr", "auth_time", "issuer", "claims"})
"""What `user` always has (language §2.6)."""

LISTS = ("roles", "groups", "scopes", "amr")
HOSTILE = (
    "",
    " ",
    "\0",
    "a" * 20_000,
    "\u00e4\xff",
    "Bearer",
    "Bearer ",
    "Bearer ..",
    "Bearer a.b.c",
    "Basic dTpw",
    "'; --",
    "../../x",
    "{}",
    "%00",
)
REMEMBERED = 12
"""Characters of a credential: so many in a row are no coincidence."""


def request_with(headers: Mapping[str, str], clock: Clock | None = None) -> Exchange:
    """A request with these headers, by lower-case name."""
    clock = clock or SystemClock()
    exchange = Exchange(
        request_id="contract", started=clock.monotonic(), time=clock.now(), tenant=Tenant("default", {}), path="/v1/chat",
        headers=dict(headers), client_ip="192.0.2.7", host="gateway.example",
    )  # fmt: skip
    exchange.raw_path = b"/v1/chat"
    return exchange


class AuthenticatorContract:
    """Subclasses set `component` and have the fixtures `authenticator`, `valid` and `forged`."""

    component: ClassVar[Component]

    @pytest.fixture
    async def services(self, tmp_path: Path) -> AsyncIterator[FakeServices]:
        services = FakeServices(folder=tmp_path)
        yield services
        await services.close()

    @pytest.fixture
    def authenticator(self, services: FakeServices) -> Authenticator:
        """The kind under test, ready to be asked."""
        raise NotImplementedError

    @pytest.fixture
    def valid(self) -> Callable[[], Exchange]:
        """Makes a new request with a valid credential; each may be presented once, and all bring the same caller."""
        raise NotImplementedError

    @pytest.fixture
    def forged(self) -> list[Exchange]:
        """Requests whose credential is not valid, each in another way."""
        raise NotImplementedError

    def test_it_tells_where_it_looks_and_how_to_get_in(self, authenticator: Authenticator) -> None:
        assert authenticator.reads
        assert all(re.fullmatch(r"[a-z0-9!#$%&'*+.^`|~-]+", header) for header in authenticator.reads - {CONNECTION})
        assert authenticator.challenge == "" or re.fullmatch(r"[A-Za-z0-9-]+(?: [\x20-\x7e]+)?", authenticator.challenge)

    async def test_without_a_credential_it_knows_nobody(self, authenticator: Authenticator) -> None:
        assert await authenticator(request_with({})) is None
        assert await authenticator(request_with({"accept": "*/*", "x-other": "secret"})) is None

    async def test_a_valid_credential_brings_its_caller(self, authenticator: Authenticator, valid: Callable[[], Exchange]) -> None:
        caller = await authenticator(valid())
        assert isinstance(caller, Caller)
        assert not caller.anonymous
        assert caller.user.keys() >= MEMBERS
        assert isinstance(caller.user["id"], str)
        assert caller.user["id"]
        assert all(isinstance(item, str) for name in LISTS for item in caller.user[name])
        assert all(type(caller.user[name]) is list for name in LISTS)
        assert len(caller.key) == 3
        assert all(isinstance(part, str) for part in caller.key)

    async def test_one_person_is_one_key(self, authenticator: Authenticator, valid: Callable[[], Exchange]) -> None:
        first, second = await authenticator(valid()), await authenticator(valid())
        assert first is not None
        assert second is not None
        assert first.key == second.key
        assert first.user["id"] == second.user["id"]

    async def test_a_request_is_left_as_it_came(self, authenticator: Authenticator, valid: Callable[[], Exchange]) -> None:
        exchange = valid()
        headers, address = dict(exchange.headers), exchange.client_ip
        await authenticator(exchange)
        assert (exchange.headers, exchange.client_ip, exchange.caller) == (headers, address, None)
        assert not any(self._leaks(str(exchange.notes), headers))

    async def test_a_forged_credential_is_never_anonymous_and_never_repeated(
        self, authenticator: Authenticator, forged: list[Exchange]
    ) -> None:
        assert forged
        for exchange in forged:
            told = ""
            try:
                caller = await authenticator(exchange)
            except Unauthorized as refusal:
                caller, told = None, f"{refusal.message} {refusal.reason}"
            assert caller is None
            assert not any(self._leaks(told, exchange.headers))

    async def test_nothing_that_a_header_may_hold_crashes_it(self, authenticator: Authenticator, valid: Callable[[], Exchange]) -> None:
        for header in authenticator.reads:
            for value in HOSTILE:
                for headers in ({header: value}, {**valid().headers, header: value}):
                    with suppress(Unauthorized, BackendFailure):
                        assert await authenticator(request_with(headers)) is None

    async def test_requests_side_by_side_are_kept_apart(
        self, authenticator: Authenticator, valid: Callable[[], Exchange], forged: list[Exchange]
    ) -> None:
        async def asked(exchange: Exchange) -> Caller | None:
            try:
                return await authenticator(exchange)
            except Unauthorized:
                return None

        requests = [exchange for _ in range(10) for exchange in (valid(), *forged)]
        found = await asyncio.gather(*map(asked, requests))
        turns = len(forged) + 1
        assert [caller is not None for caller in found] == [number % turns == 0 for number in range(len(requests))]
        assert len({caller.key for caller in found if caller is not None}) == 1

    def test_the_example_works(self, services: FakeServices) -> None:
        (entry,) = yaml.safe_load(self.component.example)["identity"]
        assert self.component.build is not None
        config = msgspec.convert(entry[self.component.name], self.component.Config, dec_hook=decode_hook)
        assert self.component.build(config, services).reads
        assert services.problems == []

    def _leaks(self, told: str, headers: Mapping[str, str]) -> list[bool]:
        """Whether a part of a credential stands in a text."""
        pieces = [value[start : start + REMEMBERED] for value in headers.values() for start in range(0, len(value) - REMEMBERED + 1, 4)]
        return [piece in told for piece in pieces]
