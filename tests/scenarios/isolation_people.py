"""Who asks in the isolation test, and how: people who differ in as little as can be, requests that differ in what is passed on."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from hashlib import sha256
from itertools import pairwise
from typing import Any, Literal

import msgspec
from joserfc.jwk import OctKey

from tests.policies.tokens import token

TENANTS = ("acme", "beta", "zeta")
"""`acme` and `beta` use the same servers and credentials; `zeta` has its own."""

ISSUERS = ("one", "two")
AUDIENCE = "isolation"
Kind = Literal["one", "two", "api_key", "anonymous"]
Headers = tuple[tuple[bytes, bytes], ...]
LOCALES = {"acme": "en", "beta": "en", "zeta": "de"}
"""Of replies, where the caller names none."""


class Person(msgspec.Struct, frozen=True):
    """Somebody as one of their credentials shows them. `number` is a claim: the thing that is theirs; `word` a claim that no one else has.

    Whoever comes with other roles is still the same person, and has the same word.
    """

    tenant: str
    kind: Kind
    id: str | None
    roles: tuple[str, ...]
    number: str | None
    word: str | None
    credential: Headers
    ip: str

    @property
    def identity(self) -> tuple[str, str, str]:
        """Equal for the same person only."""
        return (self.tenant, self.kind, self.id or self.ip)

    @property
    def issuer(self) -> str | None:
        """Who vouches for them, as `user.issuer`."""
        return issuer(self.kind) if self.kind in ISSUERS else None

    @property
    def agent(self) -> bool:
        """Whether everything that their tenant has is theirs to see."""
        return "agent" in self.roles

    def bearer(self) -> str | None:
        """The token that they present."""
        sent = dict(self.credential).get(b"authorization")
        return None if sent is None else sent.decode()


class Request(msgspec.Struct, frozen=True):
    """What somebody asks: an intent about the thing `id`. `note` and `language` are headers, None where they are absent."""

    person: Person
    intent: str
    id: str
    note: str | None
    language: str | None

    def __str__(self) -> str:
        who = f"{self.person.identity} as {'/'.join(self.person.roles)}"
        return f"{self.intent} of {self.id} by {who}, X-Note {self.note!r}, in {self.language}"

    @property
    def locale(self) -> str:
        """`ctx.locale`."""
        return self.language or LOCALES[self.person.tenant]

    def headers(self) -> list[tuple[bytes, bytes]]:
        """All that is sent besides the body."""
        passed = [(b"x-note", self.note), (b"accept-language", self.language)]
        sent = [(name, value.encode()) for name, value in passed if value is not None]
        host = (b"host", f"{self.person.tenant}.example".encode())
        return [host, (b"content-type", b"application/json"), *self.person.credential, *sent]

    def body(self) -> bytes:
        """Of `POST /v1/chat`."""
        return msgspec.json.encode({"intent": self.intent, "input": {"id": self.id}})


def issuer(name: str) -> str:
    """An issuer's address."""
    return f"https://{name}.example"


def signing_key(name: str) -> str:
    """What an issuer signs with."""
    return sha256(name.encode()).hexdigest()


def people() -> list[Person]:
    """Everybody, in every tenant: the same id by two issuers and by an API key, with other roles; strangers by their addresses."""
    return [person for tenant in TENANTS for person in _of(tenant)]


def _of(tenant: str) -> Iterator[Person]:
    plain, more = ("customer",), ("agent", "customer")
    for kind, name, roles, number in (
        ("one", "ada", plain, "1"),
        ("one", "ada", more, "1"),
        ("one", "bob", plain, "2"),
        ("two", "ada", plain, "2"),
    ):
        word = word_of(tenant, kind, name)
        yield Person(tenant, kind, name, roles, number, word, (_bearer(tenant, kind, name, roles, number),), "192.0.2.1")  # type: ignore[arg-type]
    word = word_of(tenant, "api_key", "ada")
    yield Person(tenant, "api_key", "ada", plain, "1", word, ((b"x-api-key", f"key-{tenant}".encode()),), "192.0.2.1")
    for ip in ("192.0.2.1", "192.0.2.2"):
        yield Person(tenant, "anonymous", None, ("anonymous",), None, None, (), ip)


def word_of(tenant: str, kind: str, name: str) -> str:
    """A word that stands for one person."""
    return f"word_{sha256(f'{tenant} {kind} {name}'.encode()).hexdigest()[:12]}_"


def _bearer(tenant: str, kind: str, name: str, roles: tuple[str, ...], number: str) -> tuple[bytes, bytes]:
    now = int(time.time())
    claims = {
        "iss": issuer(kind), "aud": AUDIENCE, "sub": name, "iat": now, "exp": now + 86_400, "tenant": tenant,
        "roles": list(roles), "number": number, "word": word_of(tenant, kind, name),
    }  # fmt: skip
    signed = token(msgspec.json.encode(claims), key=OctKey.import_key(signing_key(kind)), alg="HS256", header={"kid": None})
    return b"authorization", f"Bearer {signed}".encode()


def identities() -> list[dict[str, Any]]:
    """`identity` of gateway.yaml."""
    claims = {"roles": "roles", "number": "number", "word": "word"}
    tokens = [
        {"jwt": {"issuer": issuer(name), "audience": AUDIENCE, "keys": [f"{name}.key"], "algorithms": ["HS256"], "claims": claims}}
        for name in ISSUERS
    ]
    keys = [
        {
            "hash": f"sha256:{sha256(f'key-{tenant}'.encode()).hexdigest()}",
            "tenant": tenant,
            "user": {"id": "ada", "roles": ["customer"], "number": "1", "word": word_of(tenant, "api_key", "ada")},
        }
        for tenant in TENANTS
    ]
    return [*tokens, {"api_key": {"keys": keys}}, {"anonymous": {"roles": ["anonymous"]}}]


class Requests:
    """Draws requests: a few people ask the same few things for a while, so that much is asked alike; then others ask others."""

    def __init__(self, intents: tuple[str, ...], drawn: random.Random) -> None:
        asking, kept = ([name for name in intents if name.startswith(kind)] for kind in ("ask_", "kept_"))
        self._kinds = [names for names in (asking, kept, [name for name in intents if name not in {*asking, *kept}]) if names]
        self._people = people()
        self._drawn = drawn
        self._asked: list[str] = []
        self._asking: list[Person] = []
        self._notes: list[str | None] = []
        self._left = 0

    def draw(self) -> Request:
        """Somebody asks something."""
        drawn = self._drawn
        if not self._left:
            self._asked, self._left = [drawn.choice(names) for names in self._kinds], 75
            self._notes = drawn.sample((None, "", "n1", "n2"), 2)
            two_at_once = drawn.choice([pair for pair in pairwise(self._people) if pair[0].identity == pair[1].identity])
            tenants = (two_at_once[0].tenant,) if drawn.random() < 0.7 else TENANTS
            others = [person for person in self._people if person.tenant in tenants and person not in two_at_once]
            self._asking = [*two_at_once, *drawn.sample(others, 3)]
        self._left -= 1
        return Request(
            person=drawn.choice(self._asking),
            intent=drawn.choice(self._asked),
            id=drawn.choice(("1", "1", "1", "2", "3")),
            note=drawn.choice(self._notes),
            language=drawn.choice((None, None, "de", "en")),
        )
