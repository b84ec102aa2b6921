"""One connection on a transport that only records."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from gateway.net.connection import Connection, Outcome
from gateway.sdk import BadResponse, HttpRequest, HttpResponse, Unavailable
from tests.net.contract import lines

HEAD = b"GET / HTTP/1.1\r\n\r\n"
OK = lines("200 OK", "content-length: 2") + b"ok"


class Recorder(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.unsent = 0
        self.aborted = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        self.written += b"".join(list_of_data)

    def get_write_buffer_size(self) -> int:
        return self.unsent

    def is_closing(self) -> bool:
        return self.aborted

    def abort(self) -> None:
        self.aborted = True


class Setting:
    """A connection in the middle of an exchange, and what its owner was told."""

    def __init__(self, body: bytes | None = None) -> None:
        self.told: list[str] = []
        self.connection = Connection(lambda _: self.told.append("free"), lambda _: self.told.append("lost"))
        self.transport = Recorder()
        self.connection.connection_made(self.transport)
        self.outcome: asyncio.Future[Outcome | None] = asyncio.get_running_loop().create_future()
        self.connection.start(HttpRequest("GET", "/", 0, body=body), HEAD, self.outcome)


async def test_an_answer_frees_the_connection() -> None:
    setting = Setting(body=b"hello")
    setting.connection.data_received(OK)
    assert setting.transport.written == HEAD + b"hello"
    assert setting.outcome.result() == HttpResponse(200, {"content-length": "2"}, b"ok")
    assert (setting.told, setting.connection.usable) == (["free"], True)


async def test_an_answer_before_the_request_was_sent_ends_the_connection() -> None:
    setting = Setting()
    setting.transport.unsent = 1
    setting.connection.data_received(OK)
    assert isinstance(setting.outcome.result(), HttpResponse)
    assert (setting.told, setting.connection.usable) == ([], False)


async def test_an_answer_that_nobody_waits_for_any_more_still_frees_the_connection() -> None:
    setting = Setting()
    setting.outcome.cancel()
    setting.connection.data_received(OK)
    assert setting.told == ["free"]


async def test_bytes_that_nobody_asked_for_end_the_connection() -> None:
    setting = Setting()
    setting.connection.data_received(OK)
    setting.connection.data_received(OK)
    assert not setting.connection.usable


async def test_the_end_before_an_answer_is_told_from_the_end_within_one() -> None:
    before, within, reset = Setting(), Setting(), Setting()
    before.connection.eof_received()
    within.connection.data_received(OK[:-1])
    within.connection.eof_received()
    reset.connection.data_received(OK[:-1])
    reset.connection.connection_lost(ConnectionResetError())
    outcomes = [setting.outcome.result() for setting in (before, within, reset)]
    assert [type(outcome) for outcome in outcomes] == [Unavailable, BadResponse, Unavailable]
    assert [setting.connection.answered for setting in (before, within, reset)] == [False, True, True]


async def test_an_aborted_exchange_is_left_unresolved_and_its_loss_told_once() -> None:
    setting = Setting()
    setting.connection.abort()
    setting.connection.connection_lost(None)
    assert (setting.outcome.done(), setting.told) == (False, ["lost"])
