"""Founds the demo company: the same every time for one day and seed, with dates around that day.

A dozen orders and people are written by hand, so that questions in documentation and tests always have the same answer; the
rest is drawn from a seeded generator.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import chain, count, cycle
from random import Random

from gateway.demo.company import (
    Company,
    Customer,
    DeliveryStatus,
    Employee,
    InvoiceLine,
    InvoiceState,
    Order,
    OrderLine,
    ParcelEvent,
    Product,
    Shipment,
    Ticket,
)
from gateway.demo.words import (
    CATEGORIES,
    CITIES,
    DEPARTMENTS,
    FINISHES,
    FIRST_NAMES,
    HUBS,
    LAST_NAMES,
    TICKET_SUBJECTS,
    WAREHOUSES,
)

CUSTOMERS, EMPLOYEES, PAST_ORDERS, TICKETS = 400, 60, 2_400, 150
PAST_DAYS = 400
PAYMENT_DAYS = 14
CURRENCY = "EUR"

# Orders of the shop app have four digits: number, customer, days since ordered, status, whether the parcel was scanned.
APP_ORDERS: tuple[tuple[str, str, int, DeliveryStatus, bool], ...] = (
    ("1001", "C1001", 12, "delivered", True),
    ("1002", "C1002", 9, "delivered", True),
    ("1003", "C1001", 1, "open", False),
    ("1004", "C1003", 5, "cancelled", False),
    ("1007", "C1001", 3, "shipped", True),
    ("1008", "C1002", 3, "shipped", True),
    ("1009", "C1001", 2, "shipped", False),
    ("1010", "C1002", 1, "picking", False),
)
# Number, name, department, manager, and leave: entitled, taken, planned.
KNOWN_EMPLOYEES = (
    Employee("E2000", "Wanda Lindqvist", "Management", None, 30, 12, 10),
    Employee("E2001", "Mona Keller", "Warehouse", "E2000", 30, 14.5, 5),
    Employee("E2002", "Tariq Hansen", "Transport", "E2000", 30, 20, 0),
    Employee("E2003", "Ines Moreau", "Customer care", "E2000", 30, 8, 12),
    Employee("E2004", "Hugo Rossi", "Stores", "E2000", 30, 17, 3),
    Employee("E2005", "Chidi Novak", "Customer care", "E2003", 28, 10, 6),
    Employee("E2017", "Emma Brandt", "Warehouse", "E2001", 28, 11.5, 4),
)


def found_company(today: date, seed: int = 7) -> Company:
    """The company as of `today`."""
    random = Random(seed)  # noqa: S311 - believable data, no secret
    customers = {customer.customer_id: customer for customer in _customers(random, today)}
    products = {product.sku: product for product in _products(random, today)}
    orders = {order.order_id: order for order in _orders(random, today, list(customers), list(products.values()))}
    scanned = {number for number, _, _, _, scanned in APP_ORDERS if scanned}
    shipments = [_shipment(order, today) for order in orders.values() if len(order.order_id) > 4 or order.order_id in scanned]
    return Company(
        today=today.isoformat(),
        customers=customers,
        products=products,
        orders=orders,
        shipments={shipment.tracking_no: shipment for shipment in shipments if shipment is not None},
        invoice_lines=tuple(_invoice_lines(random, today, orders.values(), products)),
        tickets=tuple(_tickets(random, today, list(customers))),
        employees={employee.employee_id: employee for employee in _employees(random)},
    )


def _customers(random: Random, today: date) -> list[Customer]:
    return [_customer(random, number, today) for number in range(1001, 1001 + CUSTOMERS)]


def _customer(random: Random, number: int, today: date) -> Customer:
    known = {1001: "Ada Petersen", 1002: "Bruno Costa"}
    name = known.get(number) or f"{random.choice(FIRST_NAMES)} {random.choice(LAST_NAMES)}"
    mailbox = "".join(letter for letter in name.lower().replace(" ", ".") if letter.isascii() and letter != "'")
    return Customer(
        customer_id=f"C{number}",
        name=name,
        email=f"{mailbox}.{number}@mail.example",
        phone=f"+49 40 5550 {number}" if random.random() < 0.8 else None,
        city="Hamburg" if number in known else random.choice(CITIES),
        segment=random.choices(("private", "business", "key_account"), (80, 17, 3))[0],
        since=(today - timedelta(days=random.randrange(PAST_DAYS, 4_000))).isoformat(),
    )


def _products(random: Random, today: date) -> list[Product]:
    made: list[Product] = []
    for prefix, category, things in CATEGORIES:
        names = [f"{thing}, {finish}" for thing in things for finish in FINISHES]
        made.extend(_product(random, f"{prefix}-{number:03}", name, category, today) for number, name in enumerate(names, 1))
    return made


def _product(random: Random, sku: str, name: str, category: str, today: date) -> Product:
    quantity = 0 if random.random() < 0.15 else random.randrange(1, 250)
    return Product(
        sku=sku,
        name=name,
        category=category,
        price=f"{random.randrange(9, 400)}.{random.choice(('00', '50', '90', '95'))}",
        quantity=quantity,
        warehouse=random.choice(WAREHOUSES),
        restock=None if quantity else (today + timedelta(days=random.randrange(3, 40))).isoformat(),
    )


def _orders(random: Random, today: date, customers: list[str], products: list[Product]) -> list[Order]:
    """The web shop's orders (five digits, rising with time), then the app's."""
    ages = sorted((random.randrange(14, PAST_DAYS) for _ in range(PAST_ORDERS)), reverse=True)
    past = [
        _order(random, products, number=str(number), customer=random.choice(customers), ordered=today - timedelta(age), status="delivered")
        for number, age in zip(count(20001), ages, strict=False)
    ]
    app = [
        _order(random, products, number=number, customer=customer, ordered=today - timedelta(age), status=status)
        for number, customer, age, status, _ in sorted(APP_ORDERS, key=lambda row: -row[2])
    ]
    return past + app


def _order(random: Random, products: list[Product], *, number: str, customer: str, ordered: date, status: DeliveryStatus) -> Order:
    lines = tuple(
        OrderLine(product.sku, random.randrange(1, 4), product.price) for product in random.sample(products, random.randrange(1, 4))
    )
    return Order(
        order_id=number,
        customer=customer,
        ordered=ordered.isoformat(),
        requested=(ordered + timedelta(days=5)).isoformat(),
        delivery_status=status,
        tracking_no=f"NW{int(number):08}DE" if status in {"shipped", "delivered"} else None,
        currency=CURRENCY,
        total=str(sum((_amount(line) for line in lines), Decimal(0))),
        lines=lines,
    )


def _amount(line: OrderLine) -> Decimal:
    return line.quantity * Decimal(line.price)


def _shipment(order: Order, today: date) -> Shipment | None:
    """The parcel's way so far: picked up the day after the order, over two hubs, delivered on the fourth day."""
    if order.tracking_no is None:
        return None
    ordered = date.fromisoformat(order.ordered)
    first, second = (HUBS[(int(order.order_id) + step) % len(HUBS)] for step in (0, 1))
    way = ((1, "PU", first), (1, "DP", first), (2, "AR", second), (3, "DP", second), (4, "OD", second), (4, "DL", "Front door"))
    events = tuple(
        ParcelEvent(datetime.combine(day, time(7 + 2 * hour)).isoformat() + "Z", place, code)
        for hour, (days, code, place) in enumerate(way)
        if (day := ordered + timedelta(days=days)) < today
    )
    delivered = order.delivery_status == "delivered"
    return Shipment(
        tracking_no=order.tracking_no,
        state="delivered" if delivered else "in_transit",
        eta=None if delivered else (today + timedelta(days=2)).isoformat(),
        events=events if delivered else events[:4],
    )


