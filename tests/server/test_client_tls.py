"""The certificate of a connection, as the application sees it."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

from gateway.server.client_tls import client_certificate, tls_extension
from tests.net.certificates import Authority


class FakeConnection:
    def __init__(self, shown: bytes | None) -> None:
        self._shown = shown

    def getpeercert(self, *, binary_form: bool) -> bytes | None:
        assert binary_form
        return self._shown

    def version(self) -> str:
        return "TLSv1.3"


class FakeTransport:
    def __init__(self, connection: FakeConnection | None) -> None:
        self._connection = connection

    def get_extra_info(self, name: str) -> Any:
        return {"ssl_object": self._connection}[name]


def told(connection: FakeConnection | None) -> dict[str, Any] | None:
    return tls_extension(FakeTransport(connection))  # type: ignore[arg-type]


def test_a_certificate_is_told_as_pem(tmp_path: Path) -> None:
    Authority(tmp_path).issue("shop", tmp_path / "shop.pem")
    text = (tmp_path / "shop.pem").read_text()
    shown = text[text.index("-----BEGIN CERTIFICATE") :]
    extensions = told(FakeConnection(ssl.PEM_cert_to_DER_cert(shown)))
    assert client_certificate({"extensions": extensions}) == shown


def test_without_one_nothing_is_told() -> None:
    assert told(None) is None
    assert told(FakeConnection(None)) is None
    assert told(FakeConnection(b"")) is None
    for scope in (
        {},
        {"extensions": None},
        {"extensions": {}},
        {"extensions": {"tls": {}}},
        {"extensions": {"tls": {"client_cert_chain": ()}}},
    ):
        assert client_certificate(scope) is None
