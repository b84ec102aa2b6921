"""Degradation, planned: when levels begin, what operators set, and what is said where an intent has nothing to say (language §6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from gateway.config.loaded import Loaded, Parsed
from gateway.config.models.policies import DegradationPolicy
from gateway.expressions import Typing
from gateway.planner import roots
from gateway.planner.access import spot
from gateway.planner.compiler import Compiler
from gateway.planner.known import Known
from gateway.planner.services import Surroundings
from gateway.policies.default_replies import DefaultReplies
from gateway.policies.level_conditions import Condition, LevelConditions
from gateway.policies.level_keeper import LevelKeeper
from gateway.policies.levels import Levels
from gateway.sdk import Compiled, Path, RecordStore
from gateway.sdk.levels import LEVELS
from gateway.sdk.settings import KeepsSettings


class LevelPlanner:
    """Prepares every policy `degradation`; operators set levels whether there is one or not. `languages` are those of its replies."""

    def __init__(self, loaded: Loaded, compiler_for: Callable[[Parsed[Any]], Compiler], known: Known) -> None:
        found = [cast("Parsed[DegradationPolicy]", policy) for policy in loaded.policies if isinstance(policy.model, DegradationPolicy)]
        self._policies = [(policy, compiler_for(policy)) for policy in found]
        self._conditions = LevelConditions(condition for each in self._policies for condition in _conditions(*each))
        self._texts = {name: texts for each in self._policies for name, texts in _replies(*each)}
        for _, compiler in self._policies:
            known.check(compiler).rest(lambda _: Typing(known.roots))
        self.replies = DefaultReplies(self._texts)

    @property
    def languages(self) -> Iterator[str]:
        """The locales that replies are written for."""
        return (locale for texts in self._texts.values() for locale in texts if locale)

    def keeper(self, intents: frozenset[str], store: RecordStore | None, surroundings: Surroundings) -> LevelKeeper:
        """What is in force, and where operators set it. It starts and ends with the plan."""
        levels = Levels(
            self._conditions, tenants=surroundings.tenants, intents=intents, clock=surroundings.clock, metrics=surroundings.metrics,
            standings=surroundings.standings,
        )  # fmt: skip
        keeper = LevelKeeper(levels, store.settings() if isinstance(store, KeepsSettings) else None, surroundings.state)
        surroundings.starters.append(("levels", keeper.start))
        surroundings.closers.append(keeper.close)
        return keeper


def _conditions(policy: Parsed[DegradationPolicy], compiler: Compiler) -> Iterator[Condition]:
    for level in LEVELS[1:]:
        written = getattr(policy.model.levels, level)
        if written is not None:
            path: Path = ("levels", level, "when")
            when = compiler.expression(written.when, path, roots.POLICY, authorisation=True)
            yield Condition(level, when, spot(policy.document, path))


def _replies(policy: Parsed[DegradationPolicy], compiler: Compiler) -> Iterator[tuple[str, Mapping[str, Compiled]]]:
    for name, written in policy.model.replies.items():
        path: Path = ("replies", name)
        if isinstance(written, str):
            yield name, {"": compiler.template(written, path, roots.POLICY)}
        else:
            texts = written.items()
            yield name, {locale: compiler.template(text, (*path, locale), roots.POLICY, locale=locale) for locale, text in texts}
