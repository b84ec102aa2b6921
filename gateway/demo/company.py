"""The demo company: everything that its seven systems and its finance database know. Frozen; dates are ISO texts, amounts decimal texts."""

from __future__ import annotations

from typing import Literal

import msgspec

DeliveryStatus = Literal["open", "picking", "shipped", "delivered", "cancelled"]
InvoiceState = Literal["open", "paid", "overdue"]


class Customer(msgspec.Struct, frozen=True):
    """A record of the CRM."""

    customer_id: str
    name: str
    email: str
    phone: str | None
    city: str
    segment: Literal["private", "business", "key_account"]
    since: str


class Product(msgspec.Struct, frozen=True):
    """An article of the inventory; `quantity` is the stock of all warehouses."""

    sku: str
    name: str
    category: str
    price: str
    quantity: int
    warehouse: str
    restock: str | None


class OrderLine(msgspec.Struct, frozen=True):
    """One article of an order; `price` is that of one piece."""

    sku: str
    quantity: int
    price: str


class Order(msgspec.Struct, frozen=True):
    """A sales order of the ERP system; `customer` is a customer number."""

    order_id: str
    customer: str
    ordered: str
    requested: str
    delivery_status: DeliveryStatus
    tracking_no: str | None
    currency: str
    total: str
    lines: tuple[OrderLine, ...]


class ParcelEvent(msgspec.Struct, frozen=True):
    """One scan of a parcel. Codes: PU picked up, DP departed, AR arrived, OD out for delivery, DL delivered."""

    time: str
    place: str
    code: str


class Shipment(msgspec.Struct, frozen=True):
    """A parcel; events are oldest first."""

    tracking_no: str
    state: Literal["in_transit", "out_for_delivery", "delivered"]
    eta: str | None
    events: tuple[ParcelEvent, ...]


class InvoiceLine(msgspec.Struct, frozen=True):
    """A row of the finance database; `amount` is that of the whole line."""

    invoice_no: str
    order_id: str
    customer_id: str
    sku: str
    product: str
    quantity: int
    amount: str
    state: InvoiceState
    issued: str
    due: str


class Ticket(msgspec.Struct, frozen=True):
    """A record of the help desk."""

    ticket_id: str
    customer: str
    subject: str
    text: str | None
    order_id: str | None
    state: Literal["open", "closed"]
    opened: str


class Employee(msgspec.Struct, frozen=True):
    """A record of the HR system; leave in days of this year."""

    employee_id: str
    name: str
    department: str
    manager_id: str | None
    entitled: float
    taken: float
    planned: float


class Company(msgspec.Struct, frozen=True):
    """All of it, by number. `orders` are in order of time; `today` is the day on which all this is so."""

    today: str
    customers: dict[str, Customer]
    products: dict[str, Product]
    orders: dict[str, Order]
    shipments: dict[str, Shipment]
    invoice_lines: tuple[InvoiceLine, ...]
    tickets: tuple[Ticket, ...]
    employees: dict[str, Employee]
