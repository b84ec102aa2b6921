"""Looking for changed secrets while serving."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from gateway.config.live_secrets import LiveSecrets
from gateway.config.secret_watch import SecretWatch
from gateway.config.secrets import SecretChange, Secrets
from gateway.sdk import SecretText
from gateway.testing.services import FakeMetrics

NAME = "gateway_secret_reloads_total"


def watched(folder: Path) -> tuple[LiveSecrets, SecretText]:
    (folder / "key").write_text("first-value")
    secrets = Secrets({"GATEWAY_SECRETS_DIR": str(folder)})
    live = LiveSecrets(secrets)
    return live, live.add({"key"}, str(secrets.get("key")), lambda: secrets.get("key"))


async def test_a_new_value_is_taken_counted_and_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    live, text = watched(tmp_path)
    metrics = FakeMetrics()
    watch = SecretWatch(live, metrics=metrics)
    text.followed = True
    (tmp_path / "key").write_text("second-value")
    await watch.look()
    await watch.look()
    assert text.text == "second-value"
    assert metrics.total(NAME, secret="key", result="changed") == 1
    assert [record.levelname for record in caplog.records] == ["INFO"]
    assert "`key`" in caplog.text
    assert "value" not in caplog.text.replace("new value", "")


async def test_where_a_restart_is_needed_is_counted_and_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    live, _ = watched(tmp_path)
    metrics = FakeMetrics()
    (tmp_path / "key").write_text("second-value")
    await SecretWatch(live, metrics=metrics).look()
    assert metrics.total(NAME, secret="key", result="waiting") == 1
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "restart" in caplog.text
    assert "second" not in caplog.text


async def test_a_value_that_is_gone_is_kept_counted_and_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    live, text = watched(tmp_path)
    metrics = FakeMetrics()
    watch = SecretWatch(live, metrics=metrics)
    (tmp_path / "key").unlink()
    await watch.look()
    await watch.look()
    assert text.text == "first-value"
    assert metrics.total(NAME, secret="key", result="kept") == 1
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "first" not in caplog.text


async def test_it_looks_until_it_is_closed(tmp_path: Path) -> None:
    live, text = watched(tmp_path)
    watch = SecretWatch(live, metrics=FakeMetrics(), interval=0.005)
    await watch.start()
    (tmp_path / "key").write_text("second-value")
    for _ in range(200):
        if text.text == "second-value":
            break
        await asyncio.sleep(0.01)
    assert text.text == "second-value"
    await watch.close()
    await watch.close()
    (tmp_path / "key").write_text("third")
    await asyncio.sleep(0.03)
    assert text.text == "second-value"


async def test_without_files_there_is_nothing_to_do() -> None:
    watch = SecretWatch(LiveSecrets(Secrets({})), metrics=FakeMetrics(), interval=0)
    before = asyncio.all_tasks()
    await watch.start()
    assert asyncio.all_tasks() == before
    await watch.close()


class FailingAtFirst(LiveSecrets):
    failures = 0

    def changes(self) -> list[SecretChange]:
        if self.failures == 0:
            self.failures += 1
            raise RuntimeError("unforeseen")
        return super().changes()


async def test_a_look_that_fails_is_told_and_not_the_last(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "key").write_text("first-value")
    secrets = Secrets({"GATEWAY_SECRETS_DIR": str(tmp_path)})
    live = FailingAtFirst(secrets)
    text = live.add({"key"}, str(secrets.get("key")), lambda: secrets.get("key"))
    watch = SecretWatch(live, metrics=FakeMetrics(), interval=0.005)
    await watch.start()
    (tmp_path / "key").write_text("second-value")
    for _ in range(200):
        if text.text == "second-value":
            break
        await asyncio.sleep(0.01)
    await watch.close()
    assert text.text == "second-value"
    assert "could not be looked at" in caplog.text
