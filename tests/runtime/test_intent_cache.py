"""What a key holds: requests that differ in anything that an answer is made from are never given one answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.planner.recalls import plan_caches
from gateway.runtime.evidence import Evidence
from gateway.runtime.intent_cache import IntentCache
from gateway.runtime.recording import Run
from gateway.sdk import CallContext, ExpressionFault, Scope
from tests.runtime.kept import ANN, BOB, keeping

SPECS = """
intent: ask
input: {type: object, properties: {id: {type: string}, n: {}}}
cache: {ttl: 30s, scope: user%s}
steps: {a: {let: {read: "${ %s }"}}, o: {call: erp.orders}}
output: ["${ steps.a }", "${ steps.o }"]
"""
TENANTS = """
gateway: shop
specs: [specs]
policies: [policies]
identity: [{scenario: {}}]
tenants:
  id: user.home
  unknown: deny
  known:
    acme: {plan: premium, config: {brand: ACME}}
    zeta: {plan: basic, config: {brand: Zeta}}
"""

ROOTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "ctx.locale": ({"locale": "en"}, {"locale": "de"}),
    "money(`1`, 'EUR')": ({"locale": "en"}, {"locale": "de"}),
    "ctx.channel": ({"channel": "api"}, {"channel": "web"}),
    "ctx.client_ip": ({"client_ip": "192.0.2.1"}, {"client_ip": "192.0.2.2"}),
    "ctx.host": ({"host": "a.example"}, {"host": "b.example"}),
    "session.id": ({"session": "s1"}, {"session": "s2"}),
    "user.roles": ({"user": ANN}, {"user": {**ANN, "roles": ["customer", "agent"]}}),
    "user.region": ({"user": {**ANN, "region": "eu"}}, {"user": {**ANN, "region": "us"}}),
    "length(user.scopes)": ({"user": {**ANN, "scopes": ["a"]}}, {"user": {**ANN, "scopes": ["a", "b"]}}),
}


async def asked(folder: Path, specs: str, *requests: dict[str, Any], gateway: str | None = None) -> int:
    """How often the steps ran for these requests."""
    more = {} if gateway is None else {"gateway": gateway}
    async with keeping(folder, specs, {"erp.orders": 1}, **more) as (made, _):
        for request in requests:
            given = {"user": ANN, **request}
            answer = await made.ask("ask", given.pop("given", {}), **given)
            assert answer.status == "complete", answer
        return len(made.calls)


@pytest.mark.parametrize("root", ROOTS)
async def test_what_is_read_differs(tmp_path: Path, root: str) -> None:
    one, other = ROOTS[root]
    assert await asked(tmp_path, SPECS % ("", root), one, other, one, other) == 2


@pytest.mark.parametrize("root", ROOTS)
async def test_what_the_output_reads_differs(tmp_path: Path, root: str) -> None:
    one, other = ROOTS[root]
    specs = (
        f'intent: ask\ncache: {{ttl: 30s, scope: user}}\nsteps: {{o: {{call: erp.orders}}}}\noutput: ["${{ {root} }}", "${{ steps.o }}"]\n'
    )
    assert await asked(tmp_path, specs, one, other, one, other) == 2


@pytest.mark.parametrize("root", ROOTS)
async def test_what_a_sub_intent_reads_differs(tmp_path: Path, root: str) -> None:
    one, other = ROOTS[root]
    inner = (SPECS % ("", root)).replace("cache: {ttl: 30s, scope: user}\n", "").replace("intent: ask", "intent: part")
    outer = "intent: ask\ncache: {ttl: 30s, scope: user}\nsteps: {part: {call: intent.part}}\noutput: ${ steps.part }\n---"
    assert await asked(tmp_path, outer + inner, one, other, one, other) == 2


@pytest.mark.parametrize("root", ROOTS)
async def test_what_its_key_names_differs(tmp_path: Path, root: str) -> None:
    one, other = ROOTS[root]
    assert await asked(tmp_path, SPECS % (f', key: ["{root}"]', "input.id"), one, other, one, other) == 2


@pytest.mark.parametrize("root", [root for root in ROOTS if not root.startswith(("user", "length"))])
async def test_what_nothing_reads_makes_no_difference(tmp_path: Path, root: str) -> None:
    one, other = ROOTS[root]
    assert await asked(tmp_path, SPECS % ("", "input.id"), one, other) == 1


@pytest.mark.parametrize(
    ("place", "root"),
    [
        ("when: \"ctx.channel == 'web'\", call: erp.orders", "ctx.channel"),
        ("foreach: \"if(ctx.channel == 'web', ['1'], ['1', '2'])\", as: n, call: erp.orders", "ctx.channel"),
        ("call: erp.orders, with: {c: '${ ctx.channel }'}", "ctx.channel"),
        ("call: erp.orders, output: '${ ctx.channel }'", "ctx.channel"),
        ("call: erp.orders, fallback: [{when: \"ctx.channel == 'web'\", call: erp.orders}]", "ctx.channel"),
        ("call: erp.orders, fallback: [{call: erp.orders, with: {c: '${ ctx.channel }'}}]", "ctx.channel"),
        ("call: erp.orders, fallback: [{call: erp.orders, output: '${ ctx.channel }'}]", "ctx.channel"),
    ],
)
async def test_every_part_of_a_step_counts(tmp_path: Path, place: str, root: str) -> None:
    specs = f'intent: ask\ncache: {{ttl: 30s}}\nsteps: {{o: {{{place}}}}}\noutput: "${{ steps.o }}"\n'
    one, other = ROOTS[root]
    async with keeping(tmp_path, specs, {"erp.orders": 1}) as (made, _):
        cache = plan_caches(made.planned)["ask"]
        assert key_of(cache, ctx={"channel": "api"}) != key_of(cache, ctx={"channel": "web"})
        for request in (one, other):
            assert (await made.ask("ask", user=ANN, **request)).status == "complete"


async def test_the_whole_input_counts(tmp_path: Path) -> None:
    given: list[dict[str, Any]] = [
        {},
        {"id": "1"},
        {"id": "2"},
        {"n": 1},
        {"n": True},
        {"n": "1"},
        {"n": [1]},
        {"n": None},
        {"id": "1", "n": 1},
    ]
    specs = SPECS % ("", "input.id")
    assert await asked(tmp_path, specs, *({"given": each} for each in given + given)) == len(given)


async def test_defaults_are_part_of_the_input(tmp_path: Path) -> None:
    specs = (SPECS % ("", "input.id")).replace("id: {type: string}", "id: {type: string, default: '1'}")
    assert await asked(tmp_path, specs, {}, {"given": {"id": "1"}}) == 1


@pytest.mark.parametrize("reads", ["tenant.id", "tenant.config.brand", "tenant.plan", "input.id"])
async def test_tenants_share_nothing(tmp_path: Path, reads: str) -> None:
    acme, zeta = ({"user": {**ANN, "home": home}} for home in ("acme", "zeta"))
    specs = (SPECS % ("", reads)).replace(", scope: user", "")
    assert await asked(tmp_path, specs, acme, zeta, acme, gateway=TENANTS) == 2


async def test_all_tenants_share_what_is_public(tmp_path: Path) -> None:
    acme, zeta = ({"user": {**ANN, "home": home}} for home in ("acme", "zeta"))
    specs = (SPECS % ("", "input.id")).replace("scope: user", "scope: public")
    assert await asked(tmp_path, specs, acme, zeta, {"user": {**BOB, "home": "zeta"}}, gateway=TENANTS) == 1


@pytest.mark.parametrize(
    ("more", "own"),
    [("", 1), ("guard: [{check: \"user.id != 'eve'\"}]", 2), ("reply: hello ${ user.id }", 2), ("reply: hello", 1)],
)
async def test_what_is_for_one_caller_is_kept_for_that_caller(tmp_path: Path, more: str, own: int) -> None:
    specs = (SPECS % ("", "input.id")).replace(", scope: user", "") + more
    assert await asked(tmp_path, specs, {"user": ANN}, {"user": BOB}, {"user": ANN}) == own


async def test_equal_names_of_two_issuers_are_two_callers(tmp_path: Path) -> None:
    async with keeping(tmp_path, SPECS % ("", "input.id"), {}) as (made, _):
        cache = plan_caches(made.planned)["ask"]
        assert key_of(cache, identity=("jwt", "a", "ann")) != key_of(cache, identity=("jwt", "b", "ann"))


HTTP = """
source: shop
type: http
servers: ["http://shop.test"]
forward: [Accept-Language]
operations:
  known: {request: GET /known, query: {at: "${ ctx.time }"}}
  mine: {request: GET /mine, headers: {X-Tier: "${ user.tier }"}}
  many: {request: GET /many, query: {ids: "${ args.ids }", c: "${ ctx.channel }"}}
  one:
    request: GET /one/{id}
    params: {type: object, required: [id], properties: {id: {type: string}}}
    batch: {operation: many, param: ids, match: {id: id}}
