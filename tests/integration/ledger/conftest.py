"""What the tests of the ledger share."""

from __future__ import annotations

from support.ledger_shop import play

__all__ = ["play"]
