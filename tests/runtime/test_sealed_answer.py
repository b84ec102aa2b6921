from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

import pytest

from gateway.runtime.evidence import Evidence
from gateway.runtime.recording import Run
from gateway.runtime.sealed_answer import LARGEST, Failure, Finished, failure_of, record_name, seal, unseal
from gateway.sdk import Answer, BackendError, Conflict, Forbidden, NotFound, StepReport


def finished(data: Any, failure: Failure | None = None) -> Finished:
    return Finished(Run("complete", "full", data, {"a": StepReport("ok")}, Evidence("ask", steps={"a": data}), ["s.a"]), failure)


@pytest.mark.parametrize("data", [None, {"name": "Ann", "sums": [1, 2.5, True]}, "ü\u2028\x00", 1 << 62, {"deep": [[[[{}]]]]}])
def test_what_was_sealed_is_read_with_the_same_key_alone(data: Any) -> None:
    sealed = seal(finished(data), "key")
    assert sealed is not None
    assert unseal(sealed, "key") == finished(data)
    assert unseal(sealed, "other") is None
    assert record_name("key") != record_name("other")


def test_what_is_stored_tells_nothing_and_never_the_same() -> None:
    one, other = seal(finished({"name": "Ann Personal"}), "key"), seal(finished({"name": "Ann Personal"}), "key")
    assert one is not None
    assert one != other
    assert b"Ann" not in b64decode(one)
    assert "key" not in record_name("key")


@pytest.mark.parametrize("data", [{1, 2}.__iter__(), 1 << 65, "\ud800", "x" * LARGEST])
def test_what_can_not_be_written_or_is_too_large_is_not_kept(data: Any) -> None:
    assert seal(finished(data), "key") is None


def test_nesting_without_an_end_is_not_kept() -> None:
    endless: list[Any] = []
    endless.append(endless)
    assert seal(finished(endless), "key") is None


def test_what_somebody_changed_is_not_read() -> None:
    sealed = seal(finished({"a": 1}), "key")
    assert sealed is not None
    raw = bytearray(b64decode(sealed))
    raw[-1] ^= 1
    assert unseal(b64encode(bytes(raw)).decode(), "key") is None


@pytest.mark.parametrize("text", ["", "AAAA", "no base64!", "\udc80", "QUFB" * 20])
def test_what_was_never_sealed_is_not_read(text: str) -> None:
    assert unseal(text, "key") is None


def test_a_failure_is_the_same_again() -> None:
    error = Conflict("Taken.", detail_code="taken", status_code=409, details=[{"pointer": "/input/x", "message": "is taken"}])
    failure = failure_of(Answer("failed", error=error))
    assert failure is not None
    again = failure.error()
    assert (type(again), again.message, again.detail_code, again.status_code) == (Conflict, "Taken.", "taken", 409)
    assert (again.details, again.passing, again.settled) == (error.details, False, True)
    sealed = seal(finished(None, failure), "key")
    assert sealed is not None
    assert unseal(sealed, "key") == finished(None, failure)


@pytest.mark.parametrize(("status", "error", "denied"), [("failed", NotFound(), False), ("denied", Forbidden(), True)])
def test_a_denial_stays_one(status: Any, error: Any, denied: bool) -> None:
    failure = failure_of(Answer(status, error=error))
    assert failure is not None
    assert failure.denied is denied


def test_an_answer_with_data_has_no_failure_and_an_unknown_code_is_a_backends() -> None:
    assert failure_of(Answer("complete")) is None
    assert isinstance(Failure("from_a_later_release", "m", None, None, [], False, False).error(), BackendError)
