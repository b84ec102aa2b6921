"""The answer that is written in advance is the one that would have been made, but for its id."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from gateway.policies.admit import refusal
from gateway.server.overload_answer import HELD, OverloadAnswer
from gateway.server.problems import problem

ID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")


class Read:
    """An answer as a client takes it apart."""

    def __init__(self, written: bytes) -> None:
        head, _, self.body = written.partition(b"\r\n\r\n")
        self.status, *lines = head.decode("latin-1").split("\r\n")
        self.headers = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]

    def header(self, name: str) -> str:
        found = [value for key, value in self.headers if key == name]
        assert len(found) == 1, f"{name}: {found}"
        return found[0]

    def json(self) -> Any:
        return msgspec.json.decode(self.body)


def test_it_is_a_problem_like_any_other() -> None:
    read = Read(OverloadAnswer().written(keep_alive=True, bodiless=False))
    id_ = read.header("x-request-id")
    made = problem(refusal(), id_)
    assert read.status == "HTTP/1.1 503 Service Unavailable"
    assert read.body == made.body
    assert sorted(read.headers) == sorted((name.decode(), value.decode()) for name, value in made.all_headers())
    assert (read.json()["code"], read.json()["request_id"], read.header("retry-after")) == ("overloaded", id_, "1")


def test_its_length_is_right() -> None:
    read = Read(OverloadAnswer().written(keep_alive=True, bodiless=False))
    assert int(read.header("content-length")) == len(read.body) > 0


def test_each_has_an_id_of_its_own() -> None:
    answer = OverloadAnswer()
    ids = [Read(answer.written(keep_alive=True, bodiless=False)).header("x-request-id") for _ in range(50)]
    assert len(set(ids)) == 50
    assert all(ID.fullmatch(id_) and id_ != HELD for id_ in ids)


def test_a_head_request_gets_no_body_but_all_headers() -> None:
    read = Read(OverloadAnswer().written(keep_alive=True, bodiless=True))
    assert read.body == b""
    assert int(read.header("content-length")) > 0
    assert ID.fullmatch(read.header("x-request-id"))


def test_a_connection_that_ends_is_told_so() -> None:
    answer = OverloadAnswer()
    assert Read(answer.written(keep_alive=False, bodiless=False)).header("connection") == "close"
    assert b"connection" not in answer.written(keep_alive=True, bodiless=False).partition(b"\r\n\r\n")[0]


def test_headers_of_the_plan_and_of_the_request_are_in_it() -> None:
    answer = OverloadAnswer(((b"strict-transport-security", b"max-age=1"),))
    read = Read(answer.written(keep_alive=False, bodiless=False, more=((b"vary", b"origin"), (b"x-more", b"2"))))
    assert [read.header(name) for name in ("strict-transport-security", "vary", "x-more", "connection")] == [
        "max-age=1",
        "origin",
        "2",
        "close",
    ]
    assert read.json()["code"] == "overloaded"
