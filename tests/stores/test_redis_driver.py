"""Connections to what may be no Redis: whatever it sends is a fault with a reason of ours, and the connection's end."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.sdk import SecretText
from gateway.stores.redis_driver import RedisDriver
from gateway.stores.redis_faults import RedisFault
from gateway.testing.redis import ServerMissing, redis_server
from tests.stores.redis_places import answering, saying

HOSTILE = [
    b"", b"\r\n", b"HTTP/1.1 200 OK\r\n", b":abc\r\n", b":" + b"9" * 5000 + b"\r\n", b"$-5\r\n", b"$abc\r\n", b"$100\r\nshort",
    b"$1\r\n", b"$99999999999999999999\r\nx", b"*99999999999999999999999\r\n", b"*1\r\n" * 20_000, b"+" + b"x" * 200_000, b"+\xff\xfe",
    b"-\xff\xfe\r\n", b"-\r\n", b"-MOVED\r\n", b"-MOVED x\r\n", b"-MOVED 1 host:x\r\n", b"-ASK 1\r\n", b"-ERR hush\r\n",
    b"-NOAUTH hush\r\n", b"-OOM hush\r\n", b"%1\r\n", b">1\r\n+x\r\n",
]  # fmt: skip


async def reply_to(text: bytes) -> object:
    async with answering(saying(text)) as url, asyncio.timeout(5):
        link = await RedisDriver(SecretText(url)).connect()
        try:
            return await link.ask("GET", b"k")
        except RedisFault as fault:
            return fault
        finally:
            await link.close()


@pytest.mark.parametrize("text", HOSTILE)
async def test_what_no_redis_would_say_is_a_fault(text: bytes) -> None:
    found = await reply_to(text)
    assert isinstance(found, RedisFault)
    assert "hush" not in found.reason
    assert found.__cause__ is None
    assert found.reason.isascii()
    assert len(found.reason) < 60


@given(
    st.binary(max_size=40) | st.lists(st.sampled_from([b"*2\r\n", b"$3\r\n", b"abc\r\n", b":1\r\n", b"-ERR\r\n", b"$-1\r\n"])).map(b"".join)
)
@settings(max_examples=60)
def test_nothing_but_faults_comes_of_any_bytes(text: bytes) -> None:
    found = asyncio.run(reply_to(text))
    assert found is None or isinstance(found, RedisFault | bytes | int | list)


@pytest.mark.parametrize(
    ("error", "refused", "lost"), [(b"-READONLY x\r\n", True, False), (b"-WRONGTYPE x\r\n", True, False), (b"", False, True)]
)
async def test_what_kind_of_fault_it_is(error: bytes, refused: bool, lost: bool) -> None:
    found = await reply_to(error)
    assert isinstance(found, RedisFault)
    assert (found.refused, found.lost) == (refused, lost)


async def test_a_url_that_became_unreadable_is_a_fault() -> None:
    url = SecretText("redis://127.0.0.1:1/0")
    driver = RedisDriver(url)
    with pytest.raises(RedisFault, match="Connection refused"):
        await driver.connect()
    url.replace("redis://:hush/x@h")
    with pytest.raises(RedisFault, match="its URL can't be read any more") as caught:
        await driver.connect()
    assert "hush" not in str(caught.value)


async def test_a_cancelled_connect_leaves_nothing_open() -> None:
    async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async with answering(silent) as url:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await RedisDriver(SecretText(url)).connect()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1, signed by itself, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(private)
    return folder / "cert.pem", folder / "key.pem"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.service
async def test_tls_is_by_the_certificates_of_the_system(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    cert, key = map(str, certificate)
    port = free_port()
    options = (
        "--tls-port",
        str(port),
        "--tls-cert-file",
        cert,
        "--tls-key-file",
        key,
        "--tls-ca-cert-file",
        cert,
        "--tls-auth-clients",
        "no",
    )
    try:
        with redis_server(*options):
            url = SecretText(f"rediss://127.0.0.1:{port}/0")
            with pytest.raises(RedisFault, match="TLS: CERTIFICATE_VERIFY_FAILED"):
                await RedisDriver(url).connect()
            monkeypatch.setenv("SSL_CERT_FILE", cert)
            link = await RedisDriver(url).connect()
            assert await link.ask("PING") == b"PONG"
            await link.close()
            with pytest.raises(RedisFault, match="TLS: "):
                await RedisDriver(SecretText(f"rediss://localhost:{port}/0")).connect()
    except ServerMissing as missing:
        pytest.skip(str(missing))
