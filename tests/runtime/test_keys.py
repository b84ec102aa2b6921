from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.runtime.keys import _digest, write_key


@given(st.lists(st.binary(max_size=5), max_size=4), st.lists(st.binary(max_size=5), max_size=4))
def test_different_parts_never_give_one_key(one: list[bytes], other: list[bytes]) -> None:
    assert (_digest(one) == _digest(other)) == (one == other)


def test_a_write_has_a_key_of_its_step_and_item_only_where_the_request_has_one() -> None:
    assert write_key(None, "note") is None
    keys = {
        write_key("k", "note"),
        write_key("k", "other"),
        write_key("k", "note", b"0"),
        write_key("k", "note", b"1"),
        write_key("l", "note"),
    }
    assert len(keys) == 5
