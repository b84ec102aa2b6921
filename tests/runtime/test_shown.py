"""Data and errors of an answer as their caller sees them."""

from __future__ import annotations

from typing import Any

from gateway.expressions import Template, compile_template
from gateway.runtime.masking import Masking, Rendered, Rules
from gateway.runtime.shown import Shown
from gateway.sdk import Answer, BackendError, ErrorEntry, Forbidden, NotFound
from tests.runtime.masked import KEY, rule, scope

FIRST: Rules = frozenset({0})
NONE: Rules = frozenset()


def shown(*, data: Any = None, errors: Rules = NONE) -> Shown:
    masking = Masking([rule("remove", unless="contains(user.roles, 'agent')")], KEY)
    if data is None:
        return Shown(masking, None, errors)
    plain, _ = compile_template(data, roots=frozenset({"user"}))
    masked, _ = compile_template("hidden", roots=frozenset({"user"}))
    assert isinstance(masked, Template)
    assert plain is not None
    return Shown(masking, Rendered(plain, masked, masking, FIRST), errors)


def test_data_is_masked_and_kept_for_the_reply() -> None:
    answer = Answer("complete", data={"id": "u1"})
    shown(data={"id": "${ user.id }"}).hide(scope("customer"), answer)
    assert (answer.data, answer.output) == ("hidden", {"id": "u1"})


def test_nothing_is_done_for_those_who_may_see_it() -> None:
    answer = Answer("complete", data={"id": "u1"}, errors=[ErrorEntry("a", "backend_error", "of Ann", "E1")])
    assert shown(data={"id": "${ user.id }"}, errors=FIRST).hide(scope("agent"), answer) == set()
    assert answer == Answer("complete", data={"id": "u1"}, errors=[ErrorEntry("a", "backend_error", "of Ann", "E1")])


def test_a_failed_answer_has_no_data_to_mask() -> None:
    answer = Answer("failed", error=NotFound())
    shown(data=1).hide(scope("customer"), answer)
    assert (answer.data, answer.output) == (None, None)


def test_words_of_a_backend_are_the_code_s_own() -> None:
    entries = [
        ErrorEntry("a", "backend_error", "Ann has no credit", "E-ann", retryable=True),
        ErrorEntry("b", "timeout", "A backend did not answer in time."),
    ]
    answer = Answer("partial", errors=entries)
    assert shown(errors=FIRST).hide(scope("customer"), answer) == {"errors"}
    assert answer.errors == [ErrorEntry("a", "backend_error", BackendError.default_message, None, retryable=True), entries[1]]


def test_the_error_of_a_failed_answer_loses_its_words_and_conditions_still_see_them() -> None:
    error = BackendError("Ann has no credit", detail_code="E-ann", status_code=500)
    error.passing = True
    answer = Answer("failed", error=error, errors=[ErrorEntry("a", error.code, error.message, "E-ann")])
    shown(errors=FIRST).hide(scope("customer"), answer)
    assert isinstance(answer.error, BackendError)
    assert (answer.error.message, answer.error.detail_code, answer.error.status_code) == (BackendError.default_message, None, 500)
    assert answer.error.passing
    assert answer.errors[0].message == BackendError.default_message
    root = answer.error_root()
    assert root is not None
    assert root["detail_code"] == "E-ann"


def test_an_error_that_is_the_gateway_s_own_stays() -> None:
    error = Forbidden("No.", detail_code="x")
    answer = Answer("denied", error=error, errors=[ErrorEntry(None, "forbidden", "No.", "x")])
    shown(errors=FIRST).hide(scope("customer"), answer)
    assert answer.error is error
    assert answer.errors[0].message == "No."
