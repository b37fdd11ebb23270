"""Operations: what was done, or is being done, to a listing (FACTS 1.7, 1.8).

PENDING -> SUCCEEDED or FAILED. A failed operation says why in a sentence of the account's language, not in a code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Literal

OperationType = Literal["CREATE", "UPDATE", "DELETE", "ACTIVATE", "DEACTIVATE", "CANCEL_ORDER"]
OperationStatus = Literal["PENDING", "SUCCEEDED", "FAILED"]
Change = str | bool

UNSELLABLE: Mapping[str, str] = MappingProxyType(
    {
        "en": "This item cannot be sold",
        "de": "Dieser Artikel kann nicht verkauft werden",
        "fr": "Cet article ne peut pas être vendu",
        "ja": "この商品は販売できません",
        "zh": "该商品不可售",
    }
)
"""Why an ask was not opened. The Chinese sentence was captured (FACTS 1.4), the others say the same."""
OUT_OF_REACH = "Listing is {status} and can not perform this action"
"""A write on a listing that is past it; FACTS 1.4 knows a part of the sentence."""
BEING_DELETED = "Listing is being deleted and can not perform this action"


@dataclass(slots=True)
class Operation:
    """One operation.

    Attributes:
        additions, updates, removals: the changed fields as StockX writes them; amounts have four decimals there.
        initiated_by, via: who and where; the API's own writes are USER and PUBLIC-API.
        error: why it failed.
    """

    id: str
    type: OperationType
    created_at: datetime
    updated_at: datetime
    status: OperationStatus = "PENDING"
    initiated_by: Literal["USER", "SYSTEM"] = "USER"
    via: Literal["PUBLIC-API", "INTERNAL-SYSTEM"] = "PUBLIC-API"
    additions: dict[str, Change] = field(default_factory=dict)
    updates: dict[str, Change] = field(default_factory=dict)
    removals: dict[str, Change] = field(default_factory=dict)
    error: str | None = None

    def settle(self, at: datetime, error: str | None) -> None:
        """Come to the end: without an error it succeeded."""
        self.status = "SUCCEEDED" if error is None else "FAILED"
        self.error, self.updated_at = error, at


def unsellable(locale: str) -> str:
    """The sentence in a language; English where we have none."""
    return UNSELLABLE.get(locale, UNSELLABLE["en"])
