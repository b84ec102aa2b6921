"""The contract of identity kinds notices what it is there to notice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gateway.sdk import Caller, Component, Exchange, Model, Unauthorized, user_root
from gateway.testing.identity_contract import AuthenticatorContract, request_with

GOOD = "good-badge-0123456789"


class Badges:
    """Right in everything but what `changes` replaces."""

    def __init__(self, **changes: Any) -> None:
        self.reads: Any = frozenset({"x-badge"})
        self.challenge = 'Badge realm="gateway"'
        self.user: Any = user_root("ada", {"roles": ["agent"]})
        self.key: Any = lambda: ("badge", "", "ada")
        self.refuse: Callable[[Exchange], Caller | None] = self._refuse
        self.before: Callable[[Exchange], None] = lambda _: None
        self.__dict__.update(changes)

    async def __call__(self, exchange: Exchange, /) -> Caller | None:
        self.before(exchange)
        badge = exchange.headers.get("x-badge")
        if badge is None:
            return None
        return Caller(self.key(), self.user) if badge == GOOD else self.refuse(exchange)

    def _refuse(self, exchange: Exchange) -> Caller | None:
        raise Unauthorized


class BadgeConfig(Model, frozen=True):
    """Nothing to set."""


class TestBadges(AuthenticatorContract):
    """A sound kind passes."""

    component = Component(
        kind="identity", name="badge", Config=BadgeConfig, build=lambda *_: Badges(), summary="Badges.", example="identity: [{badge: {}}]"
    )

    @pytest.fixture
    def authenticator(self) -> Badges:
        return Badges()

    @pytest.fixture
    def valid(self) -> Callable[[], Exchange]:
        return lambda: request_with({"x-badge": GOOD})

    @pytest.fixture
    def forged(self) -> list[Exchange]:
        return [request_with({"x-badge": "bad-badge-9876543210"})]


def tell(exchange: Exchange) -> Caller | None:
    raise Unauthorized(reason=f"unknown badge {exchange.headers['x-badge']}")


def crash(exchange: Exchange) -> Caller | None:
    raise ValueError


def anonymous(exchange: Exchange) -> Caller | None:
    return Caller(("anonymous", "", ""), user_root(None, {}), anonymous=True)


def change(exchange: Exchange) -> None:
    exchange.headers = {}


def note(exchange: Exchange) -> None:
    exchange.notes["badge"] = exchange.headers.get("x-badge")


VALID = ("valid",)
FORGED = ("forged",)
numbers = iter(range(1000))


@pytest.mark.parametrize(
    ("test", "given", "changes"),
    [
        ("test_it_tells_where_it_looks_and_how_to_get_in", (), {"reads": frozenset({"X-Badge"})}),
        ("test_it_tells_where_it_looks_and_how_to_get_in", (), {"reads": frozenset()}),
        ("test_it_tells_where_it_looks_and_how_to_get_in", (), {"challenge": "Badge\r\nx: y"}),
        ("test_a_valid_credential_brings_its_caller", VALID, {"user": {"id": "ada"}}),
        ("test_a_valid_credential_brings_its_caller", VALID, {"user": user_root(None, {})}),
        ("test_a_valid_credential_brings_its_caller", VALID, {"user": {**user_root("ada", {}), "roles": "agent"}}),
        ("test_a_valid_credential_brings_its_caller", VALID, {"user": {**user_root("ada", {}), "scopes": [7]}}),
        ("test_one_person_is_one_key", VALID, {"key": lambda: ("badge", "", str(next(numbers)))}),
        ("test_a_request_is_left_as_it_came", VALID, {"before": change}),
        ("test_a_request_is_left_as_it_came", VALID, {"before": note}),
        ("test_a_forged_credential_is_never_anonymous_and_never_repeated", FORGED, {"refuse": anonymous}),
        ("test_a_forged_credential_is_never_anonymous_and_never_repeated", FORGED, {"refuse": tell}),
        ("test_nothing_that_a_header_may_hold_crashes_it", VALID, {"refuse": anonymous}),
        ("test_requests_side_by_side_are_kept_apart", (*VALID, *FORGED), {"refuse": anonymous}),
    ],
)
async def test_a_fault_is_noticed(test: str, given: tuple[str, ...], changes: dict[str, Any]) -> None:
    suite = TestBadges()
    fixtures: dict[str, Any] = {
        "valid": lambda: request_with({"x-badge": GOOD}),
        "forged": [request_with({"x-badge": "bad-badge-9876543210"})],
    }
    with pytest.raises(AssertionError):
        await run(getattr(suite, test), Badges(**changes), *(fixtures[name] for name in given))


async def run(test: Callable[..., Any], *given: Any) -> None:
    done = test(*given)
    if done is not None:
        await done


async def test_a_crash_is_one() -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- the kind's own
        await TestBadges().test_nothing_that_a_header_may_hold_crashes_it(Badges(refuse=crash), lambda: request_with({"x-badge": GOOD}))
