"""Which assistant is demonstrated."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.demo import folder
from gateway.demo.folder import assistant_folder

ROOT = Path(__file__).parents[2]


def test_the_current_folder_comes_first(tmp_path: Path) -> None:
    (tmp_path / "gateway.yaml").touch()
    assert assistant_folder(tmp_path) == tmp_path


def test_a_checkout_has_its_own(tmp_path: Path) -> None:
    assert assistant_folder(tmp_path) == ROOT


def test_an_installed_package_brings_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site-packages/gateway/demo"
    (package / "assistant").mkdir(parents=True)
    (package / "assistant/gateway.yaml").touch()
    monkeypatch.setattr(folder, "HERE", package)
    assert assistant_folder(tmp_path) == package / "assistant"


def test_none_at_all_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "HERE", tmp_path / "site-packages/gateway/demo")
    with pytest.raises(FileNotFoundError, match=r"no gateway\.yaml"):
        assistant_folder(tmp_path)