"""


async def cache_of(folder: Path, step: str, more: str = "") -> IntentCache:
    specs = f'{HTTP}---\nintent: ask\ncache: {{ttl: 30s{more}}}\nsteps: {{o: {{{step}}}}}\noutput: "${{ steps.o }}"\n'
    async with keeping(folder, specs, {}) as (made, _):
        return plan_caches(made.planned)["ask"]


def key_of(
    cache: IntentCache,
    *,
    identity: tuple[str, str, str] = ("scenario", "", "ann"),
    headers: dict[str, str] | None = None,
    user: dict[str, Any] | None = None,
    ctx: dict[str, Any] | None = None,
) -> Any:
    scope: Scope = {"user": user or {}, "tenant": {"id": "acme"}, "ctx": ctx or {}, "config": {}, "input": {}, "session": {}, "flags": {}}
    return cache.key(CallContext(scope, ("acme", *identity), headers or {}), scope)


@pytest.mark.parametrize("step", ["call: shop.known", "call: erp.orders, fallback: [{call: shop.known}]"])
async def test_headers_that_are_passed_on_differ(tmp_path: Path, step: str) -> None:
    cache = await cache_of(tmp_path, step)
    assert key_of(cache, headers={"accept-language": "de"}) != key_of(cache, headers={"accept-language": "en"})
    assert key_of(cache, headers={"accept-language": "de"}) != key_of(cache)
    assert key_of(cache, headers={"accept": "a"}) == key_of(cache, headers={"accept": "b"})


async def test_what_calls_send_differs(tmp_path: Path) -> None:
    cache = await cache_of(tmp_path, "call: shop.mine")
    assert cache.scope == "user"
    assert key_of(cache, user={"tier": "gold"}) != key_of(cache, user={"tier": "tin"})
    assert key_of(cache) != key_of(cache, identity=("scenario", "", "bob"))


async def test_what_the_batch_sends_differs(tmp_path: Path) -> None:
    cache = await cache_of(tmp_path, "call: shop.one, with: {id: '1'}")
    assert key_of(cache, ctx={"channel": "a"}) != key_of(cache, ctx={"channel": "b"})
    assert cache.operations(["shop.one", "erp.orders"]) == ["shop.one", "shop.many", "erp.orders"]


async def test_the_time_is_no_part(tmp_path: Path) -> None:
    cache = await cache_of(tmp_path, "call: shop.known")
    assert key_of(cache, ctx={"time": "1"}) == key_of(cache, ctx={"time": "2"})


async def test_tags(tmp_path: Path) -> None:
    cache = await cache_of(tmp_path, "call: shop.known", ', tags: [all, "of:${ user.id }", "${ user.number }"]')
    assert cache.tags_of({"user": {"id": "ann", "number": 7}}) == ("all", "of:ann", "7")
    for number in (None, True, [], "x" * 257):
        with pytest.raises(ExpressionFault):
            cache.tags_of({"user": {"id": "ann", "number": number}})


async def test_a_run_of_another_intent_is_refused(tmp_path: Path) -> None:
    form = (await cache_of(tmp_path, "call: shop.known")).form
    run = Run("complete", "full", 1, {}, Evidence("ask"), [])
    assert form.unpack(form.pack(run)) is run
    with pytest.raises(ValueError, match="another intent"):
        form.unpack(Run("complete", "full", 1, {}, Evidence("other"), []))
