"""Reads YAML texts for the tests of this folder, and takes their time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from gateway.config.document import Document
from gateway.config.strict_yaml import YamlFile, read_yaml


def seconds(action: Callable[[], object], limit: float) -> float:
    """The processor time that an action takes: the best of a few tries, since other programs may run beside it."""
    best = math.inf
    for _ in range(4):
        start = time.process_time()
        action()
        best = min(best, time.process_time() - start)
        if best < limit:
            break
    return best


def read(text: str) -> YamlFile:
    return read_yaml("a.yaml", text.encode())


def document(text: str) -> Document:
    """The one document of a text that has no problem."""
    yaml = read(text)
    assert yaml.problems == []
    (raw,) = yaml.documents
    assert raw.root is not None
    return Document(raw.root, file="a.yaml")
