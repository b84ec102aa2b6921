"""Every built-in component by dotted name: take a line away and the kind is gone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from gateway.sdk import Component

BUILTINS: Mapping[tuple[str, str], str] = {
    # Sources
    ("source", "http"): "gateway.sources.http:component",
    ("source", "openapi"): "gateway.sources.openapi:component",
    ("source", "sql"): "gateway.sources.sql:component",
    ("source", "static"): "gateway.sources.static:component",
    ("source", "graphql"): "gateway.sources.planned:components",
    ("source", "odata"): "gateway.sources.planned:components",
    ("source", "grpc"): "gateway.sources.planned:components",
    ("source", "soap"): "gateway.sources.planned:components",
    ("source", "event"): "gateway.sources.planned:components",
    ("source", "llm"): "gateway.sources.planned:components",
    ("source", "vector"): "gateway.sources.planned:components",
    # Who is calling
    ("identity", "api_key"): "gateway.policies.api_key:component",
    ("identity", "anonymous"): "gateway.policies.anonymous:component",
    ("identity", "jwt"): "gateway.policies.jwt:component",
    ("identity", "oidc"): "gateway.policies.identity_kinds:components",
    ("identity", "introspection"): "gateway.policies.introspection:component",
    ("identity", "mutual_tls"): "gateway.policies.mutual_tls:component",
    ("identity", "hmac"): "gateway.policies.hmac_signature:component",
    # Where records are kept
    ("store", "sqlite"): "gateway.stores.sqlite:component",
    ("store", "postgresql"): "gateway.stores.postgres:component",
    # Where what workers and nodes share is kept
    ("state", "memory"): "gateway.stores.memory:component",
    ("state", "redis"): "gateway.stores.redis:components",
    ("state", "rediss"): "gateway.stores.redis:components",
    ("state", "redis+sentinel"): "gateway.stores.redis:components",
    ("state", "rediss+sentinel"): "gateway.stores.redis:components",
    # Stages, in the order of their phases
    ("stage", "trace"): "gateway.policies.trace:component",
    ("stage", "record"): "gateway.policies.record:component",
    ("stage", "audit"): "gateway.policies.audit:component",
    ("stage", "mask_text"): "gateway.policies.mask_text:component",
    ("stage", "render"): "gateway.policies.render:component",
    ("stage", "authenticate"): "gateway.policies.authenticate:component",
    ("stage", "tenant"): "gateway.policies.tenant:component",
    ("stage", "assign"): "gateway.policies.assign:component",
    ("stage", "rate_limit"): "gateway.policies.rate_limit:component",
    ("stage", "understand"): "gateway.policies.understand:component",
    ("stage", "audit_gate"): "gateway.policies.audit_gate:component",
    ("stage", "authorize"): "gateway.policies.authorize:component",
    ("stage", "admit"): "gateway.policies.admit:component",
    ("stage", "level"): "gateway.policies.level:component",
    ("stage", "intent_limits"): "gateway.policies.intent_limits:component",
    ("stage", "validate"): "gateway.policies.validate:component",
    ("stage", "idempotency"): "gateway.runtime.idempotency:component",
    ("stage", "recall"): "gateway.runtime.recall:component",
    # Interceptors, outside in
    ("interceptor", "once"): "gateway.runtime.keyed_writes:component",
    ("interceptor", "audit"): "gateway.policies.audit_calls:component",
    ("interceptor", "cache"): "gateway.policies.cache:component",
    ("interceptor", "coalesce"): "gateway.policies.coalesce:component",
    ("interceptor", "batch"): "gateway.policies.batch:component",
    ("interceptor", "measure"): "gateway.policies.measure:component",
    ("interceptor", "retry"): "gateway.policies.retry:component",
    ("interceptor", "hedge"): "gateway.policies.hedge:component",
    ("interceptor", "breaker"): "gateway.policies.breaker:component",
    ("interceptor", "bulkhead"): "gateway.policies.bulkhead:component",
    ("interceptor", "attempt"): "gateway.policies.attempt:component",
    ("interceptor", "deadline"): "gateway.policies.deadline:component",
}


class Components(Mapping[tuple[str, str], Component]):
    """The built-in components; the module behind one is imported when it is first looked up, so what is not in use costs nothing."""

    def __init__(self) -> None:
        self._loaded: dict[tuple[str, str], Component] = {}

    def __getitem__(self, key: tuple[str, str]) -> Component:
        if key not in self._loaded:
            self._loaded[key] = _resolve(key, BUILTINS[key])
        return self._loaded[key]

    def __contains__(self, key: object) -> bool:
        return key in BUILTINS

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(BUILTINS)

    def __len__(self) -> int:
        return len(BUILTINS)


def components() -> Components:
    """All built-in components by kind and name."""
    return Components()


def _resolve(key: tuple[str, str], dotted: str) -> Component:
    module, _, attribute = dotted.partition(":")
    found: Any = getattr(import_module(module), attribute)
    declared: tuple[Component, ...] = found if isinstance(found, tuple) else (found,)
    return next(component for component in declared if (component.kind, component.name) == key)
