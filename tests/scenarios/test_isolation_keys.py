"""Two requests that differ in anything that a backend is told never have one key, wherever answers are kept, joined or fetched together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.policies.answer_code import Address
from gateway.policies.cache_key import CacheKeys
from gateway.sdk import CallContext, Compiled, ExpressionFault, Response, Result
from gateway.sdk.sharing import Sharing
from tests.policies.calls_under_way import FakeOperation
from tests.scenarios.isolation_keys import NEAR, Operation, Request, batcher, keys, near_texts, pairs, strict, template

USER, TENANT, CTX = ("user", "x"), ("tenant", "config", "x"), ("ctx", "x")
WITHOUT_RULE = frozenset({"rule", "coalesce", "batch"})
"""What doesn't know `cache.key`."""


def argument(value: Any) -> Request:
    return Request(arguments={"a": value})


def nested(value: Any) -> Request:
    return Request(arguments={"a": [{"b": value}], "c": 1})


def claim(value: Any) -> Request:
    return Request(user={"id": "ada", "x": value})


def of_tenant(value: Any) -> Request:
    return Request(tenant={"id": "acme", "config": {"x": value}})


def context(value: Any) -> Request:
    return Request(ctx={"locale": "en", "x": value})


def header(value: str | None) -> Request:
    return Request(headers={} if value is None else {"x-a": value})


PLACES: dict[str, tuple[Operation, Callable[[Any], Request]]] = {
    "argument": (Operation(), argument),
    "nested argument": (Operation(), nested),
    "argument beside what is sent": (Operation(frozenset({USER}), frozenset({"x-a"})), argument),
    "claim": (Operation(frozenset({USER})), claim),
    "the whole user": (Operation(frozenset({("user",)})), claim),
    "tenant's configuration": (Operation(frozenset({TENANT})), of_tenant),
    "the whole tenant": (Operation(frozenset({("tenant",)})), of_tenant),
    "context": (Operation(frozenset({CTX})), context),
    "context beside others": (Operation(frozenset({USER, TENANT, CTX}), frozenset({"x-a"})), context),
}


async def assert_apart(operation: Operation, requests: list[Request], *, but: frozenset[str] = frozenset()) -> None:
    found: dict[str, list[Hashable]] = {}
    for request in requests:
        for name, key in (await keys(operation, request)).items():
            found.setdefault(name, []).append(key)
    for name, of_all in found.items():
        if name not in but:
            equal = [(one, other) for one, other in pairs(list(zip(requests, of_all, strict=True))) if one[1] == other[1]]
            assert equal == [], f"one {name} for two requests"


@pytest.mark.parametrize("place", PLACES)
async def test_values_that_look_alike_never_share(place: str) -> None:
    operation, made = PLACES[place]
    but = frozenset({"rule"}) if "argument" in place else frozenset()
    await assert_apart(operation, [made(value) for value in NEAR], but=but)


@pytest.mark.parametrize("forwards", ["x-a", "X-A"])
async def test_a_forwarded_header_that_is_not_there_is_another_than_an_empty_one(forwards: str) -> None:
    await assert_apart(Operation(forwards=frozenset({forwards, "x-b"})), [header(text) for text in near_texts()])


async def test_headers_are_not_taken_for_each_other() -> None:
    sent = [{}, {"x-a": "1"}, {"x-b": "1"}, {"x-a": "1", "x-b": ""}, {"x-a": "1", "x-b": "1"}, {"x-a": "11"}, {"x-a": "", "x-b": "1"},
            {"x-a": "1\x00"}, {"x-a": "1, 1"}, {"x-a": "1,1"}, {"x-a": '1","1'}, {"x-a": "null"}]  # fmt: skip
    await assert_apart(Operation(forwards=frozenset({"x-a", "x-b"})), [Request(headers=each) for each in sent])


async def test_claims_are_not_taken_for_each_other() -> None:
    users: list[dict[str, Any]] = [
        {"x": "1"},
        {"y": "1"},
        {"x": "1", "y": "1"},
        {"x": ["1", "1"]},
        {"x": '1","1'},
        {"x": "1", "y": None, "id": "1"},
        {"y": ["1"]},
    ]
    operation = Operation(frozenset({("user", "x"), ("user", "y"), ("user", "id")}))
    await assert_apart(operation, [Request(user=each) for each in users])


