"""The replies of policy `degradation`: for codes that there are, and for everybody who is spoken to."""

from __future__ import annotations

from gateway.config.loaded import Parsed
from gateway.config.models.policies import DegradationPolicy
from gateway.planner.planned import Planned
from gateway.planner.rules.policies import of_kind
from gateway.policies.default_replies import FALLBACK, OTHER
from gateway.sdk import ERRORS_BY_CODE

CODES = frozenset({*ERRORS_BY_CODE, OTHER})


def check_degradation(planned: Planned) -> None:
    """GW515 and GW544."""
    policies = list(of_kind(planned.loaded, DegradationPolicy))
    languages = {_language(locale) for policy in policies for text in policy.model.replies.values() for locale in _locales(text)}
    languages |= {_language(locale) for intent in planned.intents.values() for locale in intent.languages}
    for policy in policies:
        for name in policy.model.replies:
            if name not in CODES:
                planned.findings.unknown(policy.document, "GW515", "error code", name, known=CODES, path=("replies", name), key=True)
            else:
                _check_languages(planned, policy, name, languages)


def _check_languages(planned: Planned, policy: Parsed[DegradationPolicy], name: str, languages: set[str]) -> None:
    """Whoever asks in a language that is missing is told the English text, or our own words."""
    text = policy.model.replies[name]
    if isinstance(text, str):
        return
    missing = sorted(languages - {_language(locale) for locale in text})
    if missing:
        instead = "this one in English" if FALLBACK in text else "the gateway's own text"
        planned.findings.report(
            policy.document, "GW544", f"reply `{name}` has no text in {_listed(missing)}, which other replies have", ("replies", name),
            key=True, hint=f"add it: who asks in that language is told {instead}", severity="warning",
        )  # fmt: skip


def _locales(text: str | dict[str, str]) -> list[str]:
    return [] if isinstance(text, str) else list(text)


def _language(locale: str) -> str:
    return locale.partition("-")[0]


def _listed(languages: list[str]) -> str:
    return ", ".join(f"`{language}`" for language in languages)
