"""Where the demo's assistant lies."""

from __future__ import annotations

from pathlib import Path

ENTRY = "gateway.yaml"
HERE = Path(__file__).parent


def assistant_folder(current: Path | None = None) -> Path:
    """The folder with the `gateway.yaml` to demonstrate.

    The current folder's where it has one; else the copy that an installed package brings along; else, in a checkout, the
    repository's own. Raises `FileNotFoundError` where there is none of them.
    """
    candidates = (current or Path.cwd(), HERE / "assistant", HERE.parents[1])
    for folder in candidates:
        if (folder / ENTRY).is_file():
            return folder
    raise FileNotFoundError(f"no {ENTRY} in {', '.join(map(str, candidates))}")
