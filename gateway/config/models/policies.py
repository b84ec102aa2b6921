"""Policies, one model per kind (language §6)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from gateway.config.models.reply import LocalText
from gateway.sdk.fields import Duration, Expr, Name, Secret, Template, described, form, planned
from gateway.sdk.source_config import CircuitBreaker, Model, Positive

PolicyStatus = Literal["ready", "planned", "protects"]

Permission = Annotated[
    str, msgspec.Meta(pattern=r"^[a-z_]+(?::[A-Za-z0-9_.:*-]+)?$"), form("a permission such as `intent:track_order`, `route:*` or `trace`")
]
"""`intent:<name>`, `route:<name>`, `source:<name>`, `admin:<what>`, `trace`, `release:pin`; `*` stands for any text.

A source is used through intents: to allow one gives nothing by itself, to deny one takes every intent that may call it."""

Permissions = Annotated[list[Permission], msgspec.Meta(min_length=1)]

Rate = Annotated[float, msgspec.Meta(ge=0.001, le=1e9)]
Burst = Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)]
Key = Annotated[list[Expr], msgspec.Meta(min_length=1)]
Percent = Annotated[float, msgspec.Meta(ge=0, le=100)]


class Policy(Model, frozen=True, kw_only=True):
    """What every policy has; `policy` is its kind."""

    policy: Annotated[str, described("Kind of policy.")]
    summary: Annotated[str | None, described("What it is for, in a line.")] = None


class Role(Model, frozen=True, kw_only=True):
    """What a role may do."""

    allow: Annotated[list[Permission], described("Permissions: `intent:track_order`, `route:*`, `admin:*`, `trace`.")] = []
    inherits: Annotated[list[Name], described("Roles whose permissions it has as well.")] = []
    clears: Annotated[list[str], described("Classes of data, such as `pii`, that may be shown to it.")] = []


class Assignment(Model, frozen=True, kw_only=True):
    """Gives roles to callers."""

    roles: Annotated[Annotated[list[Name], msgspec.Meta(min_length=1)], described("Roles that the caller gets.")]
    when: Annotated[
        Expr,
        described("Condition on `user tenant ctx config`; unknown gives no role. `user.roles` are those that the caller came with."),
    ]


class AccessRule(Model, frozen=True, kw_only=True):
    """Allows or denies beyond the roles' own permissions; a denial beats every permission. Unknown conditions never help the caller."""

    exactly_one = (("allow", "deny"),)

    allow: Annotated[Permissions | None, described("Permissions that are given, such as `intent:help`.")] = None
    deny: Annotated[
        Permissions | None,
        described("Permissions that are taken, such as `intent:billing_*`; `source:hr` takes every intent that may call it."),
    ] = None
    roles: Annotated[
        Annotated[list[Name], msgspec.Meta(min_length=1)] | None,
        described("For which roles, and those that inherit from them; for every caller where unset."),
    ] = None
    when: Annotated[Expr | None, described("Condition on `user tenant ctx config`; an unknown one denies, and does not allow.")] = None
    unless: Annotated[
        Expr | None, described("Exception, on the same; an unknown one excepts from no denial, and from every permission.")
    ] = None
    reason: Annotated[str | None, described("Why, for the record of a decision and for callers who may see traces.")] = None


class RolesPolicy(Policy, frozen=True, kw_only=True):
    """What each role may do. The default is to deny."""

    roles: Annotated[dict[Name, Role], described("Roles by name.")]
    assign: Annotated[list[Assignment], described("Roles given by condition; they count as the caller's own, in `user.roles` too.")] = []
    rules: Annotated[list[AccessRule], described("Permissions and denials beyond those of roles; a denial beats every permission.")] = []


RATES = ("requests_per_second", "requests_per_minute", "requests_per_hour", "requests_per_day")


class RateLimit(Model, frozen=True, kw_only=True):
    """One tier's limit, in one window or in several at once. A tier without any is not limited."""

    only_with = {"burst": RATES}

    requests_per_second: Annotated[Rate | None, described("Most requests in a second.")] = None
    requests_per_minute: Annotated[Rate | None, described("Most requests in a minute.")] = None
    requests_per_hour: Annotated[Rate | None, described("Most requests in an hour.")] = None
    requests_per_day: Annotated[Rate | None, described("Most requests in a day.")] = None
    burst: Annotated[
        Burst | None,
        described("How many requests may come at once before the rate holds, in the shortest window; all of a window's where unset."),
    ] = None


