"""The CRM: contact records."""

from __future__ import annotations

from tests.demo.backends.conftest import Ask


async def test_a_contact_is_told(ask: Ask) -> None:
    contact = (await ask.get("crm", "/contacts/C1001")).json()
    assert (contact["customer_id"], contact["name"], contact["city"]) == ("C1001", "Ada Petersen", "Hamburg")
    assert contact["email"].isascii()
