"""The rules. To add one, write a function in the file of its subject, its code in the catalogue, and name it here."""

from __future__ import annotations

from collections.abc import Callable

from gateway.planner.audit.notes import Notes
from gateway.planner.audit.rules.access import anonymous_everything, anonymous_trace, anonymous_writes, wide_keys
from gateway.planner.audit.rules.data import stale_personal, unclassified_data, unmasked_data
from gateway.planner.audit.rules.headers import many_headers, passed_credentials
from gateway.planner.audit.rules.inputs import open_inputs, unbounded_inputs
from gateway.planner.audit.rules.limits import default_timeout, long_deadline, many_requests, no_breaker, no_rate_limit, no_retry
from gateway.planner.audit.rules.listening import open_admin, plain_http, public_without_tls, writing_database
from gateway.planner.audit.rules.plain_secrets import secrets_in_files
from gateway.planner.audit.rules.upkeep import no_metrics, no_summary
from gateway.planner.planned import Planned

Rule = Callable[[Planned, Notes], None]
"""Adds what it finds. Findings are put in order afterwards."""

RULES: tuple[Rule, ...] = (
    public_without_tls,
    open_admin,
    plain_http,
    writing_database,
    no_rate_limit,
    no_breaker,
    default_timeout,
    no_retry,
    long_deadline,
    many_requests,
    secrets_in_files,
    passed_credentials,
    many_headers,
    unclassified_data,
    unmasked_data,
    stale_personal,
    anonymous_writes,
    anonymous_everything,
    anonymous_trace,
    wide_keys,
    open_inputs,
    unbounded_inputs,
    no_metrics,
    no_summary,
)