async def test_an_argument_that_is_missing_is_another_than_null() -> None:
    given: list[dict[str, Any]] = [
        {},
        {"a": None},
        {"b": None},
        {"a": None, "b": None},
        {"a": {}},
        {"a": {"b": None}},
        {"ab": None},
        {"a": {"b": {}}},
    ]
    await assert_apart(Operation(), [Request(arguments=each) for each in given], but=frozenset({"rule"}))


async def test_a_member_of_the_key_of_a_cache_parts() -> None:
    requests = [Request(ctx={"x": value}) for value in NEAR if value is not None]
    await assert_apart(Operation(key=("ctx.x",)), requests, but=WITHOUT_RULE)
    split = [Request(ctx={"x": one, "y": other}) for one, other in (("a", "bc"), ("ab", "c"), ("abc", ""), ("", "abc"), ('a","b', "c"))]
    await assert_apart(Operation(key=("ctx.x", "ctx.y")), split, but=WITHOUT_RULE)


WHO = (
    ("acme", "jwt", "", "ada"),
    ("beta", "jwt", "", "ada"),
    ("acme", "api_key", "", "ada"),
    ("acme", "jwt", "ada", ""),
    ("acme", "jwt", "", "bob"),
    ("acme", "jwt", "https://one.example", "ada"),
    ("acme", "jwt", "https://two.example", "ada"),
    ("acme", "jwt", "", "Ada"),
    ("acmejwt", "", "", "ada"),
    ("acme", "jwt", "", "a\u0301da"),
    ("acme", "jwt", "", "\xe1da"),
    ("acme", "anonymous", "", "192.0.2.1"),
    ("acme", "anonymous", "", "192.0.2.2"),
    ("acme", "jwt", "", "ada "),
    ("", "acme", "jwt", "ada"),
    ("acme", "jwt", "", 'ada","'),
)


async def test_callers_never_share_what_is_personal() -> None:
    """The same id by another issuer, or in another tenant, is another person."""
    for operation in (Operation(frozenset({("user", "id")})), Operation(frozenset({("user", "roles"), ("ctx", "locale")}))):
        await assert_apart(operation, [Request(identity=who) for who in WHO], but=frozenset({"intent public"}))


async def test_tenants_never_share_but_where_it_is_public() -> None:
    requests = [
        Request(identity=(tenant, "jwt", "", "ada"), tenant={"id": tenant}) for tenant in ("acme", "Acme", "acme ", "", "user", "public")
    ]
    public = frozenset({"cache public", "redis public", "proof public", "intent public"})
    await assert_apart(Operation(), requests, but=public)
    await assert_apart(Operation(frozenset({("ctx", "locale")}), frozenset({"x-a"})), requests, but=public)
    await assert_apart(Operation(frozenset({("tenant", "id")})), requests)


def test_tenants_with_servers_of_their_own_share_with_nobody() -> None:
    """However public an operation is."""
    made = CacheKeys(Operation().sharing, "public", apart=frozenset({"acme", "beta"}), further=[])
    calls = {name: Request(identity=(name, "jwt", "", "ada")).call() for name in ("acme", "beta", "gamma", "delta")}
    found = {name: made.of(call, made.scope(call)) for name, call in calls.items()}
    assert found["gamma"] == found["delta"]
    assert len(set(found.values())) == 3


def test_operations_and_releases_never_share() -> None:
    """What stands in a shared store has the operation in its address, and what is configured of it."""
    found = [Address(name, revision, "key") for name in ("erp.order", "erp.orders", "erp") for revision in (b"1", b"2", b"")]
    assert len({each.key for each in found}) == len({each.whose for each in found}) == len(found)


