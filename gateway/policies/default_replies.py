"""What is said where a request fails and its intent has no reply for the case.

A reply is chosen by the code of the error that the caller is shown, and by nothing else: what is denied as if it were not there reads like
what is not there. Whoever is not let in (401, 403) is told nothing besides the error, unless policy `degradation` says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.sdk import Compiled, GatewayError, Reply, Scope

OTHER = "other"
"""The group of every code that is in no other."""

GROUPS: Mapping[str, str] = {
    "unavailable": "unavailable",
    "circuit_open": "unavailable",
    "timeout": "unavailable",
    "overloaded": "unavailable",
    "backend_error": "backend_error",
    "bad_response": "backend_error",
    "expression_error": "backend_error",
    "plugin_error": "backend_error",
    "maintenance": "maintenance",
    "rate_limited": "rate_limited",
    "not_found": "not_found",
    "invalid_request": "invalid_request",
    "missing_argument": "invalid_request",
    "too_large": "invalid_request",
}
"""A code's group; its name is that of the code that stands for it."""

SILENT = frozenset({"unauthorized", "forbidden"})
"""Codes with a reply only where one is written for that very code."""

TEXTS: Mapping[str, Mapping[str, str]] = {
    "unavailable": {
        "en": "Sorry, I can't reach one of our systems at the moment. Please try again in a little while.",
        "de": "Entschuldigung, eines unserer Systeme ist gerade nicht erreichbar. Bitte versuchen Sie es in Kürze noch einmal.",
    },
    "backend_error": {
        "en": "Sorry, something went wrong in one of our systems. Would you like to talk to a person instead?",
        "de": "Entschuldigung, in einem unserer Systeme ist etwas schiefgegangen. Möchten Sie lieber mit einem Menschen sprechen?",
    },
    "maintenance": {
        "en": "We are working on our systems at the moment. Please come back a little later.",
        "de": "Wir arbeiten gerade an unseren Systemen. Bitte schauen Sie etwas später wieder vorbei.",
    },
    "rate_limited": {
        "en": "I can't keep up at the moment. Please wait a little, then ask me again.",
        "de": "Ich komme gerade nicht hinterher. Bitte warten Sie einen Moment und fragen Sie mich dann noch einmal.",
    },
    "not_found": {
        "en": "Sorry, I could not find that.",
        "de": "Entschuldigung, das konnte ich nicht finden.",
    },
    "invalid_request": {
        "en": "Sorry, I can't work with that yet. Please check the details and try again.",
        "de": "Entschuldigung, damit kann ich noch nichts anfangen. Bitte prüfen Sie die Angaben und versuchen Sie es noch einmal.",
    },
    OTHER: {
        "en": "Sorry, that did not work. Please try again.",
        "de": "Entschuldigung, das hat nicht geklappt. Bitte versuchen Sie es noch einmal.",
    },
}
"""Our own words, by group and language."""

FALLBACK = "en"


class DefaultReplies:
    """`written` are those of policy `degradation`, by code or group and by locale (`""` for a text in no particular one)."""

    def __init__(self, written: Mapping[str, Mapping[str, Compiled]] | None = None) -> None:
        self._written = written or {}

    def __call__(self, error: GatewayError | None, locale: str, scope: Scope | None) -> Reply | None:
        """What is said to a failed request; None is a fault of the gateway itself. Never raises for what a text holds."""
        code = OTHER if error is None else error.code
        group = GROUPS.get(code, OTHER)
        roots: Scope = scope or {}
        for name in (code,) if code in SILENT else (code, group):
            text = self._own(name, locale, roots, known=scope is not None)
            if text is not None:
                return Reply(text)
        return None if code in SILENT else Reply(TEXTS[group].get(_language(locale)) or TEXTS[group][FALLBACK])

    def _own(self, name: str, locale: str, roots: Scope, *, known: bool) -> str | None:
        """A text that reads who is asking is for callers who are known."""
        compiled = _in_locale(self._written.get(name, {}), locale)
        if compiled is None or not (known or compiled.constant):
            return None
        try:
            text: Any = compiled(roots)
        except GatewayError:
            return None
        return text if isinstance(text, str) else None


def _in_locale(texts: Mapping[str, Compiled], locale: str) -> Compiled | None:
    """`de-AT` takes `de-AT`, else `de`, else the text in no particular locale, else English; else ours."""
    return next((texts[wanted] for wanted in (locale, _language(locale), "", FALLBACK) if wanted in texts), None)


def _language(locale: str) -> str:
    return locale.partition("-")[0].lower()
