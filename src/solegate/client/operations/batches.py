"""Batches: up to 100 listings in one call, worked off by StockX in its own time (FACTS 1.1, 1.8)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter

from solegate.client.inputs import checked_id
from solegate.client.models.batches import Batch, BatchItems, BatchRef
from solegate.client.operations.base import OperationGroup, encoded
from solegate.client.operations.waiting import wait_until_settled
from solegate.client.options import DEFAULT_OPTIONS, CallOptions, build_call
from solegate.client.policy import call as operations
from solegate.client.policy.call import Operation
from solegate.client.policy.waiting import BATCH_PATIENCE
from solegate.client.requests.listings import ListingChange, NewListing
from solegate.domain.batches import LARGEST_BATCH, BatchItemStatus, BatchKind, chunks
from solegate.errors import InvalidInputError

_OBJECT: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])
_SUBMIT: Mapping[BatchKind, Operation] = {
    BatchKind.CREATE: operations.CREATE_LISTINGS,
    BatchKind.UPDATE: operations.UPDATE_LISTINGS,
    BatchKind.DELETE: operations.DELETE_LISTINGS,
}
_STATUS: Mapping[BatchKind, Operation] = {
    BatchKind.CREATE: operations.GET_CREATE_BATCH,
    BatchKind.UPDATE: operations.GET_UPDATE_BATCH,
    BatchKind.DELETE: operations.GET_DELETE_BATCH,
}
_ITEMS: Mapping[BatchKind, Operation] = {
    BatchKind.CREATE: operations.GET_CREATE_BATCH_ITEMS,
    BatchKind.UPDATE: operations.GET_UPDATE_BATCH_ITEMS,
    BatchKind.DELETE: operations.GET_DELETE_BATCH_ITEMS,
}


class BatchOperations(OperationGroup):
    """Many listings at a time. Items count against limits of their own, besides the requests."""

    async def create_listings(self, listings: Sequence[NewListing], *, options: CallOptions = DEFAULT_OPTIONS) -> Batch:
        """Submit up to 100 new listings, counted with their quantities. Never sent twice unless surely not arrived."""
        for each in listings:
            self._check_future(each.expires_at)
        items = [each.batch_wire() for each in listings]
        try:
            return await self._submit(BatchKind.CREATE, items, sum(each.quantity for each in listings), options)
        finally:
            self._pipeline.cache.invalidate(*(each.variant_id for each in listings))

    async def update_listings(
        self, changes: Sequence[ListingChange], *, options: CallOptions = DEFAULT_OPTIONS
    ) -> Batch:
        """Submit up to 100 changes."""
        for each in changes:
            self._check_future(each.expires_at)
        items = [each.batch_wire() for each in changes]
        return await self._submit(BatchKind.UPDATE, items, len(items), options)

    async def delete_listings(self, listing_ids: Sequence[str], *, options: CallOptions = DEFAULT_OPTIONS) -> Batch:
        """Submit up to 100 deletions."""
        items: list[dict[str, object]] = [{"listingId": checked_id("listing id", each)} for each in listing_ids]
        return await self._submit(BatchKind.DELETE, items, len(items), options)

    async def create_listings_in_batches(
        self, listings: Sequence[NewListing], *, options: CallOptions = DEFAULT_OPTIONS
    ) -> AsyncIterator[Batch]:
        """Submit any number of listings in batches of 100; each batch is handed out once StockX has taken it."""
        for chunk in chunks(listings, [each.quantity for each in listings]):
            yield await self.create_listings(chunk, options=options)

    async def update_listings_in_batches(
        self, changes: Sequence[ListingChange], *, options: CallOptions = DEFAULT_OPTIONS
    ) -> AsyncIterator[Batch]:
        """Submit any number of changes in batches of 100."""
        for chunk in chunks(changes, [1] * len(changes)):
            yield await self.update_listings(chunk, options=options)

    async def delete_listings_in_batches(
        self, listing_ids: Sequence[str], *, options: CallOptions = DEFAULT_OPTIONS
    ) -> AsyncIterator[Batch]:
        """Submit any number of deletions in batches of 100."""
        for chunk in chunks(listing_ids, [1] * len(listing_ids)):
            yield await self.delete_listings(chunk, options=options)

    async def get_batch(self, batch: Batch | BatchRef, *, options: CallOptions = DEFAULT_OPTIONS) -> Batch:
        """How far a batch is."""
        batch_id = checked_id("batch id", batch.batch_id)
        call = build_call(_STATUS[batch.kind], options, batchId=batch_id)
        return await self._send(call, _parser(batch.kind), options)

    async def get_batch_items(
        self, batch: Batch | BatchRef, status: BatchItemStatus | None = None, *, options: CallOptions = DEFAULT_OPTIONS
    ) -> BatchItems:
        """The items of a batch, all or those in one state, each with its result or error."""
        batch_id = checked_id("batch id", batch.batch_id)
        query = {} if status is None else {"status": str(status)}
        call = build_call(_ITEMS[batch.kind], options, query=query, batchId=batch_id)
        return await self._send(call, BatchItems.model_validate_json, options)

    async def wait_for_batch(
        self,
        batch: Batch | BatchRef,
        *,
        deadline: float = 900.0,
        on_progress: Callable[[Batch], None] | None = None,
        options: CallOptions = DEFAULT_OPTIONS,
    ) -> Batch:
        """Look until every item is worked off; the next look is when the rest should be done.

        Raises:
            StillPendingError: it is not done after `deadline` seconds. It goes on at StockX.
        """
        if isinstance(batch, Batch) and batch.is_settled:
            return batch

        async def look() -> Batch:
            return await self.get_batch(batch, options=options)

        return await wait_until_settled(
            look,
            is_settled=lambda seen: seen.is_settled,
            done=lambda seen: seen.done,
            patience=BATCH_PATIENCE,
            deadline=deadline,
            clock=self._pipeline.clock,
            operation=_STATUS[batch.kind].name,
            what=f"Batch {batch.batch_id}",
            on_progress=on_progress,
        )

    async def _submit(self, kind: BatchKind, items: list[dict[str, object]], count: int, options: CallOptions) -> Batch:
        if not 1 <= count <= LARGEST_BATCH:
            raise InvalidInputError(f"A batch holds 1 to {LARGEST_BATCH} listings; {count} do not fit.")
        call = build_call(_SUBMIT[kind], options, body=encoded({"items": items}), items=count)
        return await self._send(call, _parser(kind), options)


def _parser(kind: BatchKind) -> Callable[[bytes], Batch]:
    """Reads a batch, and adds what kind it is."""

    def parse(body: bytes) -> Batch:
        return Batch.model_validate({**_OBJECT.validate_json(body), "kind": kind})

    return parse
