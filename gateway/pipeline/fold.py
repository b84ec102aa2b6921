"""Folding stages into one handler, once, at load. A feature that is off has no stage and costs nothing."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Iterable

import msgspec

from gateway.pipeline.phases import FRONT, PHASES, Phase
from gateway.sdk import Answer, Exchange, Handler, Stage


class Layer(msgspec.Struct, frozen=True):
    """One stage of the chain: the phase it belongs to, the component's name, and what is called."""

    phase: Phase
    name: str
    stage: Stage


def ordered(layers: Iterable[Layer]) -> tuple[Layer, ...]:
    """Outside in by phase; layers of one phase keep the order given."""
    return tuple(sorted(layers, key=lambda layer: PHASES.index(layer.phase)))


def fold(layers: Iterable[Layer], innermost: Handler) -> Handler:
    """One handler: every layer wrapped round those behind it, `innermost` in the middle."""
    handler = innermost
    for layer in reversed(ordered(layers)):
        handler = functools.partial(_enter, layer.stage, handler)
    return handler


def fold_front(layers: Iterable[Layer]) -> Handler:
    """The phases before `understand` round an answer without data: for what needs a caller and no intent."""
    return fold((layer for layer in layers if layer.phase in FRONT), _nothing_to_do)


def _enter(stage: Stage, proceed: Handler, exchange: Exchange) -> Awaitable[Answer]:
    return stage(exchange, proceed)


async def _nothing_to_do(_: Exchange) -> Answer:
    return Answer("complete")
