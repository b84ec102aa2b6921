"""Reads YAML texts for the tests of this folder."""

from __future__ import annotations

from gateway.config.document import Document
from gateway.config.strict_yaml import YamlFile, read_yaml


def read(text: str) -> YamlFile:
    return read_yaml("a.yaml", text.encode())


def document(text: str) -> Document:
    """The one document of a text that has no problem."""
    yaml = read(text)
    assert yaml.problems == []
    (raw,) = yaml.documents
    assert raw.root is not None
    return Document(raw.root, file="a.yaml")
