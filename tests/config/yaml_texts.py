"""Reads YAML texts for the tests of this folder, and takes their time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import pytest

from gateway.config.document import Document
from gateway.config.strict_yaml import YamlFile, read_yaml

T = TypeVar("T")


def within(seconds: float, action: Callable[[], T]) -> T:
    """What an action gives, which must take less processor time: in the best of a few tries, since other programs run beside it."""
    for _ in range(4):
        start = time.process_time()
        result = action()
        if time.process_time() - start < seconds:
            return result
    pytest.fail(f"took more than {seconds} s each time")


def read(text: str) -> YamlFile:
    return read_yaml("a.yaml", text.encode())


def document(text: str) -> Document:
    """The one document of a text that has no problem."""
    yaml = read(text)
    assert yaml.problems == []
    (raw,) = yaml.documents
    assert raw.root is not None
    return Document(raw.root, file="a.yaml")
