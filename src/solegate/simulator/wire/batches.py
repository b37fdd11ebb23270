"""Bodies of batches and their items, each kind with its quirks (FACTS 1.8)."""

from __future__ import annotations

from collections import Counter

from solegate.simulator.state.batches import Batch, BatchItem
from solegate.simulator.state.records import NewListing, Wish
from solegate.simulator.wire.answer import Json
from solegate.simulator.wire.times import optional_timestamp, timestamp


def batch_body(batch: Batch) -> Json:
    """How far a batch is. The counts are numbers, as the type says; SPEC26's examples show text."""
    return {
        "batchId": batch.id,
        "status": batch.status,
        "completedAt": optional_timestamp(batch.completed_at),
        "createdAt": timestamp(batch.created_at),
        "updatedAt": timestamp(batch.updated_at),
        "totalItems": len(batch.items),
        "itemStatuses": dict(Counter(item.status for item in batch.items)),
    }


def batch_items(batch: Batch, status: str | None) -> Json:
    """The items, or those of one status."""
    return {"items": [_item(batch, item) for item in batch.items if status in (None, item.status)]}


def _item(batch: Batch, item: BatchItem) -> Json:
    """An item; those of a create batch have neither id nor status before their batch was taken up."""
    nameless = batch.kind == "create" and batch.status == "QUEUED"
    body: dict[str, Json] = {
        "itemId": None if nameless else item.id,
        "status": None if nameless else item.status,
        "listingInput": _input(batch, item),
    }
    if item.error is not None:
        body["error"] = item.error
    elif item.listing_id is not None:
        body["result"] = {"listingId": item.listing_id, "askId": item.ask_id}
    return body


def _input(batch: Batch, item: BatchItem) -> Json:
    """What was asked for; a delete says `id` where an update says `listingId`."""
    job = item.job
    if isinstance(job, NewListing):
        return {
            "active": job.active,
            "currencyCode": job.currency,
            "variantId": job.variant_id,
            "expiresAt": optional_timestamp(job.expires_at),
            "amount": f"{job.amount:f}",
        }
    if batch.kind == "delete":
        return {"id": job.listing_id}
    return {"listingId": job.listing_id, "active": job.wish.active, **_wished(job.wish)}


def _wished(wish: Wish) -> dict[str, Json]:
    """The fields that an update changes; here the others are left out, they may not be null."""
    given = {
        "amount": None if wish.amount is None else f"{wish.amount:f}",
        "currencyCode": wish.currency,
        "expiresAt": optional_timestamp(wish.expires_at),
    }
    return {name: value for name, value in given.items() if value is not None}
