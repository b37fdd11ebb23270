"""Prices and payout estimates."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import Field

from solegate.api.schemas.base import AmountText, Money, NextCursor, ProvenanceOut, Schema
from solegate.client.models.base import Provenance
from solegate.domain.cursors import Page
from solegate.domain.payout import FeeKind, Payout, PayoutLine
from solegate.domain.price_history import HistoryQuery, Interval, PricePoint, Span
from solegate.services.market_data import MarketReading, PricedQuote


class PayoutLineOut(Schema):
    """One adjustment: negative when the seller pays it."""

    kind: FeeKind
    amount: AmountText = Field(examples=["-18.41"])
    rate: AmountText | None = Field(None, description="Share of the sale price.", examples=["0.09"])

    @classmethod
    def of(cls, line: PayoutLine) -> Self:
        """One line of a payout."""
        return cls(kind=line.kind, amount=line.amount.amount, rate=line.rate)


class PayoutOut(Schema):
    """What the seller would be paid for a sale at this price."""

    sale_price: AmountText = Field(examples=["204.50"])
    total: AmountText = Field(description="What is left for the seller.", examples=["179.96"])
    currency: str = Field(examples=["EUR"])
    lines: tuple[PayoutLineOut, ...]
    estimate: bool = Field(True, description="StockX's exact fees stand on a listing.")

    @classmethod
    def of(cls, payout: Payout | None) -> Self | None:
        """A payout, or `None` where there is no price."""
        return None if payout is None else cls.exactly(payout)

    @classmethod
    def exactly(cls, payout: Payout) -> Self:
        """A payout."""
        return cls(
            sale_price=payout.sale_price.amount,
            total=payout.total.amount,
            currency=payout.total.currency,
            lines=tuple(PayoutLineOut.of(each) for each in payout.lines),
            estimate=payout.estimate,
        )


class QuoteOut(Schema):
    """The market of one variant. Every amount may be missing."""

    variant_id: str
    size: str = Field(description="What it is sold by; its id while the product is not enriched.", examples=["US M 9"])
    lowest_ask: Money | None = Field(None, description="Lowest believable ask; placeholders count as none.")
    highest_bid: Money | None = None
    sell_faster: Money | None = Field(None, description="StockX's guidance for a quick sale.")
    earn_more: Money | None = Field(None, description="StockX's guidance for a better price.")
    flex_lowest_ask: Money | None = None
    payout_at_ask: PayoutOut | None = Field(None, description="Estimate for selling at the lowest ask.")
    payout_at_bid: PayoutOut | None = Field(None, description="Estimate for selling at once to the highest bid.")

    @classmethod
    def of(cls, row: PricedQuote) -> Self:
        """One variant of a reading."""
        quote = row.quote
        return cls(
            variant_id=quote.variant_id,
            size=row.size,
            lowest_ask=Money.of(row.lowest_ask),
            highest_bid=Money.of(quote.money(quote.highest_bid)),
            sell_faster=Money.of(quote.money(quote.sell_faster)),
            earn_more=Money.of(quote.money(quote.earn_more)),
            flex_lowest_ask=Money.of(quote.money(quote.flex_lowest_ask)),
            payout_at_ask=PayoutOut.of(row.payout_at_ask),
            payout_at_bid=PayoutOut.of(row.payout_at_bid),
        )


class MarketDataOut(Schema):
    """A product's market."""

    product_id: str
    title: str | None = Field(None, description="Known once the product is enriched.")
    currency_code: str = Field(description="Currency StockX answered in; it may differ from the one asked for.")
    variants: tuple[QuoteOut, ...]
    provenance: ProvenanceOut

    @classmethod
    def of(cls, reading: MarketReading) -> Self:
        """A reading of the market."""
        return cls(
            product_id=reading.product_id,
            title=reading.title,
            currency_code=reading.currency,
            variants=tuple(QuoteOut.of(each) for each in reading.rows),
            provenance=ProvenanceOut.of(Provenance(reading.source, reading.fetched_at, reading.age)),
        )


class SpanOut(Schema):
    """A price over a while."""

    first: AmountText | None
    last: AmountText | None
    lowest: AmountText | None
    highest: AmountText | None

    @classmethod
    def of(cls, span: Span) -> Self | None:
        """A span, or `None` where there was no price at any time."""
        if span.is_empty:
            return None
        return cls(first=span.first, last=span.last, lowest=span.lowest, highest=span.highest)


class PricePointOut(Schema):
    """The prices of one size in one reading, hour or day."""

    at: datetime = Field(description="When it was read, or when the hour or day begins (UTC).")
    variant_id: str
    readings: int = Field(description="How many it is made of.")
    lowest_ask: SpanOut | None = Field(description="Placeholders count as no ask.")
    highest_bid: SpanOut | None
    sell_faster: AmountText | None = Field(description="StockX's guidance in the last reading.")
    earn_more: AmountText | None
    flex_lowest_ask: AmountText | None

    @classmethod
    def of(cls, point: PricePoint) -> Self:
        """A row of the history."""
        return cls(
            at=point.at,
            variant_id=point.variant_id,
            readings=point.readings,
            lowest_ask=SpanOut.of(point.ask),
            highest_bid=SpanOut.of(point.bid),
            sell_faster=point.last.sell_faster,
            earn_more=point.last.earn_more,
            flex_lowest_ask=point.last.flex_lowest_ask,
        )


class PriceHistoryOut(Schema):
    """A page of a product's price history."""

    product_id: str
    currency: str = Field(examples=["EUR"])
    interval: Interval
    items: tuple[PricePointOut, ...]
    next_cursor: NextCursor

    @classmethod
    def of(cls, wanted: HistoryQuery, page: Page[PricePoint]) -> Self:
        """What was asked for, and what there is."""
        return cls(
            product_id=wanted.product_id,
            currency=wanted.currency,
            interval=wanted.interval,
            items=tuple(map(PricePointOut.of, page.rows)),
            next_cursor=page.next_cursor,
        )
