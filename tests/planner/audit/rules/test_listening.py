from __future__ import annotations

from pathlib import Path

import pytest

from gateway.planner.audit.rules.listening import of_this_machine
from tests.planner.audit.folders import GATEWAY, told

HTTP = "source: shop\ntype: http\nservers: [{server}]\noperations: {{a: {{request: GET /a}}}}\n"
SQL = "source: books\ntype: sql\nurl: sqlite:///a.db\n{source}operations: {{a: {{query: {query}, effect: write{operation}}}}}\n"


@pytest.mark.parametrize(
    ("server", "open_"), [("{host: 0.0.0.0}", True), ("{host: '::'}", True), ("{host: 127.0.0.1}", False), ("{}", False)]
)
def test_public_without_tls(tmp_path: Path, server: str, open_: bool) -> None:
    found = told(tmp_path, "GA101", gateway=f"{GATEWAY}server: {server}\n")
    assert found == ([("gateway.yaml:3:16", "`server.host` is open to other machines, and there is no `server.tls`")] if open_ else [])


def test_public_with_tls(tmp_path: Path) -> None:
    assert told(tmp_path, "GA101", gateway=f"{GATEWAY}server: {{host: 0.0.0.0, tls: {{cert: a.pem, key: b.pem}}}}\n") == []


@pytest.mark.parametrize(("admin", "open_"), [("0.0.0.0:9090", True), ("'[::]:1'", True), ("'[::1]:1'", False), ("localhost:1", False)])
def test_open_admin(tmp_path: Path, admin: str, open_: bool) -> None:
    found = told(tmp_path, "GA102", gateway=f"{GATEWAY}server: {{admin: {admin}}}\n")
    assert found == ([("gateway.yaml:3:17", "`server.admin` is open to other machines")] if open_ else [])


@pytest.mark.parametrize(
    ("server", "plain"),
    [("http://10.0.0.7:80", True), ("http://erp.internal", True), ("https://erp.internal", False), ("http://127.0.0.1:1", False)],
)
def test_plain_http(tmp_path: Path, server: str, plain: bool) -> None:
    found = told(tmp_path, "GA103", specs=HTTP.format(server=server))
    assert found == ([("specs/all.yaml:3:11", "server 1 of source `shop` is reached by `http://`")] if plain else [])


@pytest.mark.parametrize(("server", "plain"), [("http://10.0.0.7:80", True), ("https://erp.internal", False)])
def test_plain_http_of_a_server_with_a_weight(tmp_path: Path, server: str, plain: bool) -> None:
    found = told(tmp_path, "GA103", specs=HTTP.format(server=f"{{url: '{server}', weight: 2}}"))
    assert found == ([("specs/all.yaml:3:17", "server 1 of source `shop` is reached by `http://`")] if plain else [])


def test_an_address_is_never_told(tmp_path: Path) -> None:
    assert all("internal" not in message for _, message in told(tmp_path, "GA103", specs=HTTP.format(server="http://erp.internal")))


@pytest.mark.parametrize(("source", "operation", "wide"), [("read_only: false\n", "", True), ("", ", read_only: false", False)])
def test_writing_database(tmp_path: Path, source: str, operation: str, wide: bool) -> None:
    found = told(tmp_path, "GA104", specs=SQL.format(source=source, query="DELETE FROM a", operation=operation))
    assert found == ([("specs/all.yaml:4:1", "every operation of source `books` may write")] if wide else [])


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("127.0.0.1", True), ("127.8.0.1", True), ("::1", True), ("[::1]", True), ("LOCALHOST", True), ("a.localhost", True),
        ("::1%lo", True), ("0.0.0.0", False), ("::", False), ("", False), ("localhost.evil.example", False), ("127.0.0.1.nip.io", False),
        ("10.0.0.1", False),
    ],
)  # fmt: skip
def test_of_this_machine(host: str, own: bool) -> None:
    assert of_this_machine(host) is own
