"""Where the gateway listens, and with which certificate."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.runtime.listener_tls import ListenerFiles
from tests.net.certificates import Authority
from tests.planner.folders import marked, planned

INTENT = "intent: ask\noutput: 1\n"
ANYBODY = "identity: [{anonymous: {}}]\n"
BY_CERTIFICATE = "identity: [{mutual_tls: {ca: ca.pem}}]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    authority = Authority(tmp_path)
    for name in ("one", "other"):
        authority.issue(name, tmp_path / f"{name}.pem")
    return tmp_path


def test_what_is_written_is_the_plans(folder: Path) -> None:
    server = 'server: {host: "::1", admin: "[::1]:9", max_body: 2KiB, public_url: https://a.example, tls: {cert: one.pem, key: one.pem}}\n'
    plan = planned(folder, INTENT, gateway=f"gateway: g\n{server}{ANYBODY}").plan
    assert plan is not None
    settings = plan.server
    assert (settings.host, settings.admin_host, settings.admin_port, settings.admin_is_default) == ("::1", "::1", 9, False)
    assert (settings.max_body, settings.public_url, settings.cross_origin) == (2048, "https://a.example", None)
    assert settings.tls == ListenerFiles(folder / "one.pem", folder / "one.pem")


@pytest.mark.parametrize(
    ("tls", "problems"),
    [
        ("{cert: one.pem, key: one.pem, client_ca: ca.pem}", []),
        ("{cert: absent.pem, key: one.pem}", [("GW405", "absent.pem")]),
        ("{cert: one.pem, key: other.pem}", [("GW405", "other.pem")]),
        ("{cert: one.pem, key: one.pem, client_ca: gateway.yaml}", [("GW405", "gateway.yaml")]),
    ],
)
def test_the_file_that_cannot_be_served_is_told(folder: Path, tls: str, problems: list[tuple[str, str]]) -> None:
    made = planned(folder, INTENT, gateway=f"gateway: g\nserver: {{tls: {tls}}}\n{ANYBODY}")
    assert marked(folder, made) == problems


@pytest.mark.parametrize(
    ("server", "codes"),
    [
        ("", ["GW528"]),
        ("server: {tls: {cert: one.pem, key: one.pem}}\n", ["GW528"]),
        ("server: {tls: {cert: one.pem, key: one.pem, client_ca: ca.pem}}\n", []),
    ],
)
def test_who_is_known_by_a_certificate_must_be_asked_for_one(folder: Path, server: str, codes: list[str]) -> None:
    made = planned(folder, INTENT, gateway=f"gateway: g\n{server}{BY_CERTIFICATE}")
    assert [code for code, _ in marked(folder, made)] == codes
