"""Plain-text secrets are blotted out of excerpts and messages."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.veil import Veil, blotted
from gateway.sdk.problem import Place, Problem


def shown(folder: Path, text: str, line: int = 1, *hidden: Place) -> str:
    (folder / "a.yaml").write_text(text)
    veil, place = Veil(folder, hidden), Place("a.yaml", line, 1, 1)
    written = veil.excerpts.line(place) or ""
    return blotted(written, 0, len(written), veil.stretches(place))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("password: hunter2 and more", "password: ****"),
        ("password: 'hun''ter2' # why", "password: **** # why"),
        ('  "client_secret": "h\\"2", b: 1', '  "client_secret": ****, b: 1'),
        ("auth: {basic: {username: u, password: hunter2}, oter: 1}", "auth: {basic: {username: u, password: ****}, oter: 1}"),
        ("pasword: hunter2", "pasword: ****"),
        ("- api-key: hunter2", "- api-key: ****"),
        ("X-Api-Key: hunter2", "X-Api-Key: ****"),
        ("Authorization: Bearer hunter2", "Authorization: ****"),
        ("hash: sha256:c0ab", "hash: ****"),
        ('password: "hunter2', "password: ****"),
        ("secret: !hunter2", "secret: ****"),
        ("url: postgres://shop:hun@ter2@db/x", "url: postgres://****@db/x"),
        ("servers: ['https://u:p@h', \"http://v:q@h\"]", "servers: ['https://****@h', \"http://****@h\"]"),
    ],
)
def test_what_is_hidden_by_its_name(line: str, expected: str, tmp_path: Path) -> None:
    assert shown(tmp_path, line) == expected


@pytest.mark.parametrize(
    "line",
    [
        "password: ${ secret.erp }",
        'password: "${ secret.erp }"',
        "password:",
        "password: # none",
        "tokens: 5",
        "forward_token: true",
        "token: {type: string}",
        "max_tokens: 500",
        "token_url: https://idp.test/token",
        "servers: [http://host:8080/path]",
        "url: postgres://${ env.USER }:${ secret.pw }@db",
        "path: /a@b:c",
    ],
)
def test_what_is_no_secret_is_shown(line: str, tmp_path: Path) -> None:
    assert shown(tmp_path, line) == line


def test_lines_of_a_value_that_began_above(tmp_path: Path) -> None:
    text = "auth:\n  private_key: |\n    -----BEGIN\n\n    abc\n  other: 1\n"
    text += "  token:\n    hunter2\n  password: [\n    x]\n  secret:\n    name: a\n"
    assert [shown(tmp_path, text, line).strip() for line in range(1, 13)] == [
        *["auth:", "private_key: |", "****", "", "****", "other: 1", "token:", "****", "password: [", "****", "secret:", "name: a"]
    ]


def test_places_of_the_loader(tmp_path: Path) -> None:
    assert shown(tmp_path, "value: abc, b: 1", 1, Place("a.yaml", 1, 8, 11)) == "value: ****, b: 1"
    assert shown(tmp_path, "value: abc", 1, Place("a.yaml", 1, 3, 1 << 30)) == "va****"
    assert shown(tmp_path, "value: abc", 1, Place("b.yaml", 1, 8, 11), Place("a.yaml", 2, 1, 9)) == "value: abc"


def test_messages_lose_it_too(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("password: !hunter2 abc\nother: !hunter2\n")
    veil = Veil(tmp_path)
    first = veil.over(
        Problem("GW006", "error", "`!hunter2` is a tag", Place("a.yaml", 1, 11, 19), hint="'!hunter2 abc'", help="h", fix="hunter2")
    )
    assert (first.message, first.hint, first.help) == ("`****` is a tag", "'****'", "h")
    other = Problem("GW006", "error", "`!hunter2` is a tag", Place("a.yaml", 2, 8, 16))
    assert veil.over(other) == other


def test_a_file_that_can_not_be_read_hides_nothing(tmp_path: Path) -> None:
    problem = Problem("GW001", "error", "m", Place("none.yaml", 1, 1, 1))
    assert Veil(tmp_path).over(problem) == problem


@given(st.text(max_size=40), st.lists(st.tuples(st.integers(1, 40), st.integers(1, 50)), max_size=4), st.integers(0, 40))
def test_no_hidden_character_is_left(tmp_path_factory: pytest.TempPathFactory, line: str, hidden: list[tuple[int, int]], cut: int) -> None:
    folder = tmp_path_factory.getbasetemp()
    text = "".join("x" if sign in "\r\n" else sign for sign in line)
    (folder / "v.yaml").write_bytes(text.encode("utf-8", "replace"))
    veil = Veil(folder, [Place("v.yaml", 1, start, end) for start, end in hidden])
    written = veil.excerpts.line(Place("v.yaml", 1, 1, 1)) or ""
    stretches = veil.stretches(Place("v.yaml", 1, 1, 1))
    left = blotted(written, 0, cut, stretches) + blotted(written, cut, len(written), stretches)
    open_signs = [sign for at, sign in enumerate(written) if not any(start <= at < end for start, end in stretches)]
    assert left.replace("****", "") == "".join(open_signs).replace("****", "")
    assert all(
        any(start <= at < end for start, end in stretches) for low, high in hidden for at in range(low - 1, min(high - 1, len(written)))
    )
