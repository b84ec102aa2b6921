"""What a request seems to be before anything is done for it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.policies.pressure import Pressure
from gateway.policies.priorities import Priorities
from gateway.runtime.plan import ServerSettings
from gateway.runtime.proxies import Proxies
from gateway.sdk.priority import CRITICAL, HIGH, LOW, NORMAL
from gateway.server.admission import Rank
from gateway.server.judgement import ALWAYS, NOBODY, STRANGERS, Judgement
from tests.server.gateways import make_plan

PEER = "192.0.2.9"
PRIORITIES = Priorities(intents={"pay": CRITICAL, "browse": LOW}, tenants={"gold": HIGH})
HOSTS = {"gold.example": "gold"}


def make_judgement(*, route: str | None = None, proxies: tuple[str, ...] = (), hosts: dict[str, str] | None = None) -> Judgement:
    """It knows whose `k1` is."""
    pressure = Pressure(PRIORITIES, credentials=("authorization", "x-api-key"), hosts=hosts or {})
    pressure.callers.learn("k1", "gold")
    plan = msgspec.structs.replace(make_plan(pressure=pressure), server=ServerSettings(proxies=Proxies(proxies)))
    return Judgement(plan, lambda scope: route)


def make_scope(path: str = "/v1/chat", client: tuple[str, int] | None = (PEER, 40000), **headers: str) -> dict[str, Any]:
    pairs = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    return {"type": "http", "path": path, "headers": pairs, "client": client}


@pytest.mark.parametrize("path", sorted(ALWAYS))
def test_questions_about_health_never_wait(path: str) -> None:
    assert make_judgement()(make_scope(path), b"") is None
    assert make_judgement()(make_scope(path + "x"), b"") is not None


def test_of_a_stranger_only_the_address_is_known() -> None:
    assert make_judgement()(make_scope(), b"") == Rank(NORMAL, STRANGERS, PEER)


@pytest.mark.parametrize(
    ("path", "body", "rank"),
    [
        ("/v1/intents/pay", b"", CRITICAL),
        ("/v1/intents/browse", b'{"intent": "pay"}', LOW),
        ("/v1/intents/unheard", b"", NORMAL),
        ("/v1/chat", b'{"intent": "pay"}', CRITICAL),
        ("/v1/chat", b'{"intent": "bro', NORMAL),
        ("/orders", b'{"intent": "pay"}', NORMAL),
    ],
)
def test_the_intent_that_it_names_ranks_it(path: str, body: bytes, rank: int) -> None:
    seems = make_judgement()(make_scope(path), bytearray(body))
    assert seems is not None
    assert seems.rank == rank


def test_the_intent_of_its_route_ranks_what_names_none() -> None:
    judgement = make_judgement(route="browse")
    assert judgement(make_scope("/orders"), b"") == Rank(LOW, STRANGERS, PEER)
    assert judgement(make_scope("/v1/intents/pay"), b"") == Rank(CRITICAL, STRANGERS, PEER)


@pytest.mark.parametrize("name", ["authorization", "x_api_key"])
def test_a_known_credential_tells_the_tenant_and_its_rank(name: str) -> None:
    assert make_judgement()(make_scope(**{name: "k1"}), b"") == Rank(HIGH, "gold", NOBODY)


def test_the_tenant_moves_the_rank_of_the_intent() -> None:
    assert make_judgement()(make_scope("/v1/intents/browse", x_api_key="k1"), b"") == Rank(NORMAL, "gold", NOBODY)


@pytest.mark.parametrize("headers", [{"x_api_key": "k2"}, {"cookie": "k1"}, {"x_api_key": "k\xff"}])
def test_an_unknown_credential_and_one_elsewhere_tell_nothing(headers: dict[str, str]) -> None:
    assert make_judgement()(make_scope(**headers), b"") == Rank(NORMAL, STRANGERS, PEER)


@pytest.mark.parametrize("host", ["gold.example", "GOLD.example:8443", "gold.example."])
def test_the_host_tells_the_tenant_and_the_address_the_member(host: str) -> None:
    """Whom nobody knows takes no turns of those whom somebody does."""
    assert make_judgement(hosts=HOSTS)(make_scope(host=host), b"") == Rank(HIGH, f"gold{STRANGERS}", PEER)


@pytest.mark.parametrize("host", ["other.example", "not a host", ""])
def test_other_hosts_tell_nothing(host: str) -> None:
    assert make_judgement(hosts=HOSTS)(make_scope(host=host), b"") == Rank(NORMAL, STRANGERS, PEER)


def test_a_host_tells_nothing_where_none_is_a_tenants() -> None:
    assert make_judgement()(make_scope(host="gold.example"), b"") == Rank(NORMAL, STRANGERS, PEER)


def test_a_credential_says_more_than_a_host() -> None:
    judgement = make_judgement(hosts={"iron.example": "iron"})
    assert judgement(make_scope(host="iron.example", x_api_key="k1"), b"") == Rank(HIGH, "gold", NOBODY)


@pytest.mark.parametrize(("proxies", "member"), [((), PEER), (("198.51.100.0/24",), PEER), (("192.0.2.0/24",), "203.0.113.7")])
def test_only_a_trusted_proxy_is_believed_for_whom_it_speaks(proxies: tuple[str, ...], member: str) -> None:
    seems = make_judgement(proxies=proxies)(make_scope(x_forwarded_for="203.0.113.7"), b"")
    assert seems == Rank(NORMAL, STRANGERS, member)


def test_a_whole_site_is_one_member() -> None:
    judgement = make_judgement()
    first, second = (judgement(make_scope(client=(f"2001:db8:1:2::{end}", 1)), b"") for end in ("1", "beef"))
    other = judgement(make_scope(client=("2001:db8:1:3::1", 1)), b"")
    assert first == second != other


def test_without_an_address_it_is_judged_all_the_same() -> None:
    assert make_judgement()(make_scope(client=None), b"") == Rank(NORMAL, STRANGERS, "")


text = st.text(st.characters(max_codepoint=255), max_size=60)


@given(path=st.text(max_size=60), host=text, key=text, forwarded=text, peer=text, body=st.binary(max_size=200))
def test_anything_that_comes_is_judged(*, path: str, host: str, key: str, forwarded: str, peer: str, body: bytes) -> None:
    """A fault here would leave a request without an answer."""
    judgement = make_judgement(hosts=HOSTS, proxies=("192.0.2.0/24",))
    scope = make_scope(path, (peer, 1), host=host, x_api_key=key, x_forwarded_for=forwarded)
    for address in (peer, PEER):
        seems = judgement({**scope, "client": (address, 1)}, bytearray(body))
        assert seems is None or CRITICAL <= seems.rank <= LOW
