from __future__ import annotations

import pytest

from gateway.sdk.host_name import host_name


@pytest.mark.parametrize(
    "given",
    ["acme.example", "ACME.Example", "acme.example.", "acme.example:8443", "acme.example.:1", "acme.example:00080"],
)
def test_one_host_has_one_spelling(given: str) -> None:
    assert host_name(given) == "acme.example"


@pytest.mark.parametrize("given", ["[::1]", "[::1]:80", "[0:0:0:0:0:0:0:1]", "[0000::0001]"])
def test_one_address_has_one_spelling(given: str) -> None:
    assert host_name(given) == "[::1]"


@pytest.mark.parametrize(("given", "name"), [("127.0.0.1:1", "127.0.0.1"), ("gate_way", "gate_way"), ("a..", "a."), ("A", "a")])
def test_other_names_stay_what_they_are(given: str, name: str) -> None:
    assert host_name(given) == name


@pytest.mark.parametrize(
    "given",
    [
        "", ".", ":80", "acme.example:", "acme.example:123456", "acme.example:http", "acme%2eexample", "a b", "a@b", "a/b",
        "a,b", "a?b", "a#b",
        "münchen.example", "[::1", "::1", "[]", "[1]", "[::1]]", "[fe80::1%eth0]", "acme.example\n", "acme.example\x00", "acme。example",
    ],
)  # fmt: skip
def test_what_is_no_host_has_no_name(given: str) -> None:
    assert host_name(given) is None
