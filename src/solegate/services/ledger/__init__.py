"""The intent ledger: single writes that are written down, sent once, and followed to their end (design 4.6)."""

from solegate.services.ledger.bench import LedgerPolicy
from solegate.services.ledger.ledger import Ledger
from solegate.services.ledger.planner import INTENT_TASK, Origin

__all__ = ["INTENT_TASK", "Ledger", "LedgerPolicy", "Origin"]
