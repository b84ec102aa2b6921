"""Whole files: many documents, hostile bytes, and the time they may take (invariant I15)."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.document import Document
from gateway.config.nodes import Node, plain
from gateway.config.strict_yaml import MOST_BYTES, read_yaml
from tests.config.yaml_texts import read, within

MEGABYTE = 1 << 20
HALF = MEGABYTE // 2


def data(text: str) -> list[object]:
    return [None if raw.root is None else plain(raw.root) for raw in read(text).documents]


def codes(text: str) -> list[tuple[str, int]]:
    return [(problem.code, problem.place.line) for problem in read(text).problems]


@pytest.mark.parametrize(
    ("text", "documents"),
    [
        ("", []),
        ("# only a comment\n", []),
        ("a: 1", [{"a": 1}]),
        ("---\na: 1\n", [{"a": 1}]),
        ("a: 1\n---\nb: 2\n--- # comment\nc: 3\n", [{"a": 1}, {"b": 2}, {"c": 3}]),
        ("--- {a: 1}\n", [{"a": 1}]),
        ("a: 1\n...\nb: 2\n...\n", [{"a": 1}, {"b": 2}]),
        ("%YAML 1.2\n---\na: 1\n", [{"a": 1}]),
        ("# licence\n---\na: 1\n", [{"a": 1}]),
        ("a: 1\r\n---\r\nb: 2\r\n", [{"a": 1}, {"b": 2}]),
        ("a: 1\r---\rb: 2\r", [{"a": 1}, {"b": 2}]),
        ("a: ---\nb: x---\nc: |\n  ---\n", [{"a": "---", "b": "x---", "c": "---\n"}]),
        ("a: 1\n---b: 2\n", [{"a": 1, "---b": 2}]),
    ],
)
def test_documents(text: str, documents: list[object]) -> None:
    assert data(text) == documents


def test_an_error_hides_no_other_document() -> None:
    text = "intent: a\nsteps: [\n---\nintent: b\nx: 007\n---\nintent: c\n  d: 1\n---\nintent: d\n"
    assert codes(text) == [("GW003", 2), ("GW010", 5), ("GW003", 8)]
    assert data(text)[3] == {"intent": "d"}


def test_the_name_of_what_can_not_be_read_is_known() -> None:
    documents = read("# c\nroute: r\nintent: 'a_b'\nx: [\n---\nsource: \"s\"\n: :\n\t\n").documents
    assert documents[0].names == {"route": "r", "intent": "a_b"}
    assert documents[1].names == {"source": "s"}


@pytest.mark.parametrize("text", ["---\n", "a: 1\n---\n", "---\n# nothing\n---\na: 1\n"])
def test_an_empty_document_is_a_warning(text: str) -> None:
    (problem,) = read(text).problems
    assert (problem.code, problem.severity) == ("GW012", "warning")


@pytest.mark.parametrize(
    ("text", "what"), [("- a\n", "a list"), ("text\n", "a single value"), ("--- 5\n", "a single value"), ("''", "a single value")]
)
def test_a_document_is_a_mapping(text: str, what: str) -> None:
    yaml_file = read(text)
    assert [problem.message for problem in yaml_file.problems] == [f"a document must be a mapping, not {what}"]
    assert yaml_file.documents[0].root is None


@pytest.mark.parametrize("text", ["%TAG ! x\n---\na: 1\n", "%YAML 1.1\n---\na: 1\n", "%\na: 1\n"])
def test_directives_are_refused(text: str) -> None:
    assert codes(text) == [("GW006", 1)]


def test_crlf_places_are_those_of_the_lines() -> None:
    (problem,) = read("a: 1\r\n---\r\nb: 2\r\nc: 007\r\n").problems
    assert (problem.place.line, problem.place.column, problem.place.end) == (4, 4, 7)


def test_a_file_beyond_the_limit_is_not_read() -> None:
    (problem,) = read_yaml("a.yaml", b"a" * (MOST_BYTES + 1)).problems
    assert problem.code == "GW011"


def test_faults_are_counted_and_the_rest_is_announced() -> None:
    found = read("a: 1\n" * 5_000).problems
    assert len(found) == 201
    assert found[-1].message == "too many faults in this file; what follows is not shown"


HOSTILE = {
    "realistic": "intent: a\nsteps:\n"
    + "".join(f"  step_{n}: {{call: erp.order, with: {{id: '${{ input.id }}'}}}}\n" for n in range(6_500)),
    "flat list": "x: [" + "a," * (HALF // 2) + "]",
    "deep list": "[" * HALF,
    "deep map": "{a: " * (HALF // 4),
    "deep block": "- " * (HALF // 2),
    "anchors": "[&a a," * (HALF // 6),
    "flat aliases": "a: &a [" + "b," * 1000 + "]\nc: [" + "*a," * (HALF // 3) + "]",
    "same key": "a: 1\n" * (HALF // 5),
    "documents": "a: 1\n---\n" * (HALF // 9),
    "empty documents": "---\n" * (HALF // 4),
    "control characters": "\x01" * HALF,
    "directives": "%\n" * (HALF // 2),
    "cut comments": "a: x # ${\n" * (HALF // 10),
    "one line of cut comments": "a: " + "x # ${ " * (HALF // 7),
    "one line of signs": " #" * (HALF // 2) + "${",
    "white space before a slot": "a: b" + " " * HALF + "${ a }",
    "braces": "x: {a: " + "${" * (HALF // 2),
    "tags": "- !x a\n" * (HALF // 7),
    "quotes": '"' * HALF,
    "digits": "a: " + "9" * HALF,
    "line ends": "\r" * HALF,
    "colons": "a: " * (HALF // 3) + "@",
    "folded": "a: >9\n" + "          x\n" * (HALF // 12),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_megabyte_would_take_less_than_a_second(name: str) -> None:
    content = HOSTILE[name].encode()
    found = within(len(content) / MEGABYTE, lambda: read_yaml("a.yaml", content))
    assert len(found.problems) <= 201


def test_invalid_bytes_take_less_than_a_second() -> None:
    content = b"\xff" * MEGABYTE
    found = within(1.0, lambda: read_yaml("a.yaml", content))
    assert len(found.problems) <= 22


FRAGMENTS = st.lists(
    st.sampled_from(
        [*"ab01:-?!%@*&`{}[]'\"|>#,~.$\n \t\r", "---\n", "\n- ", ": ", "${ a }", "&a ", "*a", "<<: ", " #", "\\", "é", "\x00", "\ufeff"]
    ),
    max_size=40,
).map("".join)


@given(
    st.one_of(
        st.binary(max_size=200), FRAGMENTS.map(str.encode), st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass"))
    )
)
def test_any_bytes_give_documents_or_placed_problems(content: bytes) -> None:
    yaml_file = read_yaml("a.yaml", content)
    lines = yaml_file.text.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for problem in yaml_file.problems:
        place = problem.place
        assert 1 <= place.line <= len(lines)
        assert 1 <= place.column <= place.end <= len(lines[place.line - 1]) + 1
    for raw in yaml_file.documents:
        if raw.root is None:
            assert any(problem.severity == "error" for problem in yaml_file.problems)
        else:
            walk(raw.root)


def walk(root: Node) -> None:
    found = Document(root, file="a.yaml")
    for key in found.data:
        assert found.place((key,)).file == found.place((key,), key=True).file == "a.yaml"
        assert found.place_in_text((key,), 0, 2).line >= 1


@given(FRAGMENTS)
def test_what_is_accepted_means_the_same_to_another_reader(text: str) -> None:
    """What this reader takes without a problem, libyaml by itself takes too, with the same keys."""
    yaml_file = read(text)
    if not yaml_file.problems and len(yaml_file.documents) == 1:
        root = yaml_file.documents[0].root
        assert root is not None
        assert list(plain(root)) == list(yaml.load(text, Loader=yaml.CBaseLoader))
