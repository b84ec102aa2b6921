"""Foreign documents: ordinary YAML and JSON, large and hostile ones."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gateway.sources.openapi_document import MAX_BYTES, MAX_DEPTH, DocumentFault, parse_document, read_document


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("", None),
        ("{a: 1}", {"a": 1}),
        ('{"a": [1, null]}', {"a": [1, None]}),
        ("200: ok\non: 1\n1.0: x\nnull: y", {"200": "ok", "on": 1, "1.0": "x", "null": "y"}),
        ("[yes, no, true, False, ~, null, '1', \"2\", !!str 3]", ["yes", "no", True, False, None, None, "1", "2", "3"]),
        (
            "[2020-01-01, 12:30, 0x1F, 010, 1_000, .5, 1e3, -7, +8, .inf, .nan]",
            ["2020-01-01", "12:30", "0x1F", 10, "1_000", 0.5, 1000.0, -7, 8, ".inf", ".nan"],
        ),
        (
            "a: &x {b: 1}\nc: *x\nd: {<<: *x, e: 2}\nf: {<<: [*x, {b: 9, g: 3}]}",
            {"a": {"b": 1}, "c": {"b": 1}, "d": {"e": 2, "b": 1}, "f": {"b": 1, "g": 3}},
        ),
        ("a: |\n  x\n  y\n", {"a": "x\ny\n"}),
    ],
)
def test_yaml_as_people_write_it(text: str, data: Any) -> None:
    assert parse_document(text.encode(), "a.yaml") == data


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"a: [1", "not valid YAML, line"),
        (b"{", "not valid YAML"),
        (b"a: 1\n---\nb: 2", "more than one document"),
        (b"? [a]\n: 1", "as a key"),
        (b"a: *missing", "alias"),
        (b"a: &x [*x]", "holds itself"),
        (b"\xff\xfe", "UTF-8"),
        (b"[" * (MAX_DEPTH + 1), "levels deep"),
    ],
)
def test_what_cant_be_read(raw: bytes, said: str) -> None:
    with pytest.raises(DocumentFault, match=said):
        parse_document(raw, "a.yaml")


def test_json_must_be_json_where_the_name_says_so() -> None:
    with pytest.raises(DocumentFault, match="not valid JSON"):
        parse_document(b"{a: 1}", "a.json")
    with pytest.raises(DocumentFault, match="nested too deeply"):
        parse_document(b'{"a":' * 100_000, "a.json")
    with pytest.raises(DocumentFault, match=r"line 3, column 7$"):
        parse_document(b'{\n "a": 1,\n "b": }', "a.json")
    with pytest.raises(DocumentFault, match="ends too early"):
        parse_document(b'{"a": [1', "a.json")


def test_multiplying_aliases_are_counted_not_expanded() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, 9)]
    with pytest.raises(DocumentFault, match="aliases counted"):
        parse_document("\n".join(lines).encode(), "a.yaml")


def test_files(tmp_path: Path) -> None:
    with pytest.raises(DocumentFault, match="No such file"):
        read_document(tmp_path / "a.yaml")
    with pytest.raises(DocumentFault):
        read_document(tmp_path)
    large = tmp_path / "large.yaml"
    with large.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(DocumentFault, match="larger than"):
        read_document(large)


def test_a_large_document_is_read_quickly() -> None:
    operation = "{operationId: get%d, parameters: [{name: id, in: path, schema: {type: string}}]}"
    paths = "".join(f"  /things/{number}/{{id}}:\n    get: {operation % number}\n" for number in range(3_000))
    raw = f"openapi: 3.0.0\npaths:\n{paths}".encode()
    started = time.process_time()
    document = parse_document(raw, "a.yaml")
    assert len(document["paths"]) == 3_000
    assert time.process_time() - started < len(raw) / 1e6


plain_data = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"))),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcxyz", min_size=1, max_size=4), inner, max_size=4),
)


@given(plain_data)
def test_what_yaml_writes_is_read_back(data: Any) -> None:
    text = yaml.safe_dump(data, default_style='"' if isinstance(data, str) else None)
    assert parse_document(text.encode(), "a.yaml") == data


@given(st.binary(max_size=60))
def test_any_bytes_are_data_or_a_fault(raw: bytes) -> None:
    with suppress(DocumentFault):
        parse_document(raw, "a.yaml")
