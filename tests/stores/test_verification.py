"""Whatever is done to a chain afterwards is found, and where."""

from __future__ import annotations

import json
import random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.sdk import Chain, Link, Mark
from gateway.stores.verification import MOST_FINDINGS, Verdict, verify
from tests.stores.chains import chain_of, links_of, mark_of

BODIES = [f'{{"n":{number}}}' for number in range(1, 9)]


def told(verdict: Verdict) -> list[tuple[str, int]]:
    return [(finding.kind, finding.sequence) for finding in verdict.findings]


def test_a_chain_as_it_was_written() -> None:
    links = links_of(BODIES)
    assert verify(chain_of(links), links) == Verdict(8, Mark(), mark_of(links[-1]), ())
    assert verify(Chain(), []) == Verdict(0, Mark(), Mark(), ())


def changed(links: list[Link], index: int, **members: Any) -> list[Link]:
    return [*links[:index], msgspec.structs.replace(links[index], **members), *links[index + 1 :]]


L = links_of(BODIES)


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        (changed(L, 3, body='{"n":5}'), [("changed", 4)]),
        (changed(L, 3, body=None), [("changed", 4)]),
        (changed(L, 3, body=b'{"n":4}'), [("changed", 4)]),
        (changed(L, 3, body="\udcff"), [("changed", 4)]),
        (changed(L, 3, digest="0" * 64), [("changed", 4), ("changed", 5)]),
        (changed(L, 3, digest=L[3].digest.upper()), [("changed", 4), ("changed", 5)]),
        ([*L[:3], *L[4:]], [("gap", 4)]),
        ([*L[:3], *L[6:]], [("gap", 4)]),
        (L[1:], [("gap", 1)]),
        ([*L[:2], msgspec.structs.replace(L[5], sequence=3), *L[3:5], msgspec.structs.replace(L[2], sequence=6), *L[6:]],
         [("changed", 3), ("changed", 4), ("changed", 6), ("changed", 7)]),
        (L[:-1], [("tail", 8)]),
        (L[:-3], [("tail", 6)]),
        ([], [("tail", 1)]),
        ([*L, *links_of(["x"], mark_of(L[-1]))], [("tail", 10)]),
        ([Link(-5, "0" * 64, "{}"), *L], [("gap", -5), ("gap", -4)]),
    ],
)  # fmt: skip
def test_each_kind_of_tampering_is_placed(links: list[Link], expected: list[tuple[str, int]]) -> None:
    assert told(verify(chain_of(L), links)) == expected


def test_a_record_that_was_forged_with_its_digest_is_found_at_the_next() -> None:
    forged = [*L[:3], *links_of(['{"n":"forged"}'], mark_of(L[2])), *L[4:]]
    assert told(verify(chain_of(L), forged)) == [("changed", 5)]


def test_words_name_what_is_missing() -> None:
    messages = [verify(chain_of(L), links).findings[0].message for links in ([*L[:3], *L[4:]], [*L[:3], *L[6:]], L[:-3])]
    assert messages == [
        "record 4 is missing",
        "records 4 to 6 are missing",
        "the chain ended with record 8, and now ends with 5: 3 are missing behind it",
    ]


class TestExpected:
    """A head that was kept finds what a forger of the whole database hides."""

    def test_it_is_still_there(self) -> None:
        for link in L:
            assert verify(chain_of(L), L, mark_of(link)).findings == ()

    def test_a_tail_cut_off_cleanly(self) -> None:
        cut = L[:5]
        assert verify(chain_of(cut), cut).findings == ()
        verdict = verify(chain_of(cut), cut, mark_of(L[-1]))
        assert told(verdict) == [("expected", 8)]
        assert verdict.findings[0].message == "the chain held record 8, and now ends with 5"

    def test_a_chain_written_anew(self) -> None:
        anew = links_of([*BODIES[:2], "{}", *BODIES[3:], "more"])
        assert verify(chain_of(anew), anew).findings == ()
        assert told(verify(chain_of(anew), anew, mark_of(L[-1]))) == [("expected", 8)]
        assert verify(chain_of(anew), anew, mark_of(L[1])).findings == ()

    def test_a_head_that_was_removed_by_age(self) -> None:
        links, start = removed(through=4)
        assert verify(chain_of(links, start), links, start).findings == ()
        verdict = verify(chain_of(links, start), links, mark_of(L[1]))
        assert verdict.findings[0].message == "record 2 was removed with all up to 4: keep a later head"


