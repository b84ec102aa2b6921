"""The kinds of backend, one module each, with its `component`. They import `gateway.sdk` and nothing else of the gateway."""
