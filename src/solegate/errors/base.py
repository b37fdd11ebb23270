"""What every error has in common."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar


class Outcome(StrEnum):
    """What is known about the effect of a call that failed."""

    NOT_APPLIED = "not_applied"
    """StockX surely did not act on it: repeating it is safe."""
    APPLIED = "applied"
    """StockX acted on it; only the answer was of no use."""
    UNKNOWN = "unknown"
    """It may or may not have taken effect: read back before repeating it."""


class SolegateError(Exception):
    """Base of every error raised by this package. `code` is stable and machine-readable."""

    code: ClassVar[str] = "error"
    hint: str = ""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.hint = message, hint or self.hint

    def __str__(self) -> str:
        """Give the message and, on the same line, what to do next."""
        return f"{self.message} {self.hint}".strip()
