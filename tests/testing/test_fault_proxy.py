"""The fault proxy, spoken to over plain sockets."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
import uvloop

from gateway.testing import refused_url, scripted_server
from gateway.testing.fault_proxy import Behaviour, FaultProxy, Flow, fault_proxy

WORD = b"0123456789"
LATE = 0.04


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(1 << 16):
        writer.write(data)
        await writer.drain()


@asynccontextmanager
async def proxied(behaviour: Behaviour | None = None, **options: int) -> AsyncIterator[FaultProxy]:
    """A proxy before a server that sends back whatever it gets."""
    async with scripted_server(echo) as url, fault_proxy(url, **options) as proxy:  # type: ignore[arg-type]
        proxy.behaviour = behaviour or Behaviour()
        yield proxy


@asynccontextmanager
async def connected(proxy: FaultProxy) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection(*proxy.address)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def send(proxy: FaultProxy, data: bytes = WORD) -> bytes:
    """All that comes back for `data` until the connection ends in order."""
    async with connected(proxy) as (reader, writer):
        writer.write(data)
        writer.write_eof()
        return await reader.read()


async def seconds_of(proxy: FaultProxy, data: bytes = WORD) -> float:
    began = time.perf_counter()
    assert await send(proxy, data) == data
    return time.perf_counter() - began


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(2):
        while not true():
            await asyncio.sleep(0.002)


async def test_without_a_fault_everything_passes_and_is_counted() -> None:
    large = bytes(range(256)) * 4096
    async with proxied() as proxy:
        assert await send(proxy, large) == large
        assert await send(proxy) == WORD
        await until(lambda: proxy.open == 0)
        assert (proxy.connections, proxy.bytes_to_server, proxy.bytes_to_client) == (2, len(large) + 10, len(large) + 10)


async def test_its_url_keeps_the_scheme_of_the_target() -> None:
    async with fault_proxy("redis://127.0.0.1:6379") as proxy:
        assert proxy.url == f"redis://127.0.0.1:{proxy.address[1]}"
    async with fault_proxy(("127.0.0.1", 6379)) as proxy:
        assert proxy.url.startswith("http://127.0.0.1:")
    with pytest.raises(ValueError, match="a host and a port"):
        FaultProxy("http://localhost")


@pytest.mark.parametrize("flow", [{"latency": -1}, {"jitter": -0.1}, {"bandwidth": 0}, {"piece": 0}, {"cut_after": -1}])
def test_a_flow_that_no_stream_can_have_is_refused(flow: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"negative|greater than 0"):
        Flow(**flow)  # type: ignore[arg-type]


@pytest.mark.parametrize("behaviour", [Behaviour(to_server=Flow(latency=LATE)), Behaviour(to_client=Flow(latency=LATE))])
async def test_latency_of_one_direction(behaviour: Behaviour) -> None:
    async with proxied(behaviour) as proxy:
        assert await seconds_of(proxy) >= LATE


async def test_jitter_never_makes_a_byte_early_and_keeps_the_order() -> None:
    async with proxied(Behaviour(to_client=Flow(latency=LATE / 2, jitter=LATE / 2))) as proxy, connected(proxy) as (reader, writer):
        began = time.perf_counter()
        for number in range(10):
            writer.write(b"%d" % number)
            await asyncio.sleep(0.001)
        assert await reader.readexactly(10) == WORD
        assert time.perf_counter() - began >= LATE / 2


async def test_latency_delays_a_stream_and_does_not_slow_it_down() -> None:
    """Chunks travel side by side: a wait for each in turn would be 16 times as long."""
    data = bytes(16 * 16 * 1024)
    async with proxied(Behaviour(to_client=Flow(latency=LATE))) as proxy:
        assert LATE <= await seconds_of(proxy, data) < 16 * LATE


async def test_bandwidth() -> None:
    async with proxied(Behaviour(to_client=Flow(bandwidth=100_000))) as proxy:
        assert await seconds_of(proxy, bytes(5_000)) >= 0.05


async def test_slicing() -> None:
    async with proxied(Behaviour(to_client=Flow(piece=3, pause=0.01))) as proxy, connected(proxy) as (reader, writer):
        writer.write(WORD)
        pieces = []
        while sum(map(len, pieces)) < len(WORD):
            pieces.append(await reader.read(100))
    assert b"".join(pieces) == WORD
    assert len(pieces) > 1


@pytest.mark.parametrize("after", [0, 4])
async def test_a_connection_is_cut_off_in_order_after_so_many_bytes(after: int) -> None:
    async with proxied(Behaviour(to_client=Flow(cut_after=after))) as proxy:
        assert await send(proxy) == WORD[:after]
        assert proxy.bytes_to_client == after


async def test_what_is_just_as_long_is_not_cut_off() -> None:
    async with proxied(Behaviour(to_client=Flow(cut_after=10, cut_by="reset"))) as proxy:
        assert await send(proxy) == WORD


async def test_a_reset_after_so_many_bytes() -> None:
    async with proxied(Behaviour(to_client=Flow(cut_after=4, cut_by="reset"))) as proxy:
        with pytest.raises(ConnectionResetError):
            await send(proxy)
        assert proxy.bytes_to_client == 4


async def test_a_request_can_be_reset_before_the_server_has_any_of_it() -> None:
    async with proxied(Behaviour(to_server=Flow(cut_after=0, cut_by="reset"))) as proxy:
        with pytest.raises(ConnectionResetError):
            await send(proxy)
        assert proxy.bytes_to_server == 0


async def test_a_stalled_answer_stays_open_until_the_client_leaves() -> None:
    async with proxied(Behaviour(to_client=Flow(cut_after=4, cut_by="stall"))) as proxy:
        async with connected(proxy) as (reader, writer):
            writer.write(WORD)
            assert await reader.readexactly(4) == WORD[:4]
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(reader.read(1), 0.03)
            assert proxy.open == 1
        await until(lambda: proxy.open == 0)


async def test_silent_takes_everything_and_asks_nobody() -> None:
    async with fault_proxy(refused_url()) as proxy:
        proxy.behaviour = Behaviour(silent=True)
        async with connected(proxy) as (reader, writer):
            writer.write(WORD * 10_000)
            await writer.drain()
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(reader.read(1), 0.03)
        await until(lambda: proxy.open == 0)


async def test_slow_close_keeps_the_end_back_and_nothing_else() -> None:
    async with proxied(Behaviour(slow_close=LATE)) as proxy, connected(proxy) as (reader, writer):
        writer.write(WORD)
        assert await reader.readexactly(10) == WORD
        began = time.perf_counter()
        writer.write_eof()
        assert await reader.read() == b""
        assert time.perf_counter() - began >= LATE


async def test_a_target_that_is_not_there_is_a_reset() -> None:
    async with fault_proxy(refused_url()) as proxy:
        with pytest.raises(ConnectionResetError):
            await send(proxy)


async def test_down_refuses_resets_what_is_open_and_keeps_its_port() -> None:
    async with proxied() as proxy:
        async with connected(proxy) as (reader, writer):
            writer.write(WORD)
            await reader.readexactly(10)
            await proxy.down()
            with pytest.raises(ConnectionResetError):
                await reader.read()
        with pytest.raises(ConnectionRefusedError):
            await send(proxy)
        with socket.socket() as thief, pytest.raises(OSError, match="in use"):
            thief.bind(proxy.address)
        assert proxy.port_state == "down"
        await proxy.up()
        assert await send(proxy) == WORD


async def test_down_may_leave_open_connections_alone() -> None:
    async with proxied() as proxy, connected(proxy) as (reader, writer):
        writer.write(WORD)
        await reader.readexactly(10)
        await proxy.down(reset_open=False)
        writer.write(WORD)
        assert await reader.readexactly(10) == WORD


async def test_a_black_hole_makes_no_connection_and_refuses_none() -> None:
    async with proxied() as proxy:
        await proxy.blackhole()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(send(proxy), 0.04)
        assert (proxy.port_state, proxy.connections) == ("blackhole", 0)
        await proxy.up()
        assert await send(proxy) == WORD


async def test_flapping_goes_down_and_up_and_ends_up() -> None:
    states = set()
    async with proxied() as proxy:
        async with proxy.flapping(up=0.01, down=0.01):
            async with asyncio.timeout(2):
                while states != {"up", "down"}:
                    states.add(proxy.port_state)
                    await asyncio.sleep(0.002)
        assert proxy.port_state == "up"
        assert await send(proxy) == WORD


async def test_a_behaviour_may_change_under_an_open_connection() -> None:
    async with proxied() as proxy, connected(proxy) as (reader, writer):
        writer.write(WORD)
        assert await reader.readexactly(10) == WORD
        proxy.behaviour = Behaviour(to_client=Flow(latency=LATE))
        began = time.perf_counter()
        writer.write(WORD)
        assert await reader.readexactly(10) == WORD
        assert time.perf_counter() - began >= LATE


async def test_each_connection_may_have_a_behaviour_of_its_own() -> None:
    async with proxied() as proxy:
        proxy.behaviour = lambda number: Behaviour(to_client=Flow(cut_after=number))
        assert [await send(proxy) for _ in range(3)] == [b"0", b"01", b"012"]


async def test_a_behaviour_that_raises_is_told_in_the_end() -> None:
    def behaviour(number: int) -> Behaviour:
        raise ZeroDivisionError

    async with scripted_server(echo) as url:
        proxy = FaultProxy(url)
        proxy.behaviour = behaviour
        await proxy.up()
        with pytest.raises(ConnectionResetError):
            await send(proxy)
        with pytest.raises(ZeroDivisionError):
            await proxy.close()


async def test_connections_beyond_the_most_are_reset() -> None:
    async with proxied(most_open=1) as proxy, connected(proxy) as (reader, writer):
        writer.write(WORD)
        await reader.readexactly(10)
        with pytest.raises(ConnectionResetError):
            await send(proxy)
        assert proxy.open == 1


async def test_closing_ends_connections_in_any_state_and_may_be_done_twice() -> None:
    held = Behaviour(to_client=Flow(latency=60), slow_close=60)
    async with proxied() as proxy:
        proxy.behaviour = lambda number: held if number == 1 else Behaviour(silent=True)
        opened = [await asyncio.open_connection(*proxy.address) for _ in range(2)]
        for _, writer in opened:
            writer.write(WORD)
            writer.write_eof()
        await until(lambda: proxy.open == 2)
        await proxy.close()
        await proxy.close()
        for reader, writer in opened:
            with pytest.raises(ConnectionResetError):
                await reader.read()
            writer.transport.abort()
        assert proxy.open == 0


async def leave_rudely(proxy: FaultProxy) -> None:
    """Clients that are gone before, while and after they are answered, in order and not."""

    async def client(number: int) -> None:
        _, writer = await asyncio.open_connection(*proxy.address)
        writer.write(WORD * 1000)
        await asyncio.sleep(number % 10 / 1000)
        if number % 2:
            writer.transport.abort()
        else:
            writer.close()

    await asyncio.gather(*map(client, range(60)))
    await until(lambda: proxy.open == 0)


async def test_clients_that_leave_at_any_time_are_no_failure_of_the_proxy() -> None:
    async with proxied(Behaviour(to_client=Flow(latency=0.003, piece=1000))) as proxy:
        await leave_rudely(proxy)
        assert proxy.connections == 60


def test_it_also_runs_on_uvloop() -> None:
    async def run() -> None:
        async with proxied() as proxy:
            assert await send(proxy, WORD * 10_000) == WORD * 10_000
            await proxy.down()
            with pytest.raises(ConnectionRefusedError):
                await send(proxy)
            await proxy.up()
            proxy.behaviour = Behaviour(to_client=Flow(cut_after=4, cut_by="reset"))
            with pytest.raises(ConnectionResetError):
                await send(proxy)
            proxy.behaviour = Behaviour(to_client=Flow(latency=0.003, piece=1000))
            await leave_rudely(proxy)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())
