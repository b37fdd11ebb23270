"""Payouts on the wire: what is paid for orders, and what would be for a price."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from solegate.api.parameters import LARGEST_AMOUNT
from solegate.api.schemas.base import LINE_PATTERN, Money, NextCursor, Schema
from solegate.domain.cursors import Page
from solegate.domain.order_deadlines import MirroredOrder
from solegate.domain.payouts import PayoutState, PayoutSum, state_of

Sum = Annotated[Decimal, Field(gt=0, lt=LARGEST_AMOUNT, decimal_places=4, allow_inf_nan=False)]


class EstimateParameters(Schema):
    """The price, and the seller's terms. A parameter that does not exist is refused."""

    model_config = ConfigDict(extra="forbid")

    price: Sum | None = Field(None, description="What the buyer pays; or `payout`.", examples=["150"])
    payout: Sum | None = Field(None, description="What you want to be paid: the least whole price is found.")
    currency: str | None = Field(None, pattern=r"^[A-Z]{3}$", description="ISO 4217 code; the configured one if none.")
    category: str = Field(
        "sneakers", max_length=100, pattern=LINE_PATTERN, description="`sneakers`, `streetwear`, `watches`, ..."
    )
    level: int | None = Field(None, ge=1, le=5, description="Seller level; the configured one if none.")
    shipping: Decimal | None = Field(
        None,
        ge=0,
        lt=LARGEST_AMOUNT,
        decimal_places=4,
        allow_inf_nan=False,
        description="What shipping to StockX costs; the configured sum if none.",
    )
    bonus: Decimal = Field(
        Decimal(0),
        ge=0,
        le=1,
        decimal_places=4,
        allow_inf_nan=False,
        description="Reduction of the rate for quick and successful shipping.",
        examples=["0.01"],
    )
    drop_off: bool = Field(False, description="You hand the parcel in, which saves shipping.")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.price is None) == (self.payout is None):
            raise ValueError("give price or payout")
        return self

    @property
    def amount(self) -> Decimal:
        """The one of both that is given."""
        return self.price or self.payout or Decimal(0)


class OrderPayoutOut(Schema):
    """What is paid for one order."""

    order_number: str = Field(examples=["04-KS7SCGSDFT"])
    status: str = Field(description="Of the order, in StockX's own word.", examples=["PAYOUTPENDING"])
    state: PayoutState = Field(
        description="How far the payout is, as far as the order's status tells: StockX's API has no payouts themselves."
    )
    price: Money | None = Field(description="What it was sold for.")
    payout: Money | None = Field(description="By StockX's account; null until its detail was read.")
    sold_at: datetime | None
    updated_at: datetime | None = Field(description="When StockX last changed the order.")
    seen_at: datetime = Field(description="When StockX last showed it so (UTC).")

    @classmethod
    def of(cls, order: MirroredOrder) -> Self:
        """An order of the mirror."""
        return cls(
            order_number=order.order_number,
            status=order.status,
            state=state_of(order.status),
            price=Money.of(order.price),
            payout=Money.of(order.paid),
            sold_at=order.created_at,
            updated_at=order.updated_at,
            seen_at=order.seen_at,
        )


class PayoutsOut(Schema):
    """A page of payouts."""

    items: tuple[OrderPayoutOut, ...]
    next_cursor: NextCursor

    @classmethod
    def of(cls, page: Page[MirroredOrder]) -> Self:
        """A page of the mirror."""
        return cls(items=tuple(map(OrderPayoutOut.of, page.rows)), next_cursor=page.next_cursor)


class PayoutSumOut(Schema):
    """Orders of one month whose payouts are equally far, in one currency."""

    month: str | None = Field(description="Of the sale (UTC).", examples=["2026-01"])
    state: PayoutState
    orders: int
    total: Money | None = Field(description="Their payouts together; null for those that are not known.")

    @classmethod
    def of(cls, each: PayoutSum) -> Self:
        """A sum."""
        return cls(month=each.month, state=each.state, orders=each.orders, total=Money.of(each.total))


class PayoutSumsOut(Schema):
    """Payouts by month, the newest first."""

    sums: tuple[PayoutSumOut, ...]

    @classmethod
    def of(cls, sums: Iterable[PayoutSum]) -> Self:
        """Sums in their order."""
        return cls(sums=tuple(map(PayoutSumOut.of, sums)))
