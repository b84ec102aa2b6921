"""The way of a request through the gateway: named phases, folded once at load into one handler."""
