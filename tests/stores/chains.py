"""Chains of records for tests, in memory."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.sdk import Chain, Link, Mark
from gateway.sdk.records import link_digest


def links_of(bodies: Iterable[str], start: Mark = Mark()) -> list[Link]:  # noqa: B008 -- frozen
    links, previous = [], start
    for body in bodies:
        sequence = previous.sequence + 1
        previous = Mark(sequence, link_digest(previous.digest, sequence, body))
        links.append(Link(sequence, previous.digest, body))
    return links


def chain_of(links: list[Link], start: Mark = Mark()) -> Chain:  # noqa: B008 -- frozen
    return Chain(start, mark_of(links[-1]) if links else start)


def mark_of(link: Link) -> Mark:
    return Mark(link.sequence, link.digest)