def removed(through: int, lie: dict[str, Any] | None = None) -> tuple[list[Link], Mark]:
    start = mark_of(L[through - 1])
    record = json.dumps({"event": "removed", "through": start.sequence, "digest": start.digest, **(lie or {})})
    return links_of([*BODIES[through:], record], start), start


class TestRemoval:
    def test_a_removal_that_a_record_tells(self) -> None:
        links, start = removed(through=4)
        assert verify(chain_of(links, start), links) == Verdict(5, start, mark_of(links[-1]), ())

    def test_a_start_cut_off_without_a_record(self) -> None:
        start = mark_of(L[3])
        verdict = verify(chain_of(L, start), L[4:])
        assert told(verdict) == [("start", 5)]
        assert verdict.findings[0].message == "the records up to 4 were removed, and no record says so"

    @pytest.mark.parametrize("lie", [{"through": 3}, {"digest": "0" * 64}, {"event": "request"}])
    def test_a_record_that_tells_something_else(self, lie: dict[str, Any]) -> None:
        links, start = removed(4, lie)
        assert told(verify(chain_of(links, start), links)) == [("start", 5)]

    def test_more_was_removed_than_told(self) -> None:
        links, start = removed(through=4)
        assert told(verify(chain_of(links, start), links[1:])) == [("gap", 5)]
        further = mark_of(links[0])
        assert told(verify(chain_of(links, further), links[1:])) == [("start", 6)]

    def test_a_changed_start(self) -> None:
        assert told(verify(Chain(Mark(0, "1" * 64), mark_of(L[-1])), L)) == [("start", 0), ("changed", 1)]


def test_a_chain_full_of_faults_is_told_in_bounds() -> None:
    links = [msgspec.structs.replace(link, body="x") for link in links_of(["a"] * 500)]
    verdict = verify(chain_of(links), links)
    assert (verdict.count, len(verdict.findings), verdict.findings[0].sequence) == (500, MOST_FINDINGS, 1)


def edit(links: list[Link], draw: random.Random) -> None:
    """One thing that somebody may do to the table, in place."""
    if not links:
        return
    at = draw.randrange(len(links))
    link = links[at]
    kind = draw.randrange(7)
    if kind == 0:
        place = draw.randrange(len(link.body))
        links[at] = msgspec.structs.replace(link, body=link.body[:place] + chr(draw.randrange(32, 127)) + link.body[place + 1 :])
    elif kind == 1:
        place = draw.randrange(64)
        links[at] = msgspec.structs.replace(link, digest=link.digest[:place] + draw.choice("0123456789abcdef") + link.digest[place + 1 :])
    elif kind == 2:
        del links[at]
    elif kind == 3:
        other = draw.randrange(len(links))
        links[at], links[other] = (Link(a.sequence, b.digest, b.body) for a, b in ((link, links[other]), (links[other], link)))
    elif kind == 4:
        links.insert(at, Link(draw.randrange(-2, 12), link.digest, link.body))
    elif kind == 5:
        del links[at:]
    else:
        links[at] = msgspec.structs.replace(link, sequence=draw.randrange(1, 40))


@settings(max_examples=300, deadline=None)
@given(st.integers(1, 12), st.integers(1, 4), st.randoms(use_true_random=False))
def test_random_edits_are_always_found(length: int, edits: int, draw: random.Random) -> None:
    original = links_of(f'{{"n":{number},"user.id":"u{number}"}}' for number in range(length))
    links = list(original)
    for _ in range(edits):
        edit(links, draw)
    links.sort(key=lambda link: link.sequence)
    verdict = verify(chain_of(original), links)
    assert bool(verdict.findings) == (links != original)
    if verdict.findings:
        first = next(i for i, pair in enumerate(zip([*links, None], [*original, None], strict=False)) if pair[0] != pair[1])
        assert verdict.findings[0].sequence <= first + 2
