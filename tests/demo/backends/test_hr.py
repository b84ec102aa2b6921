"""The HR system: who reports to whom, and leave; nothing of the one in the other."""

from __future__ import annotations

from tests.demo.backends.conftest import Ask


async def test_an_employee_is_told_without_leave(ask: Ask) -> None:
    assert (await ask.get("hr", "/employees/E2017")).json() == {
        "employee_id": "E2017",
        "name": "Emma Brandt",
        "department": "Warehouse",
        "manager_id": "E2001",
    }


async def test_leave_is_that_of_the_year(ask: Ask) -> None:
    assert (await ask.get("hr", "/employees/E2017/leave")).json() == {"year": 2026, "entitled": 28, "taken": 11.5, "planned": 4}
