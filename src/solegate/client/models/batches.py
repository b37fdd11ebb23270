"""Answers of the batch operations (FACTS 1.8): COMPLETED means worked off, not that every item succeeded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import AliasChoices, Field

from solegate.client.models.base import Amount, Answer, Open, Part, Time, null_as
from solegate.domain.batches import BatchItemStatus, BatchKind, BatchStatus, is_item_terminal, is_terminal


@dataclass(frozen=True, slots=True)
class BatchRef:
    """Names a batch: what is kept of it to find it again."""

    kind: BatchKind
    batch_id: str


class Batch(Answer):
    """A batch and how far it is. `kind` is not on the wire: it is what was asked for.

    `item_statuses` counts the items by state; StockX's own examples write the states in lower case.
    """

    kind: BatchKind
    batch_id: str
    status: Open[BatchStatus]
    completed_at: Time | None = None
    created_at: Time | None = None
    updated_at: Time | None = None
    total_items: int
    item_statuses: Annotated[Mapping[str, int], null_as(dict)] = Field(default_factory=dict)

    @property
    def ref(self) -> BatchRef:
        """Its name."""
        return BatchRef(self.kind, self.batch_id)

    @property
    def is_settled(self) -> bool:
        """Whether every item is worked off."""
        return is_terminal(self.status)

    @property
    def done(self) -> float:
        """The share of its items that are worked off, 0 to 1."""
        if self.is_settled or not self.total_items:
            return float(self.is_settled)
        ended = sum(count for status, count in self.item_statuses.items() if is_item_terminal(status.upper()))
        return min(1.0, ended / self.total_items)


class BatchItemInput(Part):
    """What was asked for. A delete item names its listing `id` on the wire (FACTS 1.8)."""

    listing_id: str | None = Field(default=None, validation_alias=AliasChoices("listingId", "id", "listing_id"))
    variant_id: str | None = None
    amount: Amount = None
    currency_code: str | None = None
    expires_at: Time | None = None
    active: bool | None = None


class BatchItemResult(Part):
    """The listing that an item made or changed."""

    listing_id: str | None = None
    ask_id: str | None = None


class BatchItem(Part):
    """One item: a result once it succeeded, an error once it failed. A fresh create item may have no id and status."""

    item_id: str | None = None
    status: Open[BatchItemStatus] | None = None
    listing_input: BatchItemInput
    result: BatchItemResult | None = None
    error: str | None = None


class BatchItems(Answer):
    """The items of a batch."""

    items: Annotated[tuple[BatchItem, ...], null_as(tuple)] = ()
