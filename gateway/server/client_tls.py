"""What is known of a TLS connection (the ASGI extension `tls`): the certificate that the client proved to hold."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any


def tls_extension(transport: asyncio.BaseTransport) -> dict[str, Any] | None:
    """The scope's `extensions`, for a connection whose client showed a certificate; None for any other.

    The certificate has been verified against `server.tls.client_ca`. The chain holds the client's own alone.
    """
    connection = transport.get_extra_info("ssl_object")
    shown = connection.getpeercert(binary_form=True) if connection is not None else None
    if not shown:
        return None
    return {"tls": {"client_cert_chain": (ssl.DER_cert_to_PEM_cert(shown),), "tls_version": connection.version()}}


def client_certificate(scope: Any) -> str | None:
    """The client's certificate (PEM)."""
    chain = scope["extensions"].get("tls", {}).get("client_cert_chain") if scope.get("extensions") else None
    return str(chain[0]) if chain else None
