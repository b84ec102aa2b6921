"""The locks hold what `pyproject.toml` asks for, each with hashes, for every platform, and name no host."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.tree import PROJECT, ROOT

RUNTIME = [*PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"]["postgres"]]
DEVELOPMENT = [*RUNTIME, *PROJECT["dependency-groups"]["dev"]]
ASKED = {"runtime": RUNTIME, "dev": DEVELOPMENT}

# A machine of each kind that we promise: enough of a marker's environment to tell which pins it takes.
PLATFORMS = [
    {"sys_platform": system, "platform_system": name, "platform_machine": machine, "python_version": version}
    for system, name, machine in (
        ("linux", "Linux", "x86_64"),
        ("linux", "Linux", "aarch64"),
        ("darwin", "Darwin", "x86_64"),
        ("darwin", "Darwin", "arm64"),
        ("win32", "Windows", "AMD64"),
    )
    for version in ("3.11", "3.12", "3.13")
]


def entries(name: str) -> list[str]:
    """Each pin of a lock with its hashes, in one line."""
    return (ROOT / f"requirements/{name}.lock").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()


def pins(name: str) -> list[Requirement]:
    return [Requirement(re.split(r"\s+--hash", line)[0]) for line in entries(name)]


def pinned_on(platform: dict[str, str], locked: Iterable[Requirement]) -> dict[str, str]:
    full = {**platform, "python_full_version": f"{platform['python_version']}.0"}
    return {canonicalize_name(pin.name): str(pin.specifier)[2:] for pin in locked if pin.marker is None or pin.marker.evaluate(full)}


@pytest.mark.parametrize("name", ASKED)
def test_every_pin_has_hashes_and_no_host(name: str) -> None:
    assert [line for line in entries(name) if not re.search(r"--hash=sha256:[0-9a-f]{64}", line)] == []
    assert [line for line in entries(name) if "http" in re.sub(r"\bhttp(tools|core2|x2)", "", line) or "://" in line] == []


@pytest.mark.parametrize("name", ASKED)
def test_every_dependency_is_locked_as_asked(name: str) -> None:
    locked = pins(name)
    for platform in PLATFORMS:
        pinned = pinned_on(platform, locked)
        for asked in map(Requirement, ASKED[name]):
            if asked.marker is None or asked.marker.evaluate(platform):
                assert asked.specifier.contains(pinned[canonicalize_name(asked.name)]), (asked, platform)


def test_uvloop_stays_off_windows() -> None:
    for platform in PLATFORMS:
        assert ("uvloop" in pinned_on(platform, pins("runtime"))) is (platform["sys_platform"] != "win32")


def test_both_locks_agree() -> None:
    development = {pin.name: (pin.specifier, str(pin.marker)) for pin in pins("dev")}
    assert {pin.name: (pin.specifier, str(pin.marker)) for pin in pins("runtime")}.items() <= development.items()


def test_packages_of_service_tests_have_hashes_and_no_host() -> None:
    lock = (ROOT / ".ci/npm/package-lock.json").read_text("utf-8")
    assert "://" not in lock
    packages = [package for path, package in json.loads(lock)["packages"].items() if path]
    assert packages
    assert [package for package in packages if not package.get("integrity", "").startswith("sha512-")] == []
