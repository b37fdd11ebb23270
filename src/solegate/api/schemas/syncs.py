"""Syncs, and the deadlines they bring, on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import Field

from solegate.api.schemas.base import Money, Schema
from solegate.domain.order_deadlines import Deadline, Urgency
from solegate.domain.sync import Cost, Phase, SyncName, SyncRun, SyncState
from solegate.services.syncs import DueOrders, SyncStatus


class CostOut(Schema):
    """Requests that the next run takes, as far as the local database lets it be known."""

    pages: int = Field(description="Pages of the list.")
    details: int = Field(description="Single reads that are wanted now, within the budget.")
    budget: int = Field(description="Most single reads of one run.")
    requests: int = Field(description="Pages and details together.")
    known: bool = Field(description="False before the first run: then the list may be of any length.")

    @classmethod
    def of(cls, cost: Cost) -> Self:
        """The cost of a run."""
        return cls(
            pages=cost.pages, details=cost.details, budget=cost.budget, requests=cost.requests, known=cost.estimate
        )


class RunOut(Schema):
    """The last run of a sync, or the one under way."""

    name: SyncName
    state: SyncState = Field(description="`FAILING`: the last step failed; the run goes on from there.")
    phase: Phase | None = Field(None, description="What the run under way reads.")
    started_at: datetime | None = None
    finished_at: datetime | None = None
    succeeded_at: datetime | None = Field(None, description="When a run last ended well (UTC).")
    requests: int = Field(description="Requests of the run.")
    rows: int = Field(description="Rows it read.")
    changed: int = Field(description="Those that were new or had changed.")
    error: str | None = Field(None, description="Why the last step failed.")

    @classmethod
    def of(cls, run: SyncRun) -> Self:
        """A run."""
        return cls(
            name=SyncName(run.name),
            state=run.state,
            phase=run.place.phase if run.under_way else None,
            started_at=run.started_at,
            finished_at=run.finished_at,
            succeeded_at=run.succeeded_at,
            requests=run.requests,
            rows=run.rows,
            changed=run.changed,
            error=run.error or None,
        )


class SyncOut(Schema):
    """How a sync stands."""

    run: RunOut
    age_seconds: float | None = Field(None, description="Seconds since a run last ended well.")
    next_at: datetime | None = Field(None, description="When a worker does its next step; none if no worker has it.")
    cost: CostOut

    @classmethod
    def of(cls, status: SyncStatus) -> Self:
        """A sync."""
        return cls(
            run=RunOut.of(status.run),
            age_seconds=None if status.age is None else round(status.age, 3),
            next_at=status.next_at,
            cost=CostOut.of(status.cost),
        )


class SyncsOut(Schema):
    """Every sync."""

    syncs: tuple[SyncOut, ...]


class DeadlineOut(Schema):
    """An order that has to leave."""

    order_number: str = Field(examples=["04-KS7SCGSDFT"])
    status: str = Field(examples=["CREATED"])
    urgency: Urgency = Field(description="`unknown`: its detail was not read yet, so its date is not known.")
    ship_by: datetime | None = None
    hours_left: float | None = Field(None, description="Negative once it is late.", examples=[31.5])
    waits_for_label: bool = Field(description="StockX has made no label for it yet.")
    shipping_id: str | None = Field(None, description="Names its shipping document.")
    listing_id: str | None = None
    style_id: str | None = None
    size: str | None = None
    price: Money | None = None

    @classmethod
    def of(cls, due: Deadline) -> Self:
        """One deadline."""
        order = due.order
        return cls(
            order_number=order.order_number,
            status=order.status,
            urgency=due.urgency,
            ship_by=order.ship_by,
            hours_left=None if due.hours_left is None else round(due.hours_left, 2),
            waits_for_label=order.waits_for_label,
            shipping_id=order.shipping_id,
            listing_id=order.listing_id,
            style_id=order.style_id,
            size=order.variant_value,
            price=Money.of(order.price),
        )


class DeadlinesOut(Schema):
    """The orders that have to leave, the most urgent first."""

    synced_at: datetime | None = Field(None, description="When the orders under way were last read in full (UTC).")
    age_seconds: float | None = None
    orders: tuple[DeadlineOut, ...]

    @classmethod
    def of(cls, found: DueOrders) -> Self:
        """The deadlines of an account."""
        return cls(
            synced_at=found.synced_at,
            age_seconds=None if found.age is None else round(found.age, 3),
            orders=tuple(DeadlineOut.of(each) for each in found.orders),
        )
