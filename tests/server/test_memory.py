"""How much memory is taken of what may be, from the files in which Linux tells it."""

from __future__ import annotations

import sys
from mmap import PAGESIZE
from pathlib import Path

import pytest

from gateway.server.memory import share_of

UNLIMITED_IN_ONE = "9223372036854771712"


def written(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root


def group(folder: str, used: int, most: str, *, cached: int | None = None) -> dict[str, str]:
    """A cgroup of version 2."""
    statistics = {} if cached is None else {f"{folder}/memory.stat": f"anon 5\n\ninactive_file {cached}\nactive_file 9\n"}
    return {f"{folder}/memory.current": f"{used}\n", f"{folder}/memory.max": f"{most}\n", **statistics}


def test_a_limit_of_its_own_is_one_of_the_process(tmp_path: Path) -> None:
    root = written(tmp_path, {"proc/self/statm": "900 30 7 1 0 80 0\n", **group("sys/fs/cgroup", 99, "100")})
    share = share_of(60 * PAGESIZE, root)
    assert share is not None
    assert share() == 0.5


@pytest.mark.parametrize("statm", [None, "", "900", "900 many 7"])
def test_where_the_process_is_not_told_of_nothing_is_known(tmp_path: Path, statm: str | None) -> None:
    share = share_of(1000, written(tmp_path, {} if statm is None else {"proc/self/statm": statm}))
    assert share is not None
    assert share() is None


@pytest.mark.skipif(sys.platform != "linux", reason="other systems don't tell")
def test_this_very_process_takes_some() -> None:
    share = share_of(1 << 40)
    assert share is not None
    taken = share()
    assert taken is not None
    assert 1 << 20 < taken * (1 << 40) < 1 << 36


def test_without_any_limit_there_is_no_share(tmp_path: Path) -> None:
    assert share_of(None, tmp_path) is None
    assert share_of(None, written(tmp_path, group("sys/fs/cgroup", 10, "max"))) is None


def test_the_container_is_asked_where_there_is_no_limit_of_its_own(tmp_path: Path) -> None:
    share = share_of(None, written(tmp_path, group("sys/fs/cgroup", 700, "1000", cached=200)))
    assert share is not None
    assert share() == 0.5


def test_it_is_asked_anew_each_time(tmp_path: Path) -> None:
    share = share_of(None, written(tmp_path, group("sys/fs/cgroup", 700, "1000")))
    assert share is not None
    before = share()
    written(tmp_path, {"sys/fs/cgroup/memory.current": "900"})
    after = share()
    (tmp_path / "sys/fs/cgroup/memory.current").unlink()
    assert (before, after, share()) == (0.7, 0.9, None)


def test_more_cached_than_taken_is_nothing(tmp_path: Path) -> None:
    share = share_of(None, written(tmp_path, group("sys/fs/cgroup", 100, "1000", cached=200)))
    assert share is not None
    assert share() == 0.0


def test_its_own_group_comes_before_the_one_at_the_top(tmp_path: Path) -> None:
    files = {"proc/self/cgroup": "0::/pod/box\n", **group("sys/fs/cgroup", 1, "1000"), **group("sys/fs/cgroup/pod/box", 60, "100")}
    share = share_of(None, written(tmp_path, files))
    assert share is not None
    assert share() == 0.6


def test_a_group_that_is_not_seen_or_not_limited_leaves_the_one_at_the_top(tmp_path: Path) -> None:
    files = {"proc/self/cgroup": "0::/pod/box\n", **group("sys/fs/cgroup", 40, "100"), **group("sys/fs/cgroup/pod/box", 60, "max")}
    share = share_of(None, written(tmp_path, files))
    assert share is not None
    assert share() == 0.4


def of_version_one(folder: str, used: int, most: str) -> dict[str, str]:
    return {
        f"{folder}/memory.usage_in_bytes": str(used),
        f"{folder}/memory.limit_in_bytes": most,
        f"{folder}/memory.stat": "inactive_file 1\ntotal_inactive_file 20\n",
    }


def test_version_one_is_understood_too(tmp_path: Path) -> None:
    files = {"proc/self/cgroup": "5:cpu:/a\n4:memory:/box\n", **of_version_one("sys/fs/cgroup/memory/box", 70, "100")}
    share = share_of(None, written(tmp_path, files))
    assert share is not None
    assert share() == 0.5


def test_its_number_for_no_limit_is_none(tmp_path: Path) -> None:
    assert share_of(None, written(tmp_path, of_version_one("sys/fs/cgroup/memory", 70, UNLIMITED_IN_ONE))) is None
