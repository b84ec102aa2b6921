"""The JSON Schemas in `schemas/` as they have to be; `python -m tests.house.schemas` writes them."""

from __future__ import annotations

from pathlib import Path

from gateway import builtins
from gateway.config.schema import generate
from tests.house.tree import ROOT

SCHEMAS = ROOT / "schemas"


def generated() -> dict[str, str]:
    """File name → text of every schema, from the typed models and built-in components."""
    return generate(builtins.components())


def committed(folder: Path = SCHEMAS) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.json"))}


def write(folder: Path = SCHEMAS) -> None:
    folder.mkdir(exist_ok=True)
    wanted = generated()
    for name in committed(folder).keys() - wanted.keys():
        (folder / name).unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