class Quota(Model, frozen=True, kw_only=True):
    """A budget over an hour, a day or a month of the calendar, in UTC."""

    exactly_one = (("requests_per_hour", "requests_per_day", "requests_per_month"),)

    requests_per_hour: Annotated[Rate | None, described("Most requests in an hour.")] = None
    requests_per_day: Annotated[Rate | None, described("Most requests in a day.")] = None
    requests_per_month: Annotated[Rate | None, described("Most requests in a month.")] = None
    key: Annotated[
        Key | None,
        described("Expressions whose values tell who shares the budget, such as `tenant.id`; as the policy's `key` where unset."),
    ] = None


class RateLimitsPolicy(Policy, frozen=True, kw_only=True):
    """How much a caller may ask for."""

    rate_limits: Annotated[
        dict[Name, RateLimit], msgspec.Meta(min_length=1), described("Limits by tier; a caller's tier is told by `tier`.")
    ]
    tier: Annotated[
        Template,
        described("The caller's tier, most often an expression such as `${ tenant.plan }`; `default` where it names none that is there."),
    ] = "default"
    key: Annotated[
        Key | None,
        described("Expressions whose values tell who shares a limit, such as `user.id`; each caller, or address, of a tenant where unset."),
    ] = None
    quotas: Annotated[dict[Name, Quota], described("Budgets over a longer time, by name.")] = {}
    cost: Annotated[
        Expr | None,
        described("How much one request counts, 1 where unset; what it reads of the answer counts when that is there, and 1 until then."),
    ] = None
    when_store_fails: Annotated[
        Literal["local", "allow", "deny"],
        described("While `stores.state` is away: each process counts by itself, everything is let through, or nothing is."),
    ] = "local"
    mode: Annotated[Literal["enforce", "shadow"], described("`shadow` counts and reports, and refuses nothing.")] = "enforce"


class CircuitBreakersPolicy(Policy, frozen=True, kw_only=True):
    """Circuit breakers by name, for sources and operations."""

    circuit_breakers: Annotated[dict[Name, CircuitBreaker], described("Circuit breakers by name.")]


FieldPattern = Annotated[
    str,
    msgspec.Meta(pattern=r"^(?:\*|[^\s.*\[\]{}$]+)(?:\.(?:\*|[^\s.*\[\]{}$]+))*$"),
    form("names of fields joined by dots, with `*` for any number of them, such as `*.iban`"),
]

PersonalText = Literal["email", "phone", "iban", "card"]


class MaskRule(Model, frozen=True, kw_only=True):
    """Hides values of a class or of named fields. The strictest rule wins."""

    exactly_one = (("classification", "fields"),)

    classification: Annotated[str | None, described("Class of data that is hidden.")] = None
    fields: Annotated[
        Annotated[list[FieldPattern], msgspec.Meta(min_length=1)] | None,
        described("Fields that are hidden, by the names that lead to them; `*` stands for any number of names: `*.iban`."),
    ] = None
    when: Annotated[Expr | None, described("Condition on `user tenant ctx config`; an unknown one hides.")] = None
    unless: Annotated[Expr | None, described("Exception, on `user tenant ctx config`; an unknown one hides.")] = None
    mask: Annotated[
        Literal["remove", "partial", "last4", "hash", "tokenize"],
        described("What is left of the value: nothing, its ends, its last four signs, a hash, or a token."),
    ]


class FreeText(Model, frozen=True, kw_only=True):
    """Personal data that is found in texts by its form."""

    kinds: Annotated[
        Annotated[list[PersonalText], msgspec.Meta(min_length=1)],
        described("What is looked for; all where unset. IBANs and card numbers count only where their check digits are right."),
    ] = msgspec.field(default_factory=lambda: ["email", "phone", "iban", "card"])
    logs: Annotated[bool, described("Whether it is hidden in log records.")] = True
    replies: Annotated[bool, described("Whether it is hidden in the texts of replies, from everybody.")] = False


class MaskingPolicy(Policy, frozen=True, kw_only=True):
    """Which values are hidden from whom."""

    rules: Annotated[
        Annotated[list[MaskRule], msgspec.Meta(min_length=1)], described("The masks; of several that apply the strictest is used.")
    ] = msgspec.field(default_factory=list)
    key: Annotated[
        Secret | None,
        described(
            "What `hash` and `tokenize` are keyed with, such as `${ secret.masks }`; one that is made anew at each start where unset."
        ),
    ] = None
    free_text: Annotated[FreeText | None, described("Personal data that is hidden wherever it stands in a text.")] = None


class AuditRecord(Model, frozen=True, kw_only=True):
    """What an audit record holds."""

    intents: Annotated[
        str | list[str],
        described("Intents that are recorded, by name or pattern; `*` for all, and for refusals before an intent is known."),
    ] = "*"
    decisions: Annotated[Literal["all", "denied", "allowed"], described("Decisions that are recorded.")] = "all"
    fields: Annotated[
        Annotated[list[str], msgspec.Meta(min_length=1)] | None,
        described("What is recorded besides time, request, decision and rule, such as `user.id`; all but personal data where unset."),
    ] = None


