"""State `redis` and `rediss`, also by `+sentinel`: what workers and nodes share in a Redis server. Needs the extra `gateway[redis]`."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated, Any

from gateway.sdk import Component, Model, Name, Secret, Services, described
from gateway.sdk.state import StateStore
from gateway.stores.redis_links import Links
from gateway.stores.redis_state import CONNECTIONS, RedisState
from gateway.stores.redis_url import UnusableUrl, read_url
from gateway.stores.redis_word import Hearing

DRIVER = "gateway.stores.redis_driver"


class RedisConfig(Model, frozen=True, kw_only=True):
    """A server."""

    url: Annotated[Secret, described("The server: `redis://user:password@host:port/number`, or `rediss://…` for TLS.")]
    gateway: Annotated[Name, described("The gateway's name: what it keeps is kept under it.")]


def build(config: RedisConfig, services: Services) -> StateStore | None:
    """None, and a problem, where redis-py is not installed or the URL can't be used. Nothing is connected yet."""
    try:
        driver: Any = import_module(DRIVER)
    except ImportError:
        hint = "install it with `pip install 'gateway[redis]'`"
        services.problem("GW253", "the driver `redis` is not installed", path=(), hint=hint)
        return None
    try:
        address = read_url(config.url)
    except UnusableUrl as unusable:
        services.problem("GW252", "this is not a URL of a Redis server", path=(), hint=str(unusable))
        return None
    connect = driver.RedisDriver(services.secret(config.url, path=())).connect
    channel = f"gw:{{{config.gateway}}}:word:{address.database}"  # channels are those of all databases of a server
    hearing = Hearing(connect, channel, services.logger)
    links = Links(connect, CONNECTIONS)
    state = RedisState(config.gateway, links, hearing, clock=services.clock, metrics=services.metrics, logger=services.logger)
    services.at_start(state.start)
    services.at_close(state.close)
    return state


components = tuple(
    Component(kind="state", name=name, Config=RedisConfig, build=build, summary=summary, example=f"stores: {{state: '{example}'}}")
    for name, summary, example in (
        ("redis", "Kept answers in a Redis server that workers and nodes share.", "redis://:password@cache.acme.example:6379/0"),
        ("rediss", "The same by TLS, with the system's certificates.", "rediss://gateway:password@cache.acme.example:6380/0"),
        ("redis+sentinel", "The master that sentinels name.", "redis+sentinel://:password@one.acme.example:26379,two.acme.example/main/0"),
        ("rediss+sentinel", "The same by TLS, sentinels included.", "rediss+sentinel://:password@one.acme.example,two.acme.example/main"),
    )
)
