"""The words that a made-up company's systems and fields are called by."""

from __future__ import annotations

from itertools import product
from random import Random
from typing import Literal, NamedTuple

Kind = Literal["key", "text", "number", "amount", "date", "flag", "state"]

AREAS = (
    "freight",
    "retail",
    "fleet",
    "depot",
    "harbour",
    "export",
    "import",
    "customs",
    "leasing",
    "payroll",
    "travel",
    "pension",
    "tax",
    "energy",
    "waste",
    "cold",
    "rail",
    "air",
)
THINGS = (
    "invoice",
    "order",
    "parcel",
    "contract",
    "vehicle",
    "permit",
    "claim",
    "booking",
    "tariff",
    "quote",
    "voucher",
    "shift",
    "complaint",
    "asset",
    "sensor",
    "pallet",
    "recipe",
    "tender",
)
QUALITIES = (
    "first",
    "last",
    "main",
    "billing",
    "shipping",
    "planned",
    "actual",
    "local",
    "partner",
    "internal",
    "gross",
    "net",
    "open",
    "daily",
    "yearly",
    "reserved",
)
PROPERTIES: dict[Kind, tuple[str, ...]] = {
    "text": (
        "name",
        "owner",
        "street",
        "city",
        "country",
        "note",
        "reference",
        "carrier",
        "colour",
        "brand",
        "region",
        "unit",
        "contact",
        "label",
    ),
    "number": ("quantity", "weight", "volume", "distance", "pieces", "stops", "rank", "minutes", "pages", "share"),
    "amount": ("price", "total", "fee", "discount", "deposit", "balance", "refund", "surcharge"),
    "date": ("issued", "due", "delivered", "created", "changed", "expires"),
    "flag": ("paid", "insured", "urgent", "fragile", "verified", "archived"),
}
WEIGHTS: dict[Kind, int] = {"text": 6, "number": 3, "amount": 3, "date": 2, "flag": 1}
TYPES: dict[Kind, str] = {
    "key": "{type: string}",
    "text": "{type: string}",
    "number": "{type: integer}",
    "amount": "{type: string}",
    "date": "{type: string, format: date}",
    "flag": "{type: boolean}",
    "state": "{enum: [open, closed, blocked]}",
}


class Field(NamedTuple):
    """One field of an entity."""

    name: str
    kind: Kind

    @property
    def schema(self) -> str:
        return TYPES[self.kind]


class Entity(NamedTuple):
    """A thing that one system knows. The first field is its key, the last its state; `owner` is the field with its customer."""

    number: int
    name: str
    source: str
    fields: tuple[Field, ...]

    @property
    def key(self) -> str:
        return self.fields[0].name

    @property
    def state(self) -> str:
        return self.fields[-1].name

    @property
    def owner(self) -> str:
        return f"{self.name.split('_')[-1]}_customer"

    @property
    def plural(self) -> str:
        return f"{self.name}s"

    @property
    def title(self) -> str:
        return self.name.replace("_", " ").capitalize()

    def of(self, *kinds: Kind) -> list[Field]:
        return [field for field in self.fields if field.kind in kinds]


def entities(random: Random, count: int) -> list[Entity]:
    """So many entities, each with fields of its own."""
    names = random.sample([f"{area}_{thing}" for area, thing in product(AREAS, THINGS)], count)
    return [Entity(number, name, f"{name}_desk", _fields(name, random)) for number, name in enumerate(names)]


def _fields(entity: str, random: Random) -> tuple[Field, ...]:
    area, thing = entity.split("_")
    found = {f"{thing}_no": Field(f"{thing}_no", "key"), f"{area}_{thing}_name": Field(f"{area}_{thing}_name", "text")}
    found[f"{thing}_amount"] = Field(f"{thing}_amount", "amount")
    for _ in range(random.randint(4, 10)):
        kind = random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        name = f"{random.choice(QUALITIES)}_{random.choice(PROPERTIES[kind])}"
        found.setdefault(name, Field(name, kind))
    found[f"{thing}_state"] = Field(f"{thing}_state", "state")
    return tuple(found.values())
