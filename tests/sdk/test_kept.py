"""How long there is any use for a kept answer, and what it is forgotten by."""

from __future__ import annotations

import pytest

from gateway.sdk.kept import Kept, label_of


@pytest.mark.parametrize(
    ("revalidate", "error", "validators", "lasts"),
    [(0.0, 0.0, 0.0, 10.0), (5.0, 0.0, 0.0, 15.0), (5.0, 60.0, 0.0, 70.0), (5.0, 60.0, 3600.0, 3610.0)],
)
def test_an_answer_lasts_as_long_as_its_longest_use(revalidate: float, error: float, validators: float, lasts: float) -> None:
    assert Kept("x", 0.0, 0.0, 10.0, revalidate, error, validators=validators).lasts == lasts


def test_labels_of_different_kinds_differ() -> None:
    assert len({label_of(kind, "erp.order") for kind in ("tag", "operation", "source")}) == 3
