"""HTTP in and out. The one place where errors become statuses (`gateway.server.problems`)."""