class AuditPolicy(Policy, frozen=True, kw_only=True):
    """Which requests leave an audit record."""

    record: Annotated[AuditRecord, described("Which requests are recorded, and what of them.")]
    retention: Annotated[Duration | None, described("How long records are kept, such as `400d`; for ever where unset.")] = None
    when_sink_fails: Annotated[
        Literal["deny", "continue"], described("What happens to a request that can't be recorded: it is refused, or goes on.")
    ] = "deny"


class Canary(Model, frozen=True, kw_only=True):
    """A version that only some callers get."""

    version: Annotated[Positive, described("Version of the intent that they get.")]
    weight: Annotated[Percent, described("Share of callers, in percent.")]
    by: Annotated[list[Expr] | None, described("Expressions whose values keep a caller on one version, such as `user.id`.")] = None
    when: Annotated[Expr | None, described("Condition; only these callers are counted.")] = None


class Release(Model, frozen=True, kw_only=True):
    """Which version of an intent who gets."""

    stable: Annotated[Positive, described("The version that callers get.")]
    canary: Annotated[Canary | None, described("A version that only some callers get.")] = None


class ReleasesPolicy(Policy, frozen=True, kw_only=True):
    """Which version of an intent who gets."""

    releases: Annotated[dict[Name, Release], described("Versions by intent.")]


class DegradationLevel(Model, frozen=True, kw_only=True):
    """When a level begins."""

    when: Annotated[
        Expr,
        described("Condition on `user tenant ctx config`, such as a number of open circuits; an unknown one raises no level."),
    ]


class DegradationLevels(Model, frozen=True, kw_only=True):
    """When each level begins. Of several the worst is in force."""

    reduced: Annotated[
        DegradationLevel | None,
        described("From when on reads that aren't `required` are left out, and kept answers are given before a backend is asked."),
    ] = None
    static: Annotated[
        DegradationLevel | None,
        described("From when on no backend is asked: kept answers, `return` rungs and static sources answer, and nothing is written."),
    ] = None
    maintenance: Annotated[DegradationLevel | None, described("From when on requests are answered `maintenance`, with its reply.")] = None


class DegradationPolicy(Policy, frozen=True, kw_only=True):
    """When the gateway answers with less, and what it says where an intent has nothing to say."""

    levels: Annotated[DegradationLevels, described("When each level begins.")] = msgspec.field(default_factory=DegradationLevels)
    replies: Annotated[
        dict[Name, LocalText],
        described(
            "What is said where an intent has no reply for a failure, by error code; `unavailable`, `backend_error` and `invalid_request` "
            "are also for codes like them, `other` is for all others. Texts may read `user tenant ctx config`."
        ),
    ] = {}


class FlagRule(Model, frozen=True, kw_only=True):
    """A value for some callers."""

    tenants: Annotated[list[str] | None, described("Only for these tenants.")] = None
    roles: Annotated[list[Name] | None, described("Only for callers with one of these roles.")] = None
    when: Annotated[Expr | None, described("Only for callers that meet this condition.")] = None
    percent: Annotated[Percent | None, described("Only for this share of callers, in percent.")] = None
    by: Annotated[list[Expr] | None, described("Expressions whose values keep a caller on one side, such as `user.id`.")] = None
    value: Annotated[Any, described("The flag's value for them.")]


class Flag(Model, frozen=True, kw_only=True):
    """A switch for expressions."""

    default: Annotated[Any, described("The value where no rule applies.")]
    rules: Annotated[list[FlagRule], planned("Values for some callers; the first that applies is used.")] = []


class FlagsPolicy(Policy, frozen=True, kw_only=True):
    """Switches, read as `flags.<name>`."""

    flags: Annotated[dict[Name, Flag], described("Flags by name.")]


class RetentionPolicy(Policy, frozen=True, kw_only=True):
    """How long what is remembered is kept."""

    retention: Annotated[
        dict[Name, Duration], msgspec.Meta(min_length=1), described("How long each kind of record is kept, such as `sessions: 30d`.")
    ]


POLICIES: tuple[tuple[str, type[Policy], PolicyStatus], ...] = (
    ("roles", RolesPolicy, "ready"),
    ("rate_limits", RateLimitsPolicy, "ready"),
    ("circuit_breakers", CircuitBreakersPolicy, "ready"),
    ("masking", MaskingPolicy, "ready"),
    ("audit", AuditPolicy, "ready"),
    ("releases", ReleasesPolicy, "protects"),
    ("degradation", DegradationPolicy, "ready"),
    ("flags", FlagsPolicy, "ready"),
    ("retention", RetentionPolicy, "protects"),
)
"""Every kind of policy: name, model, and whether its runtime is there."""
