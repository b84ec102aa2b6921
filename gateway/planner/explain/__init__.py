"""What an intent will do and who may call it, told from its plan: as data, as text of 80 columns, as a drawing."""

from gateway.planner.explain.account import Account
from gateway.planner.explain.asker import Asker
from gateway.planner.explain.intent import account

__all__ = ["Account", "Asker", "account"]
