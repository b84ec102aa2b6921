"""Inputs, intermediates, configuration and flags that nothing reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.planner.rules.found import Found, found

GATEWAY = "gateway: shop\nidentity: [{anonymous: {roles: [anonymous]}}]\nconfig: {used: 1, spare: {a: 1}}\n"
INTENT = "intent: ask\naccess: {roles: [a]}\n"
HERE = "source: here\ntype: static\noperations: {any: {value: '${ config.used }'}}\n"


def told(folder: Path, specs: str, policies: str = "", gateway: str = GATEWAY) -> Found:
    return [each for each in found(folder, specs, "GW27", policies=policies, gateway=gateway, sources=HERE) if each[0] > "GW272"]


@pytest.mark.parametrize(
    ("intent", "expected"),
    [
        ("input: {type: object, properties: {a: {}}}\noutput: ${ config.spare }", [("GW273", "a")]),
        ("input: {type: object, properties: {a: {}}}\noutput: '${ [config.spare, input.a] }'", []),
        ("input: {type: object, properties: {a: {}}}\noutput: '${ [config.spare, input] }'", []),
        ("input: {type: object, properties: {a: {}}}\noutput: ${ config.spare }\nexamples: ['{a}']", [("GW273", "a")]),
        ("input: {type: object, properties: {a: {const: true}}}\noutput: ${ config.spare }", []),
        ("input: {type: object, properties: {a: {}}}\noutput: ${ config.spare }\nask: {a: What?}\nremember: {x: '${ input.a }'}", []),
        ("input: {type: object, properties: {a: {}}}\nguard: [{check: input.a == 'x'}]\noutput: ${ config.spare }", []),
        ("steps: {n: {let: {a: 1, b: 2}}}\noutput: '${ [config.spare, steps.n.a] }'", [("GW274", "b")]),
        ("steps: {n: {let: {a: 1, b: 2}}}\noutput: '${ [config.spare, steps.n] }'", []),
        ("steps: {n: {let: {a: 1, b: 2}, output: '${ result.b }'}}\noutput: '${ [config.spare, steps.n.x] }'", []),
        ("output: ${ config.spare.a }", []),
        ("output: 1", [("GW276", "spare")]),
        ("output: 1\nsummary: config.spare", [("GW276", "spare")]),
        ("output: ${ tenant.config.spare }", [("GW276", "spare")]),
        ("output: ${ lookup(config.spare, user.id) }", []),
    ],
)
def test_what_is_told(tmp_path: Path, intent: str, expected: Found) -> None:
    assert told(tmp_path, INTENT + intent) == expected


def test_an_older_version_reads_too(tmp_path: Path) -> None:
    versions = f"{INTENT}version: 1\noutput: ${{ config.spare }}\n---\n{INTENT}version: 2\noutput: 1\n"
    assert told(tmp_path, versions) == []


def test_policies_read_too(tmp_path: Path) -> None:
    policy = 'policy: roles\nroles: {a: {}}\nassign: [{roles: [a], when: "contains(config.spare, user.id)"}]\n'
    assert told(tmp_path, INTENT + "output: 1\n", policy) == []


@pytest.mark.parametrize(
    ("output", "expected"), [("1", [("GW277", "beta")]), ("${ flags.beta }", []), ("${ flags }", []), ("flags.beta", [])]
)
def test_flags(tmp_path: Path, output: str, expected: Found) -> None:
    policy = "policy: flags\nsummary: flags.beta\nflags: {beta: {default: false}}\n"
    gateway = GATEWAY.replace(", spare: {a: 1}", "")
    assert told(tmp_path, f"{INTENT}output: {output}\n", policy, gateway) == expected


def test_an_error_anywhere_keeps_what_is_shared_from_being_told(tmp_path: Path) -> None:
    assert told(tmp_path, INTENT + "output: ${ cofnig.spare }\n") == []
    assert told(tmp_path, INTENT + "output: 1\n---\nintent: other\noutptu: 1\n") == []
