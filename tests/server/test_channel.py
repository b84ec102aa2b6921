"""The line between supervisor and worker."""

from __future__ import annotations

import socket
from contextlib import closing

import pytest

from gateway.server.channel import LARGEST, Beat, Channel, Counted, Gone, Message, Question, Replies, Reply, Stop

ALL: list[Message] = [
    Beat("serving"), Counted(b"m"), Question(1, "t", b"\x00"), Reply(2, None), Reply(3, b""), Replies(4, {0: None, 1: b"x"}, (b"y",)),
    Stop(True), Stop(False, True),
]  # fmt: skip


def heard(channel: Channel) -> list[Message]:
    return list(channel.receive())


def test_messages_arrive_whole_and_in_order() -> None:
    one, other = Channel.pair()
    with closing(one), closing(other):
        for message in ALL:
            one.send(message)
        assert heard(other) == ALL
        assert heard(other) == []
        assert heard(one) == []


def test_what_has_no_room_waits_without_holding_anybody_up() -> None:
    one, other = Channel.pair()
    large = Counted(bytes(range(256)) * 20_000)
    with closing(one), closing(other):
        one.send(large)
        one.send(Beat("draining"))
        assert one.waiting
        found: list[Message] = []
        while one.waiting:
            found += heard(other)
            one.flush()
        found += heard(other)
        assert found == [large, Beat("draining")]


def test_a_message_in_pieces_is_one() -> None:
    raw, own = socket.socketpair()
    source, sink = Channel.pair()
    with raw, closing(Channel(own)) as channel, closing(source), closing(sink):
        source.send(Stop(True))
        packed = sink._socket.recv(1000)
        for index in range(len(packed)):
            assert heard(channel) == []
            raw.send(packed[index : index + 1])
        assert heard(channel) == [Stop(True)]


def test_the_last_words_of_who_is_gone_are_heard() -> None:
    one, other = Channel.pair()
    with closing(other):
        one.send(Beat("starting"))
        one.close()
        messages = other.receive()
        assert next(messages) == Beat("starting")
        with pytest.raises(Gone):
            next(messages)
        with pytest.raises(Gone):
            other.send(Beat("serving"))


def test_who_never_listens_is_taken_for_gone() -> None:
    one, other = Channel.pair()
    one._unsent = bytearray(LARGEST)
    with closing(one), closing(other), pytest.raises(Gone):
        one.send(Beat("serving"))
