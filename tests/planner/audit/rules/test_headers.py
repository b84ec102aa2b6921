from __future__ import annotations

from pathlib import Path

import pytest

from tests.planner.audit.folders import told

HASH = "sha256:" + "0" * 64
KEYED = f"gateway: shop\nidentity: [{{api_key: {{header: X-Shop-Key, keys: [{{hash: '{HASH}', user: {{id: a}}}}]}}}}]\n"
SOURCE = "source: shop\ntype: http\nservers: ['http://127.0.0.1']\nforward: {forward}\noperations: {{a: {{request: GET /a}}}}\n"
NINE = "[A, B, C, D, E, F, G, H, I]"


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("Authorization", True), ("cookie", True), ("X-Api-Key", True), ("x-shop-key", True),
        ("Accept-Language", False), ("X-Tenant", False), ("Authorization-Hint", False),
    ],
)  # fmt: skip
def test_credentials(tmp_path: Path, header: str, found: bool) -> None:
    expected = [("specs/all.yaml:4:14", f"source `shop` is sent the caller's `{header}`")] if found else []
    assert told(tmp_path, "GA302", gateway=KEYED, specs=SOURCE.format(forward=f"[A, {header}]")) == expected


@pytest.mark.parametrize(("forward", "found"), [(NINE, True), (NINE.replace(", I", ""), False), ("[]", False)])
def test_many(tmp_path: Path, forward: str, found: bool) -> None:
    expected = [("specs/all.yaml:4:1", "source `shop` is sent 9 of the caller's headers")] if found else []
    assert told(tmp_path, "GA303", specs=SOURCE.format(forward=forward)) == expected
