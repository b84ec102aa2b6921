"""The proxies of a configuration, and what rests on them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.planner.folders import marked, planned

CERTIFICATES = "identity: [{mutual_tls: {ca: ca.pem, header: X-Cert}}]\n"


@pytest.mark.parametrize(
    ("server", "problems"),
    [
        ("[10.0.0.0/8, '2001:db8::1', 192.0.2.1]", []),
        ("[10.0.0.1/8]", [("GW528", "10.0.0.1/8")]),
        ("[10.0.0.1, proxy, 10.0.0.0/33]", [("GW528", "proxy"), ("GW528", "10.0.0.0/33")]),
    ],
)
def test_addresses_and_networks(tmp_path: Path, server: str, problems: list[tuple[str, str]]) -> None:
    gateway = f"gateway: g\nserver: {{trusted_proxies: {server}}}\nidentity: [{{anonymous: {{}}}}]\n"
    made = planned(tmp_path, "intent: ask\noutput: 1\n", gateway=gateway)
    assert marked(tmp_path, made) == problems


def test_they_are_the_plans(tmp_path: Path) -> None:
    gateway = "gateway: g\nserver: {trusted_proxies: [10.0.0.0/8]}\nidentity: [{anonymous: {}}]\n"
    plan = planned(tmp_path, "intent: ask\noutput: 1\n", gateway=gateway).plan
    assert plan is not None
    assert plan.server.proxies.trusts("10.1.2.3")
    assert not plan.server.proxies.trusts("11.1.2.3")


@pytest.mark.parametrize(("server", "codes"), [("", ["GW528", "GW525"]), ("server: {trusted_proxies: [10.0.0.1]}\n", ["GW525"])])
def test_a_certificate_needs_somebody_who_passes_it_on(tmp_path: Path, server: str, codes: list[str]) -> None:
    made = planned(tmp_path, "intent: ask\noutput: 1\n", gateway=f"gateway: g\n{server}{CERTIFICATES}")
    assert sorted(code for code, _ in marked(tmp_path, made)) == sorted(codes)
