"""The gateway that `benchmarks.overload` asks too much of, as a process of its own."""

from __future__ import annotations

import sys
from hashlib import sha256
from pathlib import Path

from gateway.app import application, prepare
from gateway.server.dispatch import Dispatcher
from gateway.server.listen import run
from gateway.server.sockets import listen

TENANTS = ("acme", "globex", "initech", "umbrella")
INTENTS = {"urgent": "high", "ordinary": "normal"}

GATEWAY = """\
gateway: overload
server: {{port: 0, admin: "127.0.0.1:0"}}
identity:
  - api_key: {{keys: [{keys}]}}
tenants:
  known: {{{tenants}}}
stores: {{records: "sqlite:///{folder}/records.db"}}
telemetry: {{logs: json}}
"""

SOURCE = """\
source: shop
type: http
servers: ["http://127.0.0.1:{port}"]
concurrency: 2000
operations:
  order: {{effect: read, request: "GET /orders/{{id}}"}}
  customer: {{effect: read, request: "GET /customers/{{id}}"}}
"""

INTENT = """\
intent: {name}
priority: {priority}
summary: How a customer's orders stand.
access: {{roles: [customer]}}
input:
  type: object
  properties: {{orders: {{type: array, items: {{type: string}}, maxItems: 50}}}}
  required: [orders]
steps:
  orders: {{foreach: input.orders, as: id, concurrency: 4, call: shop.order, with: {{id: "${{ id }}"}}}}
  customer: {{call: shop.customer, with: {{id: "${{ steps.orders[0].customer_id }}"}}}}
output: {{customer: "${{ steps.customer.customer_id }}", orders: "${{ steps.orders[*].{{id: order_id, state: state, eta: eta}} }}"}}
reply: "${{ length(output.orders) }} orders."
"""


def key_of(tenant: str) -> str:
    """A tenant's only key."""
    return f"key-of-{tenant}"


def write(folder: Path, backend_port: int) -> None:
    """The configuration: an intent with a call for each order, each in two priorities, and four tenants."""
    keys = ", ".join(
        f'{{hash: "sha256:{sha256(key_of(tenant).encode()).hexdigest()}", tenant: {tenant}, user: {{id: {tenant}, roles: [customer]}}}}'
        for tenant in TENANTS
    )
    specs = folder / "specs"
    specs.mkdir()
    tenants = ", ".join(f"{tenant}: {{}}" for tenant in TENANTS)
    (folder / "gateway.yaml").write_text(GATEWAY.format(keys=keys, tenants=tenants, folder=folder))
    (specs / "shop.yaml").write_text(SOURCE.format(port=backend_port))
    for name, priority in INTENTS.items():
        (specs / f"{name}.yaml").write_text(INTENT.format(name=name, priority=priority))


def main(folder: str, admitted: str) -> None:
    """Prints its port, then serves until it is told to stop."""
    prepared = prepare(Path(folder))
    if prepared.plan is None:
        raise SystemExit("\n".join(f"{problem.place.file}: {problem.message}" for problem in prepared.problems))
    served = application(prepared)
    if admitted == "no":
        dispatcher = served.asgi
        if not isinstance(dispatcher, Dispatcher):
            raise SystemExit("there is no front to take away")
        dispatcher.front = None
    listeners = listen(prepared.plan.server, warn=print)
    print(listeners.public.getsockname()[1], flush=True)
    run(served, listeners)


if __name__ == "__main__":
    main(*sys.argv[1:])
