"""What somebody may be shown: worked out anew from the configuration's meaning, without any part of the gateway."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

import msgspec

from tests.scenarios.isolation_backend import SIGNED, Backend, Told, canonical
from tests.scenarios.isolation_company import KEYS, SENDS, Operation, by_name
from tests.scenarios.isolation_people import TENANTS, Person, Request

MARK = re.compile(r"made_(\d+)_")
WORD = re.compile(r"word_[0-9a-f]{12}_")
TENANT = re.compile(rf"\bt_({'|'.join(TENANTS)})_")
SECRET = re.compile(r"secret_made_")
PRICES = {"en": "€1.50", "de": "1,50\xa0€"}

WIDENED = "kept_public_"
"""Intents that say that what they tell is for everybody: not before they have it from an operation that says less."""

SAME = {"user": 3, "tenant": 1, "public": 0}
"""What of an identity is the same for all within reach."""

GUARDED = ("guarded_", "behind_")
ENSURED = ("ensured_", "within_")
"""Intents that only some may be answered by."""


class Leak(AssertionError):
    """Somebody was shown what isn't theirs."""


class Oracle:
    """Looks at every answer. `given` counts how often a number was rightly shown."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._operations = by_name()
        self._seen: dict[int, set[tuple[str, str, str]]] = defaultdict(set)
        self._metas: dict[str, Request] = {}
        self.given = 0

    @property
    def joint(self) -> int:
        """Answers of the backend that more than one person was shown."""
        return sum(len(seen) > 1 for seen in self._seen.values())

    @property
    def seen(self) -> int:
        """Answers of the backend that somebody was shown."""
        return len(self._seen)

    def look(self, request: Request, status: int, text: str) -> None:
        """Raises `Leak` for anything in an answer that this request may not lead to."""
        person = request.person
        for number in {int(found) for found in MARK.findall(text)}:
            self._number(request, number)
        foreign = [word for word in WORD.findall(text) if word != person.word]
        foreign += [tenant for tenant in TENANT.findall(text) if tenant != person.tenant]
        if SECRET.search(text) and not person.agent:
            foreign.append("what is masked")
        if foreign:
            raise Leak(f"{request} was shown {foreign}: {text}")
        if status:
            answer = msgspec.json.decode(text)
            self._meta(request, answer.get("meta") or {})
        if status == 200:
            self._whole(request, answer["data"] or {})

    def _number(self, request: Request, number: int) -> None:
        """It was made for what this very request tells, and is within reach of whoever asks."""
        made = self._backend.made[number]
        operation = self._operations[made.told.operation]
        expected = told(operation, made.told.operation, request)
        if operation.batched and made.status != 200 and not made.told.thing:
            expected = msgspec.structs.replace(expected, thing="")  # the batch failed, and nothing is told of any thing
        if made.told != expected:
            raise Leak(f"{request} was shown what was made for {made.told}, not for {expected}")
        self.given += 1
        seen = self._seen[number]
        reach = "user" if made.private else operation.reach
        if reach == "tenant" and request.intent.startswith(WIDENED):
            return
        seen.add(request.person.identity)
        if len({identity[: SAME[reach]] for identity in seen}) > 1:
            raise Leak(f"an answer within reach of one {reach}, {made}, was shown to {seen}; last to {request}")

    def _meta(self, request: Request, meta: dict[str, Any]) -> None:
        """A request's id is its own, a conversation is one person's."""
        request_id, session = meta.get("request_id"), meta.get("session")
        if request_id is not None and self._metas.setdefault(request_id, request) is not request:
            raise Leak(f"{request} has the id of {self._metas[request_id]}")
        if session is not None and self._metas.setdefault(session, request).person.identity != request.person.identity:
            raise Leak(f"{request} is in the conversation of {self._metas[session]}")

    def _whole(self, request: Request, data: dict[str, Any]) -> None:
        person, intent = request.person, request.intent
        if intent.startswith(GUARDED) and not person.agent:
            raise Leak(f"{request} passed the guard")
        if intent.startswith(ENSURED) and not (person.agent or request.id == person.number):
            raise Leak(f"{request} passed the ensure")
        for part in (data, data.get("inner") or {}):
            for name, expected in (("own", own(person)), ("about", about(request)), ("found", found(person))):
                if part.get(name) is not None and part[name] != expected:
                    raise Leak(f"{request} was shown {part[name]}, not {expected}")


def own(person: Person) -> dict[str, Any]:
    """`OWN` for somebody."""
    return {"id": person.id, "word": person.word, "roles": list(person.roles)}


def about(request: Request) -> dict[str, Any]:
    """`ABOUT` for somebody."""
    return {"config": f"t_{request.person.tenant}_", "locale": request.locale, "price": PRICES[request.locale]}


def found(person: Person) -> dict[str, Any]:
    """The row that somebody finds."""
    return {"word": person.word or "none", "tenant": person.tenant}


def told(operation: Operation, name: str, request: Request) -> Told:
    """What the backend has to hear where this very request leads to this operation, by one of its names."""
    person = request.person
    headers = {**_passed(operation, request), **_proof(operation, person)}
    query: list[tuple[str, str]] = []
    body = None
    match operation.sends:
        case "user":
            headers |= {name: value for name, value in (("x-user", person.id), ("x-word", person.word)) if value is not None}
        case "roles":
            query = [("roles", role) for role in sorted(person.roles)]
        case "whole":
            body = {"id": person.id, "issuer": person.issuer, "roles": list(person.roles), "word": person.word}
        case "tenant":
            query = [("c", f"t_{person.tenant}_"), ("t", person.tenant)]
        case "locale":
            query = [("lang", request.locale), ("price", PRICES[request.locale])]
        case "ip":
            query = [("ip", person.ip)]
        case sends:
            assert not SENDS[sends]
    server = "zeta" if (operation.source, person.tenant) == ("own", "zeta") else "all"
    return Told(server, name, request.id, tuple(query), tuple(sorted(headers.items())), body)


def _passed(operation: Operation, request: Request) -> dict[str, str]:
    """Headers of the request that the source forwards."""
    if operation.source != "noted":
        return {}
    passed = {"x-note": request.note, "accept-language": request.language}
    return {name: value for name, value in passed.items() if value is not None}


def _proof(operation: Operation, person: Person) -> dict[str, str]:
    match operation.source:
        case "token":
            return {"authorization": person.bearer() or "there is no answer without one"}
        case "keyed":
            return {"x-key": KEYS.get(person.tenant, "key-of-all")}
        case "named":
            named = {"sub": person.id, "idp": person.issuer}
            kind = "jwt" if person.issuer else person.kind
            claims = {"aud": "named", "tenant": person.tenant, "via": kind, "roles": list(person.roles)}
            return {SIGNED: canonical(claims | {name: value for name, value in named.items() if value is not None})}
    return {}
