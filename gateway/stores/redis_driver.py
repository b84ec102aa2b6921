"""Connections to a Redis server. Only imported where a configuration names one: redis-py is an extra.

Of redis-py only single connections are used. Its pool takes a connection back after a caller was cancelled, and trusts it to be in step
where it has nothing to read yet; its client tries again by itself.
"""

from __future__ import annotations

import os
import ssl
from functools import partial
from typing import Any

import msgspec
from redis.asyncio.connection import Connection, RedisSSLContext, SSLConnection
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import RedisError, ResponseError

from gateway.sdk.secret import SecretText
from gateway.stores.redis_faults import RedisFault
from gateway.stores.redis_sentinel import check_master, find_master
from gateway.stores.redis_url import RedisAddress, UnusableUrl, read_url

_FAULTS = (RedisError, OSError, EOFError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RuntimeError)
"""What redis-py raises; all but the first two where a server answers what no Redis would."""


class RedisLink:
    """One connection. After any failure, and when the caller is cancelled, it is closed: nobody else may read what is still to come."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.rested = False

    async def ask(self, *words: Any) -> Any:
        """Sends a command; its answer as bytes, number, list or None. Raises `RedisFault`."""
        try:
            await self._connection.send_command(*words)
            reply = await self._connection.read_response(disable_decoding=True)
        except _FAULTS as error:
            await self.close()
            raise _fault(error) from None
        except BaseException:
            await self.close()
            raise
        return reply

    async def tell(self, *words: Any) -> None:
        """Sends a command whose answer is heard later. Raises `RedisFault`."""
        try:
            await self._connection.send_command(*words)
        except _FAULTS as error:
            await self.close()
            raise _fault(error) from None

    async def hear(self, seconds: float, /) -> Any:
        """What the server sends next; None when so many seconds brought nothing whole. Raises `RedisFault`."""
        try:
            return await self._connection.read_response(disable_decoding=True, timeout=seconds)
        except _FAULTS as error:
            await self.close()
            raise _fault(error) from None

    async def close(self) -> None:
        """Closes it at once; never waits for the server."""
        await self._connection.disconnect(nowait=True)


class RedisDriver:
    """Makes connections to one server, or to whichever is the master. The URL is read for each: a password in it may change."""

    def __init__(self, url: SecretText) -> None:
        self._url = url
        self._tls = RedisSSLContext(cert_reqs="required", check_hostname=True)
        if url.text.startswith("rediss"):
            self._tls.get()  # reads the system's certificates: at load, not while serving

    async def connect(self) -> RedisLink:
        """A connection that is authenticated and has its database selected. Raises `RedisFault`."""
        try:
            address = read_url(self._url.text)
        except UnusableUrl:
            raise RedisFault("its URL can't be read any more") from None
        if not address.sentinels:
            return await self._opened(address)
        host, port = await find_master(address.sentinels, address.service, partial(self._sentinel, tls=address.tls))
        link = await self._opened(msgspec.structs.replace(address, host=host, port=port))
        await check_master(link)
        return link

    async def _sentinel(self, host: str, port: int, *, tls: bool) -> RedisLink:
        """One sentinel. User and password are those of the servers: sentinels are asked without."""
        return await self._opened(RedisAddress(host, port, 0, None, None, tls))

    async def _opened(self, address: RedisAddress) -> RedisLink:
        connection = self._make(address)
        try:
            await connection.connect()
        except _FAULTS as error:
            await connection.disconnect(nowait=True)
            raise _fault(error) from None
        except BaseException:
            await connection.disconnect(nowait=True)
            raise
        return RedisLink(connection)

    def _make(self, address: RedisAddress) -> Any:
        """No time limit of redis-py's: whoever waits has one for everything."""
        settings: dict[str, Any] = {
            "host": address.host,
            "port": address.port,
            "db": address.database,
            "username": address.username,
            "password": address.password,
            "socket_timeout": None,
            "socket_connect_timeout": None,
            "protocol": 2,
        }
        if not address.tls:
            return Connection(**settings)
        connection = SSLConnection(**settings)
        connection.ssl_context = self._tls
        return connection


def _fault(error: BaseException) -> RedisFault:
    """`error` without any text that a server sent."""
    below = error.__cause__ or error.__context__
    found = below if isinstance(below, OSError) else error
    if isinstance(found, ssl.SSLError):
        reason = f"TLS: {found.reason or type(found).__name__}"
    elif isinstance(found, OSError) and found.errno is not None and found.errno > 0:
        reason = os.strerror(found.errno)
    else:
        reason = type(error).__name__
    lost = type(error) is Disconnected or isinstance(error, OSError)
    return RedisFault(reason, lost=lost, refused=isinstance(error, ResponseError))
