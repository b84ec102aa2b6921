"""What gives a secret away: the name it stands under, a form that credentials have, or that it looks made by chance."""

from __future__ import annotations

import re
from itertools import pairwise

import re2

NAMES = frozenset(
    {
        "password", "passwd", "passphrase", "pwd", "secret", "token", "credential", "credentials", "api_key", "apikey", "access_key",
        "secret_key", "private_key", "signing_key", "encryption_key", "authorization", "auth_token", "cookie",
    }
)  # fmt: skip
"""A key whose last words are one of these names a secret."""

_FORMS = (
    ("a private key", re2.compile(r"-----BEGIN (?:[A-Z]+ ){0,3}PRIVATE KEY-----")),
    ("a password in a URL", re2.compile(r"(?i)[a-z][a-z0-9+.-]*://[^\s/?#:@]*:[^\s/?#@$][^\s/?#@]*@")),
    ("what looks like an AWS access key", re2.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b")),
    ("what looks like a JSON Web Token", re2.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*")),
    ("what looks like a GitHub token", re2.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{30}|github_pat_\w{30})")),
    ("what looks like a Slack token", re2.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{10}")),
    ("what looks like a Google API key", re2.compile(r"\bAIza[\w-]{35}\b")),
    ("what looks like a payment provider's key", re2.compile(r"\b[rs]k_live_[A-Za-z0-9]{16}")),
    ("a credential of HTTP", re2.compile(r"(?i)^(?:Bearer|Basic|Token) +[\w+/=.~-]{8,}$")),
)
"""In linear time (RE2): files may be large, and made to be slow."""

DIGESTS = frozenset({"hash", "digest", "checksum", "etag", "sha256", "fingerprint", "integrity", "pattern", "spec", "$id", "$ref"})
"""Keys of values that look made by chance, or nearly, and are no secrets."""

_LONGEST_NAME = 100
_SHORTEST_SECRET = 6
_RUN = re.compile(r"[A-Za-z0-9+/=]{32,}")
_CHANCE = ((4, 0.3), (2, 0.4))
"""Digits, and the share of places where one kind of character (small, capital, digit) follows another: with that many and that
often, it is made by chance. In words that stand together the kind changes more seldom."""

_HARMLESS = re.compile(
    r"^(?:[x*.-]+|<[^>]*>|none|null|true|false|string|required|optional|bearer|basic|forward|header|query|cookie)$", re.IGNORECASE
)


def looks_like(text: str, name: str) -> str | None:
    """What a text looks like, or None; `name` is the key it stands under."""
    for what, form in _FORMS:
        if form.search(text):
            return what
    if name.lower() not in DIGESTS and any(_by_chance(run) for run in _RUN.findall(text)):
        return "a long text that looks made by chance"
    return None


def named_secret(name: str, text: str) -> bool:
    """Whether a key names a secret, and its value could be one."""
    if len(name) > _LONGEST_NAME:
        return False
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().replace("-", "_")
    last = {words} | {words[at.end() :] for at in re.finditer("_", words)}
    value = text.strip()
    return bool(last & NAMES) and len(value) >= _SHORTEST_SECRET and not re.search(r"\s", value) and not _HARMLESS.match(value)


def _by_chance(run: str) -> bool:
    kinds = ["0" if sign.isdigit() else "A" if sign.isupper() else "a" for sign in run]
    changes = sum(one != other for one, other in pairwise(kinds))
    return any(kinds.count("0") >= digits and changes >= share * len(kinds) for digits, share in _CHANCE)
