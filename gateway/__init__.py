"""A declarative integration gateway: YAML intents in, federated answers out. Start reading at `gateway/app.py`."""

__version__ = "0.1.0"
