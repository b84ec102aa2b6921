"""Who may be asking, in the demo: the published keys whose hashes are in gateway.yaml."""

from __future__ import annotations

import msgspec


class Person(msgspec.Struct, frozen=True):
    """A choice of the demo page; without a key the caller is anonymous."""

    label: str
    key: str | None = None


PEOPLE = (
    Person("Ada, customer C1001", "demo-customer-1001"),
    Person("Bruno, customer C1002", "demo-customer-1002"),
    Person("Chidi, support agent", "demo-agent"),
    Person("Cleo, contractor", "demo-contractor"),
    Person("Emma, employee E2017", "demo-employee"),
    Person("Mona, manager E2001", "demo-manager"),
    Person("Somebody without a key"),
)