def _invoice_lines(random: Random, today: date, orders: Iterable[Order], products: dict[str, Product]) -> list[InvoiceLine]:
    """One invoice an order, issued the day after it, for all that was sent."""
    sent = (order for order in orders if order.tracking_no is not None)
    return [
        line for number, order in enumerate(sent, 1) for line in _invoice(number, order, _invoice_state(random, order, today), products)
    ]


def _invoice_state(random: Random, order: Order, today: date) -> InvoiceState:
    age = (today - date.fromisoformat(order.ordered)).days
    if age <= PAYMENT_DAYS:
        return "open"
    return "overdue" if random.random() < 0.04 else "paid"


def _invoice(number: int, order: Order, state: InvoiceState, products: dict[str, Product]) -> list[InvoiceLine]:
    issued = date.fromisoformat(order.ordered) + timedelta(days=1)
    return [
        InvoiceLine(
            invoice_no=f"NW-{issued.year}-{number:05}",
            order_id=order.order_id,
            customer_id=order.customer,
            sku=line.sku,
            product=products[line.sku].name,
            quantity=line.quantity,
            amount=str(_amount(line)),
            state=state,
            issued=issued.isoformat(),
            due=(issued + timedelta(days=PAYMENT_DAYS)).isoformat(),
        )
        for line in order.lines
    ]


def _tickets(random: Random, today: date, customers: list[str]) -> list[Ticket]:
    """Two open ones of C1001, and others' from the last weeks."""
    whose = chain(("C1001", "C1001"), (random.choice(customers[1:]) for _ in range(TICKETS - 2)))
    return [
        Ticket(
            ticket_id=f"T{number}",
            customer=customer,
            subject=subject,
            text=None,
            order_id=None,
            state="open" if customer == "C1001" or random.random() < 0.4 else "closed",
            opened=(today - timedelta(days=random.randrange(30))).isoformat(),
        )
        for number, customer, subject in zip(count(5001), whose, cycle(TICKET_SUBJECTS), strict=False)
    ]


def _employees(random: Random) -> list[Employee]:
    known = {employee.employee_id: employee for employee in KNOWN_EMPLOYEES}
    numbers = [f"E{number}" for number in range(2000, 2000 + EMPLOYEES)]
    return [known.get(number) or _employee(random, number) for number in numbers]


def _employee(random: Random, number: str) -> Employee:
    unit = random.randrange(len(DEPARTMENTS))
    return Employee(
        employee_id=number,
        name=f"{random.choice(FIRST_NAMES)} {random.choice(LAST_NAMES)}",
        department=DEPARTMENTS[unit],
        manager_id=f"E200{unit + 1}",
        entitled=random.choice((28, 30)),
        taken=random.choice((3, 5.5, 8, 11, 12.5, 15, 18)),
        planned=random.randrange(0, 8),
    )
