"""Nobody is given what was made for another: callers who differ in anything that is sent never share an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.expressions import compile_expression
from gateway.policies.cache_key import CacheKeys, Scope
from gateway.sdk import Call, CallContext, Compiled, ExpressionFault, Reference, StepLimits
from gateway.sdk.sharing import Sharing, canonical
from gateway.sdk.source_config import Cache, DurationOrAuto
from tests.policies.calls_under_way import FakeOperation

SCOPES: tuple[Scope | None, ...] = (None, "user", "tenant", "public")
REFERENCES: tuple[Reference, ...] = (
    ("user", "id"), ("user", "branch"), ("user", "roles", 0), ("tenant", "id"), ("tenant", "config", "site"), ("ctx", "locale"),
)  # fmt: skip
HEADERS = ("accept-language", "authorization", "cookie")


def compiled(text: str) -> Compiled:
    expression, faults = compile_expression(text, roots=frozenset({"args", "user", "tenant", "ctx", "config"}))
    assert expression is not None
    assert faults == []
    return expression


def keys(
    *operations: FakeOperation, scope: Scope | None = None, apart: frozenset[str] = frozenset(), further: tuple[str, ...] = ()
) -> CacheKeys:
    return CacheKeys(Sharing(*operations), scope, apart=apart, further=[compiled(text) for text in further])


def call_of(
    user: str = "u", tenant: str = "t", *, headers: Mapping[str, str] | None = None, narrowed: Scope | None = None, **more: Any
) -> Call:
    scope = {
        "user": {"id": user, "branch": more.get("branch"), "roles": more.get("roles", [])},
        "tenant": {"id": tenant, "config": {"site": more.get("site")}},
        "ctx": {"locale": more.get("locale", "en")},
        "config": {},
    }
    context = CallContext(scope, (tenant, more.get("issuer", "jwt"), "", user), headers or {})
    limits = StepLimits(cache=Cache(ttl=DurationOrAuto(1.0), scope=narrowed)) if narrowed else StepLimits()
    return Call("erp.order", dict(more.get("arguments", {})), context, 0.0, limits=limits)


def key(made: CacheKeys, call: Call) -> Any:
    return made.of(call, made.scope(call))


class Asker(NamedTuple):
    """A caller and what he asks."""

    user: str
    tenant: str
    issuer: str
    branch: str | None
    roles: tuple[str, ...]
    site: str | None
    locale: str
    headers: tuple[tuple[str, str], ...]
    argument: int | str | bool | None
    narrowed: Scope | None

    def call(self) -> Call:
        return call_of(
            self.user, self.tenant, headers=dict(self.headers), narrowed=self.narrowed, issuer=self.issuer, branch=self.branch,
            roles=list(self.roles), site=self.site, locale=self.locale, arguments={"x": self.argument},
        )  # fmt: skip


few = st.sampled_from(["a", "b", "public", "tenant", ""])
askers = st.builds(
    Asker, user=few, tenant=few, issuer=st.sampled_from(["jwt", "api_key"]), branch=st.none() | few,
    roles=st.lists(few, max_size=2).map(tuple), site=st.none() | few, locale=few,
    headers=st.dictionaries(st.sampled_from(HEADERS), few).map(lambda found: tuple(sorted(found.items()))),
    argument=st.sampled_from([1, "1", True, None, 0]), narrowed=st.sampled_from(SCOPES),
)  # fmt: skip
operations = st.builds(
    FakeOperation,
    identity=st.frozensets(st.sampled_from(REFERENCES), max_size=3),
    forwards=st.frozensets(st.sampled_from(HEADERS), max_size=2),
)


def read(root: Any, reference: Reference) -> Any:
    for part in reference:
        if isinstance(root, list):
            root = root[part] if isinstance(part, int) and part < len(root) else None
        elif isinstance(root, dict):
            root = root.get(part)
    return root


def sent(involved: list[FakeOperation], asker: Asker) -> bytes:
    """All of the request that depends on who asks."""
    call = asker.call()
    scope, headers = call.context.scope, call.context.headers
    told = [[repr(reference), read(scope, reference)] for each in involved for reference in sorted(each.identity, key=repr)]
    forwarded = [[name, headers.get(name)] for each in involved for name in sorted(each.forwards)]
    return canonical([told, forwarded, call.arguments])


@settings(max_examples=200)
@given(st.lists(operations, min_size=1, max_size=2), st.sampled_from(SCOPES), st.frozensets(few, max_size=2), askers, askers)
def test_who_differs_in_anything_that_is_sent_never_shares(
    involved: list[FakeOperation], scope: Scope | None, apart: frozenset[str], one: Asker, other: Asker
) -> None:
    made = keys(*involved, scope=scope, apart=apart)
    if key(made, one.call()) != key(made, other.call()):
        return
    assert sent(involved, one) == sent(involved, other)
    identity = (one.tenant, one.issuer, one.user)
    personal = any(reference[0] == "user" for each in involved for reference in each.identity)
    if personal or scope == "user" or "user" in (one.narrowed, other.narrowed):
        assert identity == (other.tenant, other.issuer, other.user)
    for_all = scope == "public" and not {one.tenant, other.tenant} & apart
    if not for_all or any(reference[0] == "tenant" for each in involved for reference in each.identity):
        assert one.tenant == other.tenant


@given(st.lists(operations, min_size=1, max_size=2), st.sampled_from(SCOPES), askers)
def test_the_same_caller_shares_with_himself(involved: list[FakeOperation], scope: Scope | None, asker: Asker) -> None:
    made = keys(*involved, scope=scope)
    assert key(made, asker.call()) == key(made, asker.call())


@pytest.mark.parametrize(
    ("scope", "identity", "apart", "shares"),
    [
        (None, frozenset(), frozenset(), "tenant"),
        ("tenant", frozenset(), frozenset(), "tenant"),
        ("user", frozenset(), frozenset(), "nobody"),
        ("public", frozenset(), frozenset(), "all"),
        ("public", frozenset(), frozenset({"t2"}), "tenant"),
        ("public", frozenset({("tenant", "config", "site")}), frozenset(), "tenant"),
        ("public", frozenset({("user", "id")}), frozenset(), "nobody"),
        ("tenant", frozenset({("user", "roles", 0)}), frozenset(), "nobody"),
        ("public", frozenset({("ctx", "locale")}), frozenset(), "all"),
    ],
)
def test_who_shares(scope: Scope | None, identity: frozenset[Reference], apart: frozenset[str], shares: str) -> None:
    made = keys(FakeOperation(identity=identity), scope=scope, apart=apart)
    one, other, elsewhere = (key(made, call_of(*who)) for who in (("a", "t1"), ("b", "t1"), ("a", "t2")))
    assert (one == other, one == elsewhere) == {"tenant": (True, False), "nobody": (False, False), "all": (True, True)}[shares]


def test_what_a_batch_asks_counts_too() -> None:
    made = keys(FakeOperation(), FakeOperation("many", identity=frozenset({("user", "id")})), scope="public")
    assert key(made, call_of("a")) != key(made, call_of("b"))


def test_further_parts_of_the_key_stand_apart() -> None:
    made = keys(FakeOperation(), further=("args.a", "user.branch"))
    several = [call_of(arguments={"a": a}, branch=b) for a, b in (("1", "23"), ("12", "3"), (1, "23"), ("1", "23"))]
    one, two, three, four = (key(made, call) for call in several)
    assert (len({one, two, three}), one) == (3, four)
    with pytest.raises(ExpressionFault):
        key(made, call_of(arguments={"a": None}, branch="b"))
