"""The batch operations of SPEC26: the same three for each of create, update and delete."""

from __future__ import annotations

from dataclasses import dataclass

from solegate.simulator.routes.catalog import Operation
from solegate.simulator.routes.listings import checked
from solegate.simulator.routes.paging import BadQueryError
from solegate.simulator.state.batches import BatchBook, BatchKind
from solegate.simulator.state.limits import ItemLimiter, Moment
from solegate.simulator.wire import asks, bodies
from solegate.simulator.wire import batches as wire
from solegate.simulator.wire.answer import Answer, Call, json_answer
from solegate.simulator.wire.errors import api_error, batch_limit_exceeded
from solegate.simulator.world.catalog import Catalog

KINDS: tuple[BatchKind, ...] = ("create", "update", "delete")
ITEM_STATUSES = ("QUEUED", "IN_PROGRESS", "COMPLETED", "FAILED")


@dataclass(frozen=True, slots=True)
class BatchRoutes:
    """Answers batch calls: writes are limited by their items, reads are not (FACTS 1.1, 1.5)."""

    catalog: Catalog
    batches: BatchBook
    limiter: ItemLimiter

    def operations(self) -> tuple[Operation, ...]:
        """The nine operations."""
        return tuple(operation for kind in KINDS for operation in self._of(kind))

    def _of(self, kind: BatchKind) -> tuple[Operation, ...]:
        path = f"/selling/batch/{kind}-listing"
        one = f"{path}/{{batchId}}"
        name = kind.capitalize()
        return (
            Operation(f"{name}Listings", "POST", path, checked(lambda call: self._submit(kind, call))),
            Operation(f"GetListing{name}Batch", "GET", one, checked(lambda call: self._status(kind, call))),
            Operation(
                f"GetListing{name}BatchItems", "GET", one + "/items", checked(lambda call: self._items(kind, call))
            ),
        )

    def _submit(self, kind: BatchKind, call: Call) -> Answer:
        """A new batch; over the item limits the whole call is refused, and nothing of it is done."""
        jobs = asks.batch_jobs(kind, bodies.json_object(call.body), self.catalog, call.at)
        if not self.limiter.admit(Moment(call.at.timestamp(), call.at), len(jobs)):
            return batch_limit_exceeded()
        return json_answer(wire.batch_body(self.batches.submit(kind, jobs, call.at)))

    def _status(self, kind: BatchKind, call: Call) -> Answer:
        batch = self.batches.get(kind, call.path["batchId"])
        return json_answer(wire.batch_body(batch)) if batch else _no_batch()

    def _items(self, kind: BatchKind, call: Call) -> Answer:
        status = call.query.get("status")
        if status is not None and status not in ITEM_STATUSES:
            raise BadQueryError(f"status must be one of {', '.join(ITEM_STATUSES)}")
        batch = self.batches.get(kind, call.path["batchId"])
        return json_answer(wire.batch_items(batch, status)) if batch else _no_batch()


def _no_batch() -> Answer:
    """SPEC26 lists no 404 here; an id that does not exist is one all the same (FACTS 1.4)."""
    return api_error(404, "Batch not found")
