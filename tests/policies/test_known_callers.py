"""What is remembered of credentials, how much of it, and which credential of a request counts."""

from __future__ import annotations

from gateway.policies.known_callers import KnownCallers, presented


def test_who_was_learned_is_known() -> None:
    callers = KnownCallers()
    callers.learn("key-a", "acme")
    callers.learn("key-z", "zeta")
    assert [callers.tenant(key) for key in ("key-a", "key-z", "key-b")] == ["acme", "zeta", None]


def test_what_was_learned_last_counts() -> None:
    callers = KnownCallers()
    callers.learn("key", "acme")
    callers.learn("key", "zeta")
    assert callers.tenant("key") == "zeta"


def test_what_was_learned_last_counts_though_another_is_remembered_from_before() -> None:
    callers = KnownCallers(most=1)
    callers.learn("key", "acme")
    callers.learn("other", "acme")
    callers.learn("key", "zeta")
    assert callers.tenant("key") == "zeta"


def test_only_so_many_are_remembered_and_as_many_from_before() -> None:
    callers = KnownCallers(most=2)
    for number in range(6):
        callers.learn(f"key-{number}", "acme")
    assert [number for number in range(6) if callers.tenant(f"key-{number}") == "acme"] == [2, 3, 4, 5]


def test_who_comes_again_and_again_is_not_forgotten() -> None:
    callers = KnownCallers(most=2)
    for number in range(20):
        callers.learn(f"key-{number}", "acme")
        callers.learn("regular", "zeta")
        assert callers.tenant("regular") == "zeta"


def test_the_same_caller_over_and_over_pushes_nobody_out() -> None:
    callers = KnownCallers(most=1)
    callers.learn("key-a", "acme")
    callers.learn("key-z", "zeta")
    for _ in range(10):
        callers.learn("key-z", "zeta")
    assert callers.tenant("key-a") == "acme"


def test_no_credential_is_kept() -> None:
    callers = KnownCallers()
    callers.learn("let-me-in", "acme")
    assert "let-me-in" not in repr(vars(callers))


def test_the_first_header_that_is_there_counts() -> None:
    headers = {"x-api-key": "k", "authorization": "Bearer t"}
    assert presented(headers, ("authorization", "x-api-key")) == "Bearer t"
    assert presented(headers, ("x-signature", "x-api-key")) == "k"
    assert presented(headers, ("x-signature",)) is None
    assert presented(headers, ()) is None
