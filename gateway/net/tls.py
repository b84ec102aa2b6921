"""TLS towards a server: verified, always."""

from __future__ import annotations

import ssl

import msgspec


class Tls(msgspec.Struct, frozen=True):
    """Whom to trust, and how to prove oneself.

    `ca_file` holds certificates (PEM) that are trusted instead of the system's; `certificate` and `key` are the client's own.
    """

    ca_file: str | None = None
    certificate: str | None = None
    key: str | None = None

    def context(self) -> ssl.SSLContext:
        """A new context that checks certificate and host name; TLS 1.2 at least. Raises OSError where a file can't be used."""
        context = ssl.create_default_context(cafile=self.ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.certificate is not None:
            context.load_cert_chain(self.certificate, self.key)
        return context
