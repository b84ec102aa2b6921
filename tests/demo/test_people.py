"""The published keys are those whose hashes gateway.yaml holds."""

from __future__ import annotations

import hashlib
from pathlib import Path

import yaml

from gateway.demo.people import PEOPLE

CONFIGURED = yaml.safe_load((Path(__file__).parents[2] / "gateway.yaml").read_text("utf-8"))["identity"][0]["api_key"]["keys"]


def test_keys_and_hashes_agree() -> None:
    published = [f"sha256:{hashlib.sha256(person.key.encode()).hexdigest()}" for person in PEOPLE if person.key is not None]
    assert [key["hash"] for key in CONFIGURED] == published


def test_exactly_one_has_no_key() -> None:
    assert [person.label for person in PEOPLE if person.key is None] == ["Somebody without a key"]


def test_labels_name_the_right_person() -> None:
    for person, key in zip(PEOPLE, CONFIGURED, strict=False):
        user = key["user"]
        assert person.label.lower().startswith(user["id"])
        number = user.get("customer_id") or user.get("employee_id")
        assert number is None or number in person.label or "agent" in user["roles"]