async def test_one_who_asks_the_same_has_one_key() -> None:
    """Keys that always differ would pass all tests above."""
    operation = Operation(frozenset({USER, CTX, TENANT}), frozenset({"x-a", "x-b"}), key=("ctx.locale",))
    one = Request(user={"id": "ada", "x": {"a": 1, "b": [2]}}, headers={"x-a": "1", "x-b": "2"}, arguments={"a": {"c": 1, "d": 2}, "b": 1})
    other = Request(
        user={"x": {"b": [2], "a": 1}, "id": "ada", "y": "unsent"}, headers={"x-b": "2", "x-a": "1", "x-c": "unsent"},
        arguments={"b": 1, "a": {"d": 2, "c": 1}},
    )  # fmt: skip
    assert await keys(operation, one) == await keys(operation, other)


plain = st.sampled_from([value for value in NEAR if not isinstance(value, list | dict)])
values = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "é"]), inner, max_size=3)
)
texts = st.sampled_from(["", "a", "b", "a,b", "1"])
requests = st.builds(
    Request,
    identity=st.tuples(texts, st.sampled_from(["jwt", "api_key"]), texts, texts),
    user=st.fixed_dictionaries({"id": texts}, optional={"x": values, "y": values}),
    tenant=st.fixed_dictionaries({"id": texts, "config": st.fixed_dictionaries({}, optional={"x": values})}),
    ctx=st.fixed_dictionaries({"locale": texts}, optional={"x": values}),
    headers=st.dictionaries(st.sampled_from(["x-a", "x-b"]), texts, max_size=2),
    arguments=st.dictionaries(st.sampled_from(["a", "b"]), values, max_size=2),
)
told_by = st.frozensets(st.sampled_from([USER, ("user", "y"), ("user",), TENANT, ("tenant", "id"), CTX, ("user", "x", "a")]), max_size=3)


def read(root: Any, reference: tuple[Any, ...]) -> Any:
    for part in reference:
        root = root.get(part) if isinstance(root, dict) else None
    return root


def told(operation: Operation, request: Request) -> Any:
    """All that the backend is told."""
    references = sorted(operation.identity, key=repr)
    return strict([
        [read(request.scope, reference) for reference in references],
        [request.headers.get(name) for name in sorted(operation.forwards)],
        request.arguments,
    ])  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(told_by, st.frozensets(st.sampled_from(["x-a", "x-b"])), requests, requests)
def test_whoever_tells_something_else_has_another_key(identity: Any, forwards: Any, one: Request, other: Request) -> None:
    operation = Operation(identity, forwards)

    async def both() -> tuple[dict[str, Hashable], dict[str, Hashable]]:
        return await keys(operation, one), await keys(operation, other)

    first, second = asyncio.run(both())
    equal = {name for name in first if first[name] == second[name]} - {"rule"}
    if told(operation, one) != told(operation, other):
        assert equal == set()
    if one.identity[0] != other.identity[0]:
        assert {name for name in equal if "public" not in name} == set()
    if one.identity != other.identity:
        assert {name for name in equal if "user" in name} == set()


EXPRESSIONS = (
    "${ user.x }",
    "${ user }",
    "${ user.roles[0] }",
    "${ user.roles[-1] }",
    "${ user.roles[1:] }",
    "${ user.* }",
    "${ user.x.a }",
    "${ user | x }",
    "${ [user, ctx][0].x }",
    "${ {it: user.x}.it }",
    "${ keys(user.x) }",
    "${ values(user.x) }",
    "${ lookup(user, args.name) }",
    "${ pick(user, ['x']) }",
    "${ omit(user, ['id']) }",
    "${ to_json(user.claims) }",
    "${ length(user.roles) }",
    "${ contains(user.roles, 'agent') }",
    "${ sha256(user.id) }",
    "${ if(user.x, tenant.config.x, ctx.locale) }",
    "${ user.x || ctx.x }",
    "${ user.x && tenant.id }",
    "${ !(user.x) }",
    "${ user.roles[?@ == 'agent'] }",
    "${ user.roles[?@ == 'agent'] | [0] }",
    "${ map(&@, user.roles) }",
    "${ sort_by(user.claims.list, &k)[0] }",
    "${ join(',', user.roles) }",
    "${ merge(user, tenant) }",
    "${ coalesce(user.x, ctx.x) }",
    "${ default(user.x, ctx.x) }",
    "${ money(`1.5`, 'EUR') }",
    "${ format_date('2026-11-20', 'EEEE') }",
    "${ plural(`1`, {one: 'a', other: 'b'}) } in ${ ctx.locale }",
    "a ${ user.x } b ${ tenant.id }",
    "${ tenant.config.* }",
    "${ tenant }",
    "${ ctx.x == user.x }",
    "${ user.x > `1` }",
    "${ zip(user.roles, user.roles) }",
    "${ not_null(user.x, user.id) }",
    '${ user."x" }',
    "${ user.claims.list[*].k }",
    "${ user.claims.list[?k == `1`].v | [0] }",
    "${ index_by(user.claims.list, &v) }",
    {"$each": "user.roles", "$as": "role", "$do": "${ role } ${ user.x }"},
    {"$if": "user.x", "$then": "${ tenant.id }", "$else": "${ ctx.locale }"},
    {"a": ["${ user.x }", {"b": "${ ctx.x }"}]},
    {"$each": "user.claims.list", "$as": "it", "$where": "it.k == user.x", "$do": "${ it.v }"},
)
LIKES: tuple[Any, ...] = (None, 1, "1", True, "agent", {"a": 1}, {"a": "2"}, ["agent"])


