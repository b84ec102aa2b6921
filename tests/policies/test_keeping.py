"""What is kept of an answer, and for how long: as written, or with `ttl: auto` as the backend says."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from gateway.policies.keeping import NEVER_KEPT, RESULT
from gateway.sdk import Reference, Response, Result, Unavailable
from gateway.sdk.source_config import Batch
from tests.policies.calls_under_way import FakeOperation
from tests.policies.kept_calls import Backend, Process, asking, number
from tests.virtual_time import VirtualClock, in_virtual_time

PERSONAL: frozenset[Reference] = frozenset({("user", "id")})


def with_headers(**headers: str) -> Backend:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Backend(lambda _, count: Response({"number": count}, 200, named))


async def ages(cache: Any, backend: Backend, *pauses: float) -> list[Any]:
    """Which answer is given at first, and after each pause."""
    given = [await number(cache, backend)]
    for pause in pauses:
        await asyncio.sleep(pause)
        given.append(await number(cache, backend))
    return given


@pytest.mark.parametrize(
    ("headers", "keys", "pauses", "given"),
    [
        ({"cache_control": "max-age=5"}, {}, (4.9, 0.2), [1, 1, 2]),
        ({"cache_control": "max-age=5", "age": "3"}, {}, (1.9, 0.2), [1, 1, 2]),
        ({"cache_control": "max-age=5", "age": "6"}, {}, (0,), [1, 2]),
        ({"cache_control": "no-store"}, {}, (0,), [1, 2]),
        ({}, {}, (0,), [1, 2]),
        ({"cache_control": "max-age=5, private"}, {}, (0,), [1, 2]),
        ({"cache_control": "max-age=5, private"}, {"scope": "user"}, (0,), [1, 1]),
        ({"cache_control": "max-age=5", "vary": "*"}, {}, (0,), [1, 2]),
        ({"cache_control": "max-age=5", "vary": "accept"}, {}, (0,), [1, 1]),
        ({"cache_control": "max-age=5, stale-while-revalidate=5"}, {}, (7, 0.1), [1, 1, 2]),
        ({"cache_control": "max-age=5, stale-while-revalidate=5"}, {"stale_while_revalidate": "0s"}, (7,), [1, 2]),
        ({"cache_control": "max-age=5"}, {"stale_while_revalidate": "5s"}, (7, 0.1), [1, 1, 2]),
        ({"cache_control": "max-age=5, must-revalidate"}, {"stale_while_revalidate": "5s"}, (7,), [1, 2]),
    ],
)
def test_the_backend_says_how_long(headers: dict[str, str], keys: dict[str, Any], pauses: tuple[float, ...], given: list[Any]) -> None:
    async def run() -> list[Any]:
        return await ages(Process().cache(ttl="auto", **keys), with_headers(**headers), *pauses)

    assert in_virtual_time(run()) == given


@pytest.mark.parametrize(
    ("headers", "keys", "kept"),
    [
        ({"cache_control": "no-store"}, {}, False),
        ({"cache_control": "private"}, {}, False),
        ({"cache_control": "private"}, {"scope": "tenant"}, False),
        ({"cache_control": "private"}, {"scope": "public"}, False),
        ({"cache_control": "private"}, {"scope": "user"}, True),
        ({"cache_control": "no-store"}, {"scope": "user"}, True),
        ({"set_cookie": "session=1"}, {}, False),
        ({"set_cookie": "session=1"}, {"scope": "user"}, True),
        ({"cache_control": 'a="'}, {}, False),
        ({"cache_control": "max-age=0, no-cache, must-revalidate", "vary": "*"}, {}, True),
    ],
)
def test_written_times_hold_but_never_for_others_than_the_backend_means(headers: dict[str, str], keys: dict[str, Any], kept: bool) -> None:
    async def run() -> list[Any]:
        return await ages(Process().cache(ttl="10s", **keys), with_headers(**headers), 9)

    assert in_virtual_time(run()) == [1, 1 if kept else 2]


def test_what_depends_on_the_caller_is_for_one_caller_whatever_the_scope() -> None:
    async def run() -> list[Any]:
        cache = Process().cache(FakeOperation(identity=PERSONAL), ttl="10s", scope="public")
        backend = with_headers(cache_control="private")
        return [await number(cache, backend, asking(user)) for user in ("a", "a", "b", "a")]

    assert in_virtual_time(run()) == [1, 1, 2, 1]


def test_an_expiry_date_is_told_by_the_backends_clock() -> None:
    async def run() -> list[Any]:
        clock = VirtualClock()
        later = clock.now() + timedelta(hours=3)
        headers = {name: format_datetime(date, usegmt=True) for name, date in (("date", later), ("expires", later + timedelta(seconds=5)))}
        return await ages(Process().cache(ttl="auto"), with_headers(**headers), 4, 2)

    assert in_virtual_time(run()) == [1, 1, 2]


class TestValidation:
    """`ETag` and `Last-Modified`: an answer that is no longer fresh is asked about before it is asked for."""

    @staticmethod
    def backend(*answers: Response) -> Backend:
        return Backend(lambda _, count: answers[min(count, len(answers)) - 1])

    def test_what_is_still_good_is_not_sent_again(self) -> None:
        async def run() -> None:
            first = Response({"number": 1}, 200, {"cache-control": "max-age=5", "etag": '"v1"', "x-kept": "yes", "age": "2"})
            good = Response(None, 304, {"cache-control": "max-age=20", "etag": '"v1"'})
            process, backend = Process(), self.backend(first, good)
            cache = process.cache(ttl="auto")
            assert await ages(cache, backend, 4) == [1, 1]
            assert [call.conditions for call in backend.calls] == [(), (("If-None-Match", '"v1"'),)]
            call = asking()
            await asyncio.sleep(19)
            result = await cache(call, backend)
            assert (result.value, result.response.headers["x-kept"], "age" in result.response.headers) == ({"number": 1}, "yes", False)
            assert len(backend.calls) == 2
            assert (process.count("revalidated"), process.count("hit")) == (1, 1)

        in_virtual_time(run())

    def test_a_new_answer_takes_the_old_ones_place(self) -> None:
        async def run() -> None:
            changed = self.backend(
                Response({"number": 1}, 200, {"last-modified": "Fri, 20 Nov 2026 11:00:00 GMT"}),
                Response({"number": 2}, 200, {"cache-control": "max-age=5"}),
            )
            assert await ages(Process().cache(ttl="auto"), changed, 1, 1) == [1, 2, 2]
            assert changed.calls[1].conditions == (("If-Modified-Since", "Fri, 20 Nov 2026 11:00:00 GMT"),)

        in_virtual_time(run())

    def test_word_about_another_answer_is_not_believed(self) -> None:
        async def run() -> None:
            confused = self.backend(
                Response({"number": 1}, 200, {"etag": '"v1"'}), Response(None, 304, {"etag": '"v9"'}), Response({"number": 3})
            )
            assert await ages(Process().cache(ttl="auto"), confused, 1) == [1, 3]
            assert [bool(call.conditions) for call in confused.calls] == [False, True, False]

        in_virtual_time(run())

    def test_what_is_not_to_be_kept_any_more_is_forgotten_though_it_is_still_good(self) -> None:
        async def run() -> None:
            backend = self.backend(
                Response({"number": 1}, 200, {"etag": '"v1"'}),
                Response(None, 304, {"etag": '"v1"', "set-cookie": "a=b"}),
                Response({"number": 3}),
            )
            process = Process()
            assert await ages(process.cache(ttl="auto"), backend, 1, 1) == [1, 1, 3]
            assert backend.calls[2].conditions == ()

        in_virtual_time(run())

    def test_it_is_forgotten_after_an_hour(self) -> None:
        async def run() -> None:
            process, backend = Process(), self.backend(Response({"number": 1}, 200, {"etag": '"v1"'}), Response({"number": 2}))
            assert await ages(process.cache(ttl="auto"), backend, 3601) == [1, 2]

        in_virtual_time(run())

    def test_a_batch_is_never_asked_about(self) -> None:
        async def run() -> None:
            process, backend = Process(), self.backend(Response({"number": 1}, 200, {"etag": '"v1"', "cache-control": "max-age=1"}))
            batch = Batch(operation="many", param="ids", match={"id": "id"})
            cache = process.cache(batch=batch, ttl="auto")
            assert await ages(cache, backend, 2) == [1, 1]
            assert backend.calls[1].conditions == ()

        in_virtual_time(run())

    def test_what_is_kept_to_be_asked_about_does_not_stand_in_for_failures(self) -> None:
        async def run() -> None:
            kept = Response({"number": 1}, 200, {"etag": '"v1"', "cache-control": "max-age=1"})
            backend = Backend(lambda _, count: kept if count == 1 else Unavailable())
            cache = Process().cache(ttl="auto")
            await number(cache, backend)
            await asyncio.sleep(2)
            with pytest.raises(Unavailable):
                await cache(asking(), backend)
            with pytest.raises(Unavailable):
                await cache(asking(stale=60), backend)

        in_virtual_time(run())


def test_a_part_of_an_answer_is_not_kept() -> None:
    async def run() -> list[Any]:
        backend = Backend(lambda _, count: Response({"number": count}, 206, {"cache-control": "max-age=60"}))
        return await ages(Process().cache(ttl="auto"), backend, 1)

    assert in_virtual_time(run()) == [1, 2]


def test_headers_of_one_exchange_are_not_kept() -> None:
    async def run() -> None:
        backend = Backend(lambda _, __: Response({"number": 1}, 200, {"set-cookie": "a=b", "x-page": "2"}))
        cache = Process().cache(scope="user")
        await number(cache, backend)
        kept = await cache(asking(), backend)
        assert dict(kept.response.headers) == {"x-page": "2"}
        assert NEVER_KEPT.isdisjoint(kept.response.headers)

    in_virtual_time(run())


@pytest.mark.parametrize(
    ("tag", "kept"),
    [("orders", True), ("customer:${ args.id }", True), ("${ args.missing }", False), ("${ args.list }", False), ("${ args.long }", False)],
)
def test_what_could_not_be_purged_by_its_tags_is_not_kept(tag: str, kept: bool) -> None:
    async def run() -> list[Any]:
        cache, backend = Process().cache(tags=[tag]), Backend()
        arguments = {"id": 7, "list": [1], "long": "x" * 300}
        return [await number(cache, backend, asking(arguments=arguments)) for _ in range(2)]

    assert in_virtual_time(run()) == [1, 1 if kept else 2]


@pytest.mark.parametrize(
    "result",
    [
        Result({"a": [1]}, Response({"a": [1]}, 201, {"x": "y"})),
        Result("picked", Response({"rows": ["picked"]})),
        Result(None, Response(None, 204)),
    ],
)
def test_a_result_is_the_same_after_it_was_packed(result: Result) -> None:
    assert RESULT.unpack(RESULT.pack(result)) == result
    same = Result(result.response.body, result.response)
    assert RESULT.unpack(RESULT.pack(same)) == same
