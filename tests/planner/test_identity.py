from __future__ import annotations

from pathlib import Path

import pytest

from tests.planner.folders import marked, planned

ROLES = "policy: roles\nroles: {anonymous: {}, customer: {}}\n"
KEY = f"sha256:{'0' * 64}"


@pytest.mark.parametrize(
    ("identity", "problems"),
    [
        ("[{anonymous: {roles: [anonymous]}}]", []),
        ("[{anonymous: {roles: [anonymuos]}}]", [("GW501", "anonymuos")]),
        (f'[{{api_key: {{keys: [{{hash: "{KEY}", user: {{id: a, roles: [customer, custmer]}}}}]}}}}]', [("GW501", "custmer")]),
        (f'[{{api_key: {{keys: [{{hash: "{KEY}", user: {{id: a, other: {{roles: x}}}}}}]}}}}]', []),
        ("[]", [("GW506", "gateway")]),
    ],
)
def test_who_may_call(tmp_path: Path, identity: str, problems: list[tuple[str, str]]) -> None:
    made = planned(tmp_path, "intent: ask\noutput: 1\n", roles=ROLES, gateway=f"gateway: g\nidentity: {identity}\n")
    assert marked(tmp_path, made) == problems


def test_nobody_is_a_warning_not_an_error(tmp_path: Path) -> None:
    assert planned(tmp_path, "intent: ask\noutput: 1\n", gateway="gateway: g\n").plan.name == "g"


KEYS = "jwks_uri: 'https://id.example/keys', algorithms: [RS256]"
ASKED = "url: 'https://id.example/ask', client_id: a, client_secret: b"


@pytest.mark.parametrize(
    ("identity", "problems"),
    [
        (f"[{{jwt: {{issuer: a, audience: x, {KEYS}}}}}, {{jwt: {{issuer: b, audience: x, {KEYS}}}}}]", []),
        (f"[{{jwt: {{issuer: a, audience: x, {KEYS}}}}}, {{jwt: {{issuer: a, audience: y, {KEYS}}}}}]", [("GW526", "a")]),
        (f"[{{jwt: {{issuer: a, audience: x, {KEYS}}}}}, {{jwt: {{issuer: a, header: X-T, audience: y, {KEYS}}}}}]", []),
        (f"[{{jwt: {{issuer: a, audience: x, {KEYS}}}}}, {{introspection: {{issuer: a, {ASKED}}}}}]", []),
        (f"[{{introspection: {{{ASKED}}}}}, {{introspection: {{issuer: a, {ASKED}}}}}]", [("GW526", "introspection")]),
    ],
)
def test_who_reads_a_token_is_never_in_doubt(tmp_path: Path, identity: str, problems: list[tuple[str, str]]) -> None:
    made = planned(tmp_path, "intent: ask\noutput: 1\n", roles=ROLES, gateway=f"gateway: g\nidentity: {identity}\n")
    assert marked(tmp_path, made) == problems