def scopes() -> list[dict[str, Any]]:
    """Roots of requests that differ in one thing each, and in several."""
    lists: tuple[list[Any], ...] = ([], [{"k": 1, "v": "a"}], [{"k": 1, "v": "b"}], [{"k": 2, "v": "a"}, {"k": 1, "v": "b"}])
    roles: tuple[list[str], ...] = ([], ["agent"], ["customer"], ["customer", "agent"], ["agent", "customer"])
    made = [
        {
            "user": {"id": ("ada", "bob")[n % 2], "x": x, "roles": roles[n % 5], "claims": {"list": lists[n % 4]}},
            "tenant": {"id": "acme", "config": {}},
        }
        for n, x in enumerate(LIKES * 3)
    ]
    made += [{"user": made[0]["user"], "tenant": {"id": name, "config": {"x": x}}} for name in ("acme", "beta") for x in LIKES]
    return [
        {**each, "ctx": {"locale": locale, "x": x}, "args": {"name": "x"}, "config": {}}
        for each in made
        for locale, x in (("en", None), ("de", None), ("en", 1))
    ]


def made_of(compiled: Compiled, scope: dict[str, Any]) -> Any:
    """A fault is an outcome too: it is told to who asks."""
    try:
        return strict(compiled(scope))
    except ExpressionFault:
        return "fault"


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=repr)
def test_whatever_a_template_makes_of_a_caller_is_known_by_its_references(expression: Any) -> None:
    """Where two callers make a template give different values, they have different keys; however the template comes by what it reads."""
    compiled = template(expression)
    references = frozenset(reference for reference in compiled.references if reference[0] not in ("args", "config"))
    sharing = Sharing(FakeOperation(identity=references))
    values: dict[Hashable, Any] = {}
    for scope in scopes():
        value = made_of(compiled, scope)
        assert values.setdefault(sharing.key(CallContext(scope, ("one", "caller"), {})), value) == value
    assert len(set(map(repr, values.values()))) > 1, "it says nothing of the caller"


async def test_keys_of_a_batch_that_look_alike_are_not_taken_for_each_other() -> None:
    """Backends may tell `1` from `"1"`; in a list of texts they are the same. One of them is asked for alone then."""
    alike = [1, "1", True, "true", [1], "[1]", 1.0, "1.0"]
    asked: list[Any] = []

    async def many(call: Any) -> Result:
        asked.extend(call.arguments["ids"])
        rows = [{"id": each, "kind": type(each).__name__} for each in call.arguments["ids"]]
        return Result(rows, Response(rows))

    async def one(call: Any) -> Result:
        asked.append(call.arguments["id"])
        return Result({"kind": type(call.arguments["id"]).__name__}, Response(None))

    made = batcher(Operation(), many)
    answers = await asyncio.gather(*(made(Request(arguments={"id": each}).call(), one) for each in alike))
    assert [answer.value["kind"] for answer in answers] == [type(each).__name__ for each in alike]
    assert sorted(map(repr, asked)) == sorted(map(repr, alike))
