"""The public test kit: what the gateway's own tests use, and what tests of plugins and configurations may use."""

from gateway.testing.servers import Fault, Received, Route, http_server, read_request, refused_url, render, scripted_server

__all__ = ["Fault", "Received", "Route", "http_server", "read_request", "refused_url", "render", "scripted_server"]
