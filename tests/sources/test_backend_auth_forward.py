"""The caller's own token, passed on."""

from __future__ import annotations

import pytest

from gateway.sdk import Call, Unauthorized
from gateway.sources.backend_auth_forward import WITHOUT_TOKEN, ForwardedToken
from gateway.testing import call_of


def call_by(kind: str, authorization: str | None) -> Call:
    call = call_of("x", headers={} if authorization is None else {"authorization": authorization})
    call.context.identity = ("default", kind, "https://id.test", "u1")
    return call


@pytest.mark.parametrize("written", ["Bearer abc.d-e_f~g+h/i==", "bearer abc.d-e_f~g+h/i==", "BEARER   abc.d-e_f~g+h/i== "])
async def test_a_token_is_passed_on_as_it_came(written: str) -> None:
    proof = await ForwardedToken().prove(call_by("jwt", written))
    assert proof.header == ("Authorization", "Bearer abc.d-e_f~g+h/i==")
    assert proof.redaction.suspects({}, b"abc.d-e_f~g+h/i==")
    assert not ForwardedToken().refused(call_by("jwt", written), proof)


@pytest.mark.parametrize(
    "written", [None, "", "Bearer", "Bearer ", "Basic YTpi", "Bearer a b", "Bearer a\r\nX: 1", "Bearer é", "x", "Bearer a,b"]
)
async def test_what_is_no_token_is_never_passed_on(written: str | None) -> None:
    with pytest.raises(Unauthorized):
        await ForwardedToken().prove(call_by("jwt", written))


@pytest.mark.parametrize("kind", sorted(WITHOUT_TOKEN))
async def test_callers_known_otherwise_have_none(kind: str) -> None:
    with pytest.raises(Unauthorized) as caught:
        await ForwardedToken().prove(call_by(kind, "Bearer an-api-key-in-disguise"))
    assert "api-key" not in caught.value.message


async def test_a_caller_of_no_known_kind_has_none() -> None:
    call = call_by("jwt", "Bearer abc")
    call.context.identity = ("default",)
    with pytest.raises(Unauthorized):
        await ForwardedToken().prove(call)


def test_the_token_tells_callers_apart() -> None:
    assert ForwardedToken().forwards == {"authorization"}
    assert ("user", "id") in ForwardedToken().identity
