from __future__ import annotations

import pytest

from gateway.runtime.frame import reserve


@pytest.mark.parametrize(("total", "kept"), [(0.1, 0.002), (1.0, 0.02), (10.0, 0.05), (60.0, 0.05)])
def test_a_little_of_the_deadline_is_kept_back_to_render(total: float, kept: float) -> None:
    assert reserve(total) == pytest.approx(kept)
