from __future__ import annotations

from pathlib import Path

import pytest

from tests.planner.audit.folders import INTENT, told

SPECS = """
source: crm
type: http
servers: ['http://127.0.0.1']
{source}
operations:
  one:
    request: GET /one
    {operation}
    output_schema: {{type: object, properties: {{{fields}}}}}
---
intent: ask
summary: Asks
steps: {{a: {{call: {called}}}}}
output: ${{ steps.a }}
{intent}
"""


def specs(*, source: str = "", operation: str = "", fields: str = "", called: str = "crm.one", intent: str = "") -> str:
    return SPECS.format(source=source, operation=operation, fields=fields, called=called, intent=intent)


@pytest.mark.parametrize(
    ("field", "names"),
    [
        ("email: {type: string}", "`email`"),
        ("contact: {properties: {workPhone: {}, iban: {}}}", "`workPhone`, `iban`"),
        ("people: {type: array, items: {properties: {date_of_birth: {}}}}", "`date_of_birth`"),
        ("email: {type: string, classification: pii}", None),
        ("contact: {classification: pii, properties: {email: {}}}", None),
        ("email_verified: {type: boolean}", None),
        ("name: {type: string}", None),
    ],
)
def test_unclassified(tmp_path: Path, field: str, names: str | None) -> None:
    found = told(tmp_path, "GA401", specs=specs(fields=field))
    assert [message for _, message in found] == ([f"`crm.one` answers {names} without a classification"] if names else [])
    assert all(place.startswith("specs/all.yaml:9:") for place, _ in found)


@pytest.mark.parametrize("more", [{"source": "default_classification: pii"}, {"operation": "classification: pii"}, {"called": "crm2.one"}])
def test_a_class_of_the_whole_or_no_caller_is_enough(tmp_path: Path, more: dict[str, str]) -> None:
    other = "---\nsource: crm2\ntype: http\nservers: ['http://127.0.0.1']\noperations: {one: {request: GET /}}\n"
    assert told(tmp_path, "GA401", specs=specs(fields="email: {type: string}", **more) + other) == []


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ({"fields": "email: {classification: pii}"}, "specs/all.yaml:9:72"),
        ({"operation": "classification: pii"}, "specs/all.yaml:8:21"),
        ({"source": "default_classification: pii"}, "specs/all.yaml:4:25"),
        ({"fields": "email: {}"}, None),
    ],
)
@pytest.mark.parametrize("mask", [None, "pii", "secret"])
def test_unmasked(tmp_path: Path, more: dict[str, str], place: str | None, mask: str | None) -> None:
    policies = "policy: roles\nroles: {anonymous: {}}\n"
    policies += f"---\npolicy: masking\nrules: [{{classification: {mask}, mask: remove}}]\n" if mask else ""
    found = told(tmp_path, "GA402", specs=specs(**more), policies=policies)
    assert found == ([(place, "`crm.one` answers `pii`, and no rule masks it")] if place and mask != "pii" else [])


CACHE = "cache: {{ttl: 1s, stale_if_error: 10m{more}}}"


@pytest.mark.parametrize(
    ("operation", "found"),
    [
        (CACHE.format(more=", scope: user"), True),
        (CACHE.format(more="") + "\n    headers: {X-User: '${ user.id }'}", True),
        (CACHE.format(more="") + "\n    headers: {X-Plan: '${ tenant.plan }'}", False),
        (CACHE.format(more=", scope: tenant"), False),
        ("cache: {ttl: 1s, scope: user}", False),
    ],
)
def test_stale_personal(tmp_path: Path, operation: str, found: bool) -> None:
    expected = [("specs/all.yaml:8:38", "answers of `crm.one` are personal, and may be 600s old")] if found else []
    assert told(tmp_path, "GA403", specs=specs(operation=operation)) == expected


@pytest.mark.parametrize(("scope", "found"), [("user", True), ("tenant", False)])
def test_a_stale_personal_answer_of_an_intent(tmp_path: Path, scope: str, found: bool) -> None:
    written = f"{INTENT}cache: {{ttl: 1s, stale_if_error: 10m, scope: {scope}}}\n"
    expected = [("specs/all.yaml:4:34", "answers of intent `ask` are personal, and may be 600s old")] if found else []
    assert told(tmp_path, "GA403", specs=written) == expected
