"""An intent: what a caller can ask for, and the steps that answer it (language §4)."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET

from gateway.config.models.access import Access, Checks
from gateway.config.models.pipeline import StageUse
from gateway.config.models.policies import RATES, Burst, Key, Rate
from gateway.config.models.reply import Reply
from gateway.config.models.step import Arguments, Step, Target
from gateway.sdk.fields import Duration, Expr, JsonSchema, Name, Template, default, described, planned, protects
from gateway.sdk.priority import Priority
from gateway.sdk.source_config import Cache, Model, Positive, Retry


class Notice(Model, frozen=True, kw_only=True):
    """How the caller learns that an asynchronous intent is done."""

    when: Annotated[Expr | None, described("Condition; without it this notice is always sent.")] = None
    channel: Annotated[str | None, described("Channel that carries it; the one that asked where unset.")] = None
    call: Annotated[Target | None, described("Operation that carries it, as `source.operation`.")] = None
    with_: Annotated[Arguments, described("Arguments of the operation, by parameter name.")] = msgspec.field(
        name="with", default_factory=dict
    )
    reply: Annotated[Reply | None, described("What is said; the intent's `reply` where unset.")] = None


class Compensation(Model, frozen=True, kw_only=True):
    """How finished writes are undone after a failure, in reverse order of completion."""

    timeout: Annotated[Duration | None, described("Longest time for all of it, beyond the intent's deadline.")] = None
    retry: Annotated[Retry | None, described("Further tries of each compensation.")] = None


class Limits(Model, frozen=True, kw_only=True):
    """The intent's own limits, besides those of the policies. They count what callers ask for, not what other intents call."""

    only_with = {"burst": RATES, "key": (*RATES, "concurrency")}

    requests_per_second: Annotated[Rate | None, described("Most requests in a second.")] = None
    requests_per_minute: Annotated[Rate | None, described("Most requests in a minute.")] = None
    requests_per_hour: Annotated[Rate | None, described("Most requests in an hour.")] = None
    requests_per_day: Annotated[Rate | None, described("Most requests in a day.")] = None
    burst: Annotated[
        Burst | None,
        described("How many requests may come at once before the rate holds, in the shortest window; all of a window's where unset."),
    ] = None
    concurrency: Annotated[Positive | None, described("Most requests under way at once, in each process.")] = None
    key: Annotated[
        Key | None,
        described("Expressions whose values tell who shares a limit, such as `tenant.id`; each caller, or address, by itself where unset."),
    ] = None


class Intent(Model, frozen=True, kw_only=True):
    """What a caller can ask for: input, steps, output and reply."""

    intent: Annotated[Name, described("Its name; what callers send as `intent`.")]
    version: Annotated[Positive, described("Its version; several versions may be loaded side by side.")] = 1
    extends: Annotated[str | None, described("Another intent whose keys this one starts from.")] = None
    summary: Annotated[str | None, described("What it does, in a line; shown in lists and to models.")] = None
    description: Annotated[str | None, described("What it does, at length.")] = None
    examples: Annotated[list[str], described("Messages that mean this intent; `{name}` stands for an input.")] = []
    tags: Annotated[list[str], described("Words to group intents by in lists.")] = []
    access: Annotated[Access, described("Who may use it, besides those that a policy allows.")] = msgspec.field(default_factory=Access)
    input: Annotated[JsonSchema | None, described("JSON Schema of the input; no input where unset.")] = None
    guard: Annotated[Checks | None, described("Barriers that run before any step; where one fails, the caller is denied.")] = None
    steps: Annotated[dict[Name, Step], described("Steps by name. Order is inferred from what they read.")] = {}
    output: Annotated[Template, described("The answer's data: any value, with `${ steps.<step> }` and other expressions in its texts.")] = (
        UNSET
    )
    reply: Annotated[Reply | None, described("What is said to the user; also for failed and denied answers.")] = None
    deadline: Annotated[Duration, described("Longest time to answer; 10s by default.")] = default(Duration.parse, "10s")
    soft_deadline: Annotated[Duration | None, planned("When streaming clients get what is ready.")] = None
    priority: Annotated[Priority, described("What is done first, and given up last, where there is too much to do.")] = "normal"
    mode: Annotated[Literal["sync", "async"], planned("`async` answers at once with a job.")] = "sync"
    ask: Annotated[dict[str, Reply] | None, planned("The question for a missing or invalid input, by input property.")] = None
    remember: Annotated[dict[Name, Template] | None, planned("What is kept as `session.context.<name>`.")] = None
    confirm: Annotated[Reply | None, protects("What is asked before a write.")] = None
    idempotency_key: Annotated[
        Annotated[list[Expr], msgspec.Meta(min_length=1)] | None,
        described("What makes two requests the same write, where the caller sends no `Idempotency-Key`."),
    ] = None
    cache: Annotated[Cache | None, described("How long an answer may be kept, and for whom.")] = None
    ack: Annotated[Reply | None, planned("What an asynchronous intent says at once.")] = None
    notify: Annotated[
        Annotated[list[Notice], msgspec.Meta(min_length=1)] | None, planned("How the caller learns that an asynchronous intent is done.")
    ] = None
    compensation: Annotated[Compensation | None, protects("How finished writes are undone.")] = None
    limits: Annotated[Limits | None, described("The intent's own limits.")] = None
    pipeline: Annotated[list[StageUse], protects("Stages that are added for this intent.")] = []
