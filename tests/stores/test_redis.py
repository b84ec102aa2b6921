"""State `redis`: what a configuration may say."""

from __future__ import annotations

import sys

import pytest

from gateway.stores.redis import DRIVER, RedisConfig, build, components
from gateway.stores.redis_url import ONE_SERVER
from gateway.testing import FakeServices


def test_without_redis_py_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, DRIVER, None)
    services = FakeServices()
    assert build(RedisConfig(url="redis://h", gateway="shop"), services) is None
    (problem,) = services.problems
    assert (problem.code, problem.hint) == ("GW253", "install it with `pip install 'gateway[redis]'`")


def test_a_url_of_several_servers_is_refused_and_not_shown() -> None:
    services = FakeServices()
    assert build(RedisConfig(url="redis://:hush@a,b", gateway="shop"), services) is None
    (problem,) = services.problems
    assert (problem.code, problem.hint) == ("GW252", ONE_SERVER)
    assert "hush" not in problem.message
    assert services.starters == services.closers == []


@pytest.mark.parametrize("url", ["redis://:hush@h", "rediss://u:hush@h:6380/1", "redis+sentinel://:hush@h,i/main"])
def test_nothing_is_connected_at_load(url: str) -> None:
    services = FakeServices()
    state = build(RedisConfig(url=url, gateway="shop"), services)
    assert state is not None
    assert services.problems == []
    assert len(services.starters) == len(services.closers) == 1
    assert services.secrets[()].text == url
    assert "hush" not in repr(state)


def test_the_components_say_what_they_are() -> None:
    assert [(component.kind, component.name) for component in components] == [
        ("state", name) for name in ("redis", "rediss", "redis+sentinel", "rediss+sentinel")
    ]
