from __future__ import annotations

from pathlib import Path

import pytest

from tests.planner.folders import marked, planned

SOURCE = """
source: shop
type: fake
operations:
  one: {params: {type: object, properties: {sku: {type: string}}}, batch: BATCH}
  many: {params: {type: object, properties: {skus: {type: string}}}}
  open: {}
  put: {effect: write, params: {type: object, properties: {skus: {type: string}}}}
  a: {params: {type: object, properties: {x: {}}}, batch: {operation: b, param: x, match: {x: x}}}
  b: {params: {type: object, properties: {x: {}}}, batch: {operation: c, param: x, match: {x: x}}}
  c: {params: {type: object, properties: {x: {}}}}
"""


@pytest.mark.parametrize(
    ("batch", "problems"),
    [
        ("{operation: many, param: skus, match: {sku: sku}}", []),
        ("{operation: open, param: anything, match: {sku: sku}}", []),
        ("{operation: mnay, param: skus, match: {sku: sku}}", [("GW230", "mnay")]),
        ("{operation: one, param: sku, match: {sku: sku}}", [("GW230", "one")]),
        ("{operation: many, param: sku, match: {sku: sku}}", [("GW224", "sku")]),
        ("{operation: many, param: skus, match: {suk: sku}}", [("GW224", "suk")]),
        ("{operation: put, param: skus, match: {sku: sku}}", [("GW244", "batch")]),
        ("{operation: many, param: skus, rows: bdy, match: {sku: sku}}", [("GW202", "bdy")]),
    ],
)
def test_what_is_told(tmp_path: Path, batch: str, problems: list[tuple[str, str]]) -> None:
    assert marked(tmp_path, planned(tmp_path, SOURCE.replace("BATCH", batch))) == [*problems, ("GW230", "b")]


def test_a_batch_has_no_batch_of_its_own(tmp_path: Path) -> None:
    made = planned(tmp_path, SOURCE.replace("BATCH", "{operation: a, param: x, match: {sku: sku}}"))
    assert marked(tmp_path, made) == [("GW230", "a"), ("GW230", "b")]


def test_a_long_chain_is_no_recursion(tmp_path: Path) -> None:
    chain = "".join(f"  o{number}: {{batch: {{operation: o{number + 1}, param: x, match: {{x: x}}}}}}\n" for number in range(400))
    made = planned(tmp_path, f"source: shop\ntype: fake\noperations:\n{chain}  o400: {{}}\n")
    assert made.codes == ["GW230"] * 399
