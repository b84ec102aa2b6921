"""A loaded folder becomes a plan, or a list of everything that is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.planner.assembly import STAGES
from gateway.sdk import Caller, user_root
from tests.planner.folders import planned

ROLES = "policy: roles\nroles: {customer: {allow: ['intent:ask', trace]}}\n"
INTENT = "intent: ask\noutput: {flag: '${ flags.new }', word: '${ config.word }'}\n"
GATEWAY = """
gateway: shop
identity: [{scenario: {}}]
server: {host: 0.0.0.0, port: 81, admin: "[::1]:82", max_body: 2KiB}
telemetry: {logs: text}
config: {word: w}
"""


def test_the_plan(tmp_path: Path) -> None:
    made = planned(tmp_path, INTENT + "---\npolicy_is: elsewhere\n", gateway=GATEWAY)
    assert made.codes == ["GW226", "GW121"]
    (tmp_path / "policies/flags.yaml").write_text("policy: flags\nflags: {new: {default: true}}\n")
    plan = planned(tmp_path, INTENT, roles=ROLES, gateway=GATEWAY).plan
    assert plan.name == "shop"
    assert [intent.name for intent in plan.catalogue] == ["ask"]
    assert list(plan.sources) == ["erp"]
    assert plan.logs == "text"
    assert plan.permitted(Caller(("t", "", "u"), user_root("u", {"roles": ["customer"]})), "trace", None)
    server = plan.server
    assert (server.host, server.port, server.max_body) == ("0.0.0.0", 81, 2048)
    assert (server.admin_host, server.admin_port, server.admin_is_default) == ("::1", 82, False)


def test_headers_with_credentials_are_known(tmp_path: Path) -> None:
    keys = "identity: [{api_key: {header: X-Shop-Key, keys: [{hash: 'sha256:" + "0" * 64 + "', user: {id: a}}]}}, {scenario: {}}]\n"
    assert planned(tmp_path, "intent: ask\noutput: {a: 1}\n", gateway="gateway: g\n" + keys).plan.credentials == {"x-shop-key"}


def test_servers_defaults(tmp_path: Path) -> None:
    server = planned(tmp_path, INTENT.replace("flags.new", "config.word"), gateway="gateway: g\nconfig: {word: a}\n").plan.server
    assert (server.host, server.port, server.admin_host, server.admin_port) == ("127.0.0.1", 8080, "127.0.0.1", 9090)
    assert server.admin_is_default


def test_stages_stand_in_the_order_of_their_phases(tmp_path: Path) -> None:
    names = [name for _, name in planned(tmp_path, "intent: ask\noutput: 1\n").plan.layers]
    assert names == [name for name in STAGES if name in names]
    assert {"trace", "record", "render", "authenticate", "understand", "authorize", "validate"} <= set(names)


def test_a_stage_that_is_off_is_not_in_the_chain(tmp_path: Path) -> None:
    assigning = ROLES + "assign: [{roles: [customer], when: \"contains(user.groups, 'a')\"}]\n"
    plan = planned(tmp_path, "intent: ask\noutput: 1\n", roles=assigning).plan
    assert ("tenant", "assign") in plan.layers
    assert ("tenant", "assign") not in planned(tmp_path, "intent: ask\noutput: 1\n", roles=ROLES).plan.layers
    assert plan.layers.index(("identify", "authenticate")) < plan.layers.index(("tenant", "assign"))


def test_the_digest_names_what_was_read(tmp_path: Path) -> None:
    first = planned(tmp_path, "intent: ask\noutput: 1\n").plan.digest
    assert first == planned(tmp_path, "intent: ask\noutput: 1\n").plan.digest
    assert first != planned(tmp_path, "intent: ask\noutput: 2\n").plan.digest
    assert first.startswith("sha256:")


async def test_flags_and_config_are_what_expressions_see(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies/flags.yaml").write_text("policy: flags\nflags: {new: {default: true}}\n")
    made = planned(tmp_path, INTENT, roles=ROLES, gateway=GATEWAY)
    answer = await made.ask("ask", user={"id": "u", "roles": ["customer"]})
    assert answer.data == {"flag": True, "word": "w"}


def test_problems_stand_in_order_of_place_and_once(tmp_path: Path) -> None:
    specs = "intent: b\noutput: ${ a.b }\n---\nroute: r\nmatch: {path: /v1}\nintent: c\n---\nintent: a\ntimout: 1\n"
    made = planned(tmp_path, specs, roles="policy: roles\nroles: {a: {inherits: [b]}}\n")
    assert [(problem.place.file, problem.place.line) for problem in made.problems] == [
        ("policies/roles.yaml", 2),
        ("specs/all.yaml", 2),
        ("specs/all.yaml", 5),
        ("specs/all.yaml", 6),
        ("specs/all.yaml", 9),
    ]
    assert len(set(made.problems)) == len(made.problems)


def test_an_error_anywhere_means_no_plan(tmp_path: Path) -> None:
    made = planned(tmp_path, "intent: a\noutput: 1\n", gateway="gateway: g\nsever: {}\n")
    with pytest.raises(AssertionError, match="GW101"):
        _ = made.plan
