"""What an integration engineer writes, as frozen models: one file per kind of document."""

from gateway.config.models.access import Access, Check
from gateway.config.models.gateway import Gateway, Handoff, Server, Sessions, Stores, Telemetry, TenantConfig, Tenants
from gateway.config.models.intent import Compensation, Intent, Limits, Notice
from gateway.config.models.pipeline import StageUse
from gateway.config.models.policies import (
    POLICIES,
    AuditPolicy,
    CircuitBreakersPolicy,
    Flag,
    FlagsPolicy,
    Policy,
    RateLimitsPolicy,
    Release,
    ReleasesPolicy,
    Role,
    RolesPolicy,
)
from gateway.config.models.reply import LocalText, Reply, ReplyPart
from gateway.config.models.route import Match, Proxy, Respond, Route
from gateway.config.models.spec_test import Case, Expect, SpecTest
from gateway.config.models.step import Compensate, Emit, Join, JoinKeys, Rung, Step
from gateway.config.models.transform import Transform

__all__ = [
    "POLICIES",
    "Access",
    "AuditPolicy",
    "Case",
    "Check",
    "CircuitBreakersPolicy",
    "Compensate",
    "Compensation",
    "Emit",
    "Expect",
    "Flag",
    "FlagsPolicy",
    "Gateway",
    "Handoff",
    "Intent",
    "Join",
    "JoinKeys",
    "Limits",
    "LocalText",
    "Match",
    "Notice",
    "Policy",
    "Proxy",
    "RateLimitsPolicy",
    "Release",
    "ReleasesPolicy",
    "Reply",
    "ReplyPart",
    "Respond",
    "Role",
    "RolesPolicy",
    "Route",
    "Rung",
    "Server",
    "Sessions",
    "SpecTest",
    "StageUse",
    "Step",
    "Stores",
    "Telemetry",
    "TenantConfig",
    "Tenants",
    "Transform",
]
