from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.policies.remembered import Remembered


def test_who_is_seen_again_and_again_is_never_forgotten_and_who_is_not_is() -> None:
    memory: Remembered[int, str] = Remembered(10)
    memory.put(-1, "often")
    for number in range(100):
        memory.put(number, "once")
        assert memory.get(-1) == "often"
        assert memory.get(number) == "once"
        assert len(memory) <= 10
    assert memory.get(50) is None


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 8)), max_size=200), st.integers(2, 12))
def test_at_most_so_many_each_once_and_the_latest_of_them(steps: list[tuple[bool, int]], most: int) -> None:
    memory: Remembered[int, int] = Remembered(most)
    seen: list[int] = []
    for count, (puts, key) in enumerate(steps):
        if puts or memory.get(key) is None:
            memory.put(key, count)
        seen = [*(other for other in seen if other != key), key]
        keys = [each for each, _ in memory]
        assert len(keys) == len(set(keys)) == len(memory) <= max(most, 2)
        assert set(seen[-(most // 2) :]) <= set(keys)
