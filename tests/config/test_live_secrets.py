"""Texts in which secrets stand, as the secrets are now."""

from __future__ import annotations

from pathlib import Path

from gateway.config.live_secrets import LiveSecrets, Taken
from gateway.config.secrets import Secrets


def look(live: LiveSecrets) -> Taken:
    return live.take(live.changes())


def test_texts_follow_their_secrets(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    (tmp_path / "b").write_text("2")
    secrets = Secrets({"GATEWAY_SECRETS_DIR": str(tmp_path)})
    live = LiveSecrets(secrets)
    both = live.add({"a", "b"}, f"{secrets.get('a')}{secrets.get('b')}", lambda: f"{secrets.get('a')}{secrets.get('b')}")
    other = live.add({"b"}, "2", lambda: secrets.get("b"))
    both.followed = True
    untouched = other.text
    assert live.watched
    assert (both.text, both.secret) == ("12", True)
    assert look(live) == Taken([], [], [])
    (tmp_path / "a").write_text("one")
    assert look(live) == Taken(["a"], [], [])
    assert both.text == "one2"
    assert other.text is untouched
    assert "one" not in repr(live)


def test_what_changes_together_is_seen_together(tmp_path: Path) -> None:
    for name in ("user", "password"):
        (tmp_path / name).write_text("old")
    secrets = Secrets({"GATEWAY_SECRETS_DIR": str(tmp_path)})
    assert [secrets.get("user"), secrets.get("password")] == ["old", "old"]
    seen: list[tuple[str | None, str | None]] = []

    def again() -> str:
        seen.append((secrets.get("user"), secrets.get("password")))
        return "x"

    live = LiveSecrets(secrets)
    live.add({"user"}, "x", again)
    live.add({"password"}, "x", again)
    for name in ("user", "password"):
        (tmp_path / name).write_text("newer")
    assert look(live).changed == ["user", "password"]
    assert seen == [("newer", "newer")] * 2


def test_a_text_that_cant_be_made_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    secrets = Secrets({"GATEWAY_SECRETS_DIR": str(tmp_path)})
    secrets.get("a")
    live = LiveSecrets(secrets)
    text = live.add({"a"}, "1", lambda: None)
    (tmp_path / "a").write_text("new")
    assert look(live) == Taken(["a"], [("a", "what it stands in gives no text with it")], ["a"])
    assert text.text == "1"
    (tmp_path / "a").unlink()
    assert look(live) == Taken([], [("a", "its file is gone")], [])
    assert look(live) == Taken([], [], [])


def test_nothing_is_watched_where_no_text_holds_a_secret(tmp_path: Path) -> None:
    secrets = Secrets({"GATEWAY_SECRETS_DIR": str(tmp_path)})
    secrets.get("a")
    assert not LiveSecrets(secrets).watched


def test_what_is_read_at_start_only_waits_for_a_restart(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text("1")
    secrets = Secrets({"GATEWAY_SECRETS_DIR": str(tmp_path)})
    assert [secrets.get("a"), secrets.get("b")] == ["1", "1"]
    live = LiveSecrets(secrets)
    for name in ("a", "b"):
        live.add({name}, "1", lambda: "2").followed = True
    live.add({"a"}, "1", lambda: "2")
    for name in ("a", "b"):
        (tmp_path / name).write_text("new")
    assert look(live) == Taken(["a", "b"], [], ["a"])
