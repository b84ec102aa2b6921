from __future__ import annotations

from pathlib import Path

import pytest

from tests.planner.audit.folders import GATEWAY, INTENT, findings, told

CANARY = "k4n4ry-s3cr3t"
HTTP = "source: shop\ntype: http\nservers: ['http://127.0.0.1']\noperations: {a: {request: GET /}}\n"


@pytest.mark.parametrize(
    ("config", "place", "message"),
    [
        (f"{{db: {{password: {CANARY}}}}}", "3:25", "the value of `password` stands in the file"),
        (f"{{list: [{{apiToken: {CANARY}}}]}}", "3:28", "the value of `apiToken` stands in the file"),
        (f"{{base: 'https://u:{CANARY}@a.example/'}}", "3:16", "a password in a URL stands in the file"),
    ],
)
def test_in_gateway_yaml(tmp_path: Path, config: str, place: str, message: str) -> None:
    assert told(tmp_path, "GA301", gateway=f"{GATEWAY}config: {config}\n") == [(f"gateway.yaml:{place}", message)]


@pytest.mark.parametrize(
    "specs",
    [
        f"{HTTP}headers: {{Authorization: '{CANARY}'}}\n",
        f"source: shop\ntype: sql\nurl: 'postgresql://u:{CANARY}@db/a'\noperations: {{a: {{query: SELECT 1}}}}\n",
        f"intent: ask\nsummary: Asks\noutput: {{token: {CANARY}}}\n",
        f"{INTENT}---\ntransform: t\noutput: {{secret: {CANARY}}}\n",
        f"{INTENT}---\nroute: r\nmatch: {{path: /r}}\nintent: ask\nrespond: {{headers: {{X-Api-Key: {CANARY}}}}}\n",
    ],
)
def test_in_any_document_and_never_shown(tmp_path: Path, specs: str) -> None:
    found = findings(tmp_path, specs=specs)
    (secret,) = (finding for finding in found if finding.code == "GA301")
    (line,) = (number for number, line in enumerate(specs.splitlines(), 1) if CANARY in line)
    assert (secret.place.file, secret.place.line) == ("specs/all.yaml", line)
    assert CANARY not in str([finding.as_json() for finding in found])


def test_in_policies(tmp_path: Path) -> None:
    policies = f"policy: flags\nflags: {{access_key: {{default: {CANARY}}}, x: {{default: {{pwd: {CANARY}}}}}}}\n"
    assert told(tmp_path, "GA301", policies=policies) == [("policies/all.yaml:2:66", "the value of `pwd` stands in the file")]


def test_what_the_environment_gives_is_not_in_the_file(tmp_path: Path) -> None:
    assert told(tmp_path, "GA301", specs=HTTP + "headers: {Authorization: \"${ env.A || 'Bearer' }\"}\n") == []


def test_a_secret_that_two_documents_share_is_told_once(tmp_path: Path) -> None:
    specs = (
        f"source: shop\ntype: http\nservers: ['http://127.0.0.1']\nheaders: {{X-Token: {CANARY}}}\noperations: {{a: {{request: GET /}}}}\n"
    )
    assert len(told(tmp_path, "GA301", specs=f"{specs}---\nsource: shop2\nextends: shop\n")) == 1
