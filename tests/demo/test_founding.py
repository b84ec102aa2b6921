"""The demo company is the same every time, and hangs together."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

from gateway.demo.company import Company
from gateway.demo.founding import found_company

TODAY = date(2026, 11, 20)


def test_same_day_same_company(company: Company) -> None:
    assert found_company(TODAY) == company


def test_another_seed_is_another_company(company: Company) -> None:
    assert found_company(TODAY, seed=8) != company


def test_has_a_few_thousand_rows(company: Company) -> None:
    assert len(company.customers) == 400
    assert 2_000 < len(company.orders) < 5_000
    assert 3_000 < len(company.invoice_lines) < 9_000


def test_orders_refer_to_what_exists(company: Company) -> None:
    for order in company.orders.values():
        assert order.customer in company.customers
        assert all(line.sku in company.products for line in order.lines)
        assert Decimal(order.total) == sum(line.quantity * Decimal(line.price) for line in order.lines)
        assert (order.tracking_no is not None) == (order.delivery_status in {"shipped", "delivered"})


def test_parcels_follow_their_orders(company: Company) -> None:
    by_tracking = {order.tracking_no: order for order in company.orders.values()}
    for shipment in company.shipments.values():
        order = by_tracking[shipment.tracking_no]
        assert (shipment.state == "delivered") == (order.delivery_status == "delivered")
        assert [event.time for event in shipment.events] == sorted(event.time for event in shipment.events)
        assert order.ordered < shipment.events[0].time
        assert shipment.events[-1].time[:10] < company.today
        assert (shipment.events[-1].code == "DL") == (shipment.state == "delivered")


def test_invoices_follow_their_orders(company: Company) -> None:
    lines = Counter((line.invoice_no, line.sku) for line in company.invoice_lines)
    assert max(lines.values()) == 1
    for line in company.invoice_lines:
        order = company.orders[line.order_id]
        assert line.customer_id == order.customer
        assert line.product == company.products[line.sku].name
        assert date.fromisoformat(line.issued) == date.fromisoformat(order.ordered) + timedelta(days=1)
    assert {line.state for line in company.invoice_lines} == {"open", "paid", "overdue"}


def test_stages_of_the_documented_orders(company: Company) -> None:
    tracking = {number: company.orders[number].tracking_no for number in ("1001", "1003", "1007", "1009")}
    assert company.orders["1007"].customer == "C1001"
    assert company.shipments[str(tracking["1007"])].state == "in_transit"
    assert company.shipments[str(tracking["1001"])].state == "delivered"
    assert tracking["1003"] is None
    assert tracking["1009"] is not None
    assert tracking["1009"] not in company.shipments


def test_everybody_reports_to_somebody(company: Company) -> None:
    heads = [employee.employee_id for employee in company.employees.values() if employee.manager_id is None]
    assert heads == ["E2000"]
    assert all(employee.manager_id in company.employees for employee in company.employees.values() if employee.employee_id != "E2000")
    assert company.employees["E2017"].manager_id == "E2001"
    assert all(employee.taken + employee.planned <= employee.entitled for employee in company.employees.values())


def test_documented_customer_has_bills_and_tickets(company: Company) -> None:
    assert sum(line.customer_id == "C1001" for line in company.invoice_lines) >= 5
    assert [ticket.state for ticket in company.tickets if ticket.customer == "C1001"] == ["open", "open"]
