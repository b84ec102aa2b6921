"""What gives a secret away, and what only looks a little like it."""

from __future__ import annotations

import base64
import random
import time

import pytest

from gateway.planner.audit.secret_words import looks_like, named_secret

HEX = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE",
        "-----BEGIN PRIVATE KEY-----",
        "postgresql://gateway:hunter2@db.example/shop",
        "redis://:hunter2@cache:6379/0",
        "key AKIAIOSFODNN7EXAMPLE here",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "ghp_0123456789abcdefghijABCDEFGHIJ012345",
        "xoxb-123456789012-abcdef",
        "AIza" + "a1B2c" * 7,
        "sk_live_0123456789abcdefgh",
        "Bearer abcdefgh12345",
        "Basic dXNlcjpwYXNz",
        HEX,
    ],
)
def test_forms_of_credentials(text: str) -> None:
    assert looks_like(text, "value") is not None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (HEX, "hash"),
        (HEX, "sha256"),
        ("https://db.example:8443/path@2", "url"),
        ("https://user@db.example/", "url"),
        ("postgresql://gateway:${ secret.db }@db.example/shop", "url"),
        ("-----BEGIN CERTIFICATE-----", "cert"),
        ("getInventoryAvailabilityBySkuAndWarehouseVersion2", "operation"),
        ("customer_orders_by_region_and_year_2024_2025_2026", "table"),
        ("123e4567-e89b-12d3-a456-426614174000", "id"),
        ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1234", "x"),
        ("00000000000000000000000000000000000000000000", "x"),
        ("Bearer tokens are checked by the gateway", "summary"),
        ("repos/get-code-scanning-alerts-for-organisation-v20260101", "operation"),
    ],
)
def test_what_is_no_credential(text: str, name: str) -> None:
    assert looks_like(text, name) is None


@pytest.mark.parametrize("seed", range(20))
def test_what_is_made_by_chance_is_found(seed: int) -> None:
    chance = random.Random(seed)
    made = chance.randbytes(32)
    assert looks_like(made.hex(), "value") is not None
    assert looks_like(base64.b64encode(made).decode(), "value") is not None


@pytest.mark.parametrize("name", ["password", "db_password", "clientSecret", "X-API-Key", "apikey", "Authorization", "auth-token"])
def test_names_of_secrets(name: str) -> None:
    assert named_secret(name, "hunter2")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("token_url", "https://a.example"),
        ("key_header", "X-Api-Key"),
        ("max_tokens", "hunter22"),
        ("secretary", "Ms. Jones"),
        ("password", ""),
        ("password", "string"),
        ("password", "******"),
        ("password", "<your password>"),
        ("secret", "short"),
        ("token", "The token you were sent by mail"),
        ("key", "customer_id"),
        ("format", "password"),
    ],
)
def test_names_and_values_that_are_none(name: str, text: str) -> None:
    assert not named_secret(name, text)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 300_000,
        "eyJ-" * 75_000,
        "-----BEGIN A " * 20_000,
        "x://:a" * 50_000,
        "aA0" * 100_000,
        "Bearer " + " " * 300_000,
        "_" * 300_000,
    ],
)
def test_texts_made_to_be_slow(text: str) -> None:
    started = time.perf_counter()
    looks_like(text, "value")
    named_secret(text, text)
    assert time.perf_counter() - started < 0.5
