"""The public test kit: what the gateway's own tests use, and what tests of plugins and configurations may use.

Contract suites (`contracts.py` and `identity_contract.py`, which need pytest), real servers of other kinds (`postgres.py`) and
what breaks the way to a server (`fault_proxy.py`) are imported from their own files.
"""

from gateway.testing.calls import call_of
from gateway.testing.servers import Fault, Received, Route, http_server, read_request, refused_url, render, scripted_server
from gateway.testing.services import FakeServices, Reported

__all__ = [
    "FakeServices",
    "Fault",
    "Received",
    "Reported",
    "Route",
    "call_of",
    "http_server",
    "read_request",
    "refused_url",
    "render",
    "scripted_server",
]
