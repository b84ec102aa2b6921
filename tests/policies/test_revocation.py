"""Deny lists: what they hold, and when a file is looked at."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateway.policies.revocation import MOST_BYTES, RevocationFile, Revocations, UnreadableList, revocations
from gateway.testing import FakeServices
from tests.policies.tokens import VirtualClock


def test_a_token_and_a_subject_can_be_refused() -> None:
    denied = Revocations()
    assert not denied.holds(None, None)
    denied.revoke(token_id="t-1")
    denied.revoke(subject="ada")
    assert denied.holds("t-1", "bob")
    assert denied.holds("t-2", "ada")
    assert not denied.holds("ada", "t-1")
    assert not denied.holds(None, None)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def services(tmp_path: Path, clock: VirtualClock) -> FakeServices:
    return FakeServices(folder=tmp_path, clock=clock)


def followed(services: FakeServices) -> Revocations:
    denied = revocations("denied", services)
    assert isinstance(denied, RevocationFile)
    return denied


def test_a_file_has_an_entry_a_line(services: FakeServices) -> None:
    (services.folder / "denied").write_bytes(b"# since Monday\n\njti t-1\r\n  sub auth0|ada smith \njti sub\n")
    denied = followed(services)
    assert [denied.holds(token, None) for token in ("t-1", "sub", "t-2", "# since Monday")] == [True, True, False, False]
    assert [denied.holds(None, subject) for subject in ("auth0|ada smith", "t-1")] == [True, False]


def test_it_is_looked_at_again_once_a_second(services: FakeServices, clock: VirtualClock) -> None:
    file = services.folder / "denied"
    file.write_text("")
    denied = followed(services)
    file.write_text("jti t-1\n")
    clock.pass_by(0.9)
    assert not denied.holds("t-1", None)
    clock.pass_by(0.1)
    assert denied.holds("t-1", None)
    denied.revoke(token_id="t-2")
    file.write_text("")
    clock.pass_by(1)
    assert not denied.holds("t-1", None)
    assert denied.holds("t-2", None)


@pytest.mark.parametrize("bad", [None, b"jti\n", b"t-1\n", b"jti t-1\nexp 3\n", b"\xff", b"#" * (MOST_BYTES + 1)])
def test_while_it_cannot_be_read_the_list_stays(
    services: FakeServices, clock: VirtualClock, bad: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    file = services.folder / "denied"
    file.write_text("jti t-1\n")
    denied = followed(services)
    if bad is None:
        file.unlink()
    else:
        file.write_bytes(bad)
        os.utime(file, ns=(1, 1))
    for _ in range(3):
        clock.pass_by(1)
        assert denied.holds("t-1", None)
    assert ["stays in force" in record.getMessage() for record in caplog.records] == [True]
    assert not any("t-1" in record.getMessage() for record in caplog.records)


def test_a_list_that_cannot_be_read_at_load_is_reported(services: FakeServices) -> None:
    revocations("denied", services)
    assert [(problem.code, problem.path) for problem in services.problems] == [("GW525", ("revoked",))]
    with pytest.raises(UnreadableList):
        RevocationFile(services.folder, services.clock, services.logger)


def test_without_a_file_nobody_is_refused(services: FakeServices) -> None:
    assert not revocations(None, services).holds("t-1", "ada")
    assert services.problems == []
