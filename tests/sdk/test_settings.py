"""A store of records tells by a method that it has a place for settings."""

from __future__ import annotations

from pathlib import Path

from gateway.sdk.settings import KeepsSettings, SettingStore
from gateway.stores.sql_records import SqlRecords
from gateway.stores.sqlite import SqliteDriver


def test_who_keeps_settings_is_known(tmp_path: Path) -> None:
    records = SqlRecords(SqliteDriver(tmp_path / "records.db"))
    assert isinstance(records, KeepsSettings)
    store: SettingStore = records.settings()
    assert store.read("levels") == []
    assert not isinstance(object(), KeepsSettings)
