"""Further tries: what is in force, and what a step leaves of it."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sdk import DurationRange, OperationConfig, SourceConfig
from gateway.sdk.fields import decode_hook
from gateway.sdk.source_config import BACKOFF, RETRIED, Idempotency, Retry, retries

CODES = st.none() | st.lists(st.sampled_from(["connect", "timeout", 408, 429, 500, 502, 503]), min_size=1, unique=True)
RANGES = st.none() | st.tuples(st.floats(0, 5), st.floats(0, 5)).map(lambda pair: DurationRange(sorted(pair)))
RETRIES = st.builds(Retry, max=st.integers(0, 5), codes=CODES, backoff=RANGES)


def read(written: dict[str, Any]) -> Retry:
    return msgspec.convert(written, Retry, dec_hook=decode_hook)


def test_what_is_unset_has_a_default() -> None:
    written = read({})
    assert (written.max, written.retried, written.waits) == (1, RETRIED, BACKOFF)
    assert read({"codes": ["timeout", 429], "backoff": "50ms..1s"}).retried == ["timeout", 429]


@pytest.mark.parametrize("written", [{"codes": []}, {"codes": [True]}, {"codes": ["refused"]}, {"max": -1}, {"codes": [503.5]}])
def test_what_is_no_retry_is_refused(written: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        read(written)


@given(RETRIES, RETRIES)
def test_a_step_never_widens(own: Retry, step: Retry) -> None:
    left = own.narrowed(step)
    assert left.max <= min(own.max, step.max)
    assert set(left.retried) <= set(own.retried)
    assert step.codes is None or set(left.retried) <= set(step.codes)
    assert left.waits[0] <= left.waits[1] <= own.waits[1]
    assert own.narrowed(None) is own


OWN, OF_SOURCE = Retry(max=2), Retry(max=5)


@pytest.mark.parametrize(
    ("effect", "own", "source", "keyed", "most"),
    [
        ("read", OWN, OF_SOURCE, False, 2),
        ("read", None, OF_SOURCE, False, 5),
        ("read", Retry(max=0), OF_SOURCE, False, 0),
        ("read", None, None, False, 0),
        ("write", OWN, OF_SOURCE, False, 0),
        ("write", None, OF_SOURCE, True, 5),
    ],
)
def test_an_operations_own_replaces_its_sources(
    effect: Literal["read", "write"], own: Retry | None, source: Retry | None, keyed: bool, most: int
) -> None:
    config = OperationConfig(retry=own, idempotency=Idempotency() if keyed else None)
    assert retries(effect, config, SourceConfig(source="erp", type="static", retry=source)).max == most
