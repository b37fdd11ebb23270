"""Payouts: what is paid for orders, and what would be for a price."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from solegate.api.dependencies import Opened
from solegate.api.openapi import problems
from solegate.api.parameters import Cursor, Limit, Moment
from solegate.api.schemas.market_data import PayoutOut
from solegate.api.schemas.payouts import EstimateParameters, PayoutsOut, PayoutSumsOut
from solegate.domain.money import Money
from solegate.domain.payout import SellerTerms, estimate_payout, price_for_payout
from solegate.domain.payouts import PayoutQuery, PayoutSort, PayoutState

router = APIRouter(prefix="/api/v1/payouts", tags=["payouts"])

States = Annotated[list[PayoutState] | None, Query(description="Any of these; may come several times.")]
InCurrency = Annotated[
    str | None,
    Query(alias="currency", pattern=r"^[A-Z]{3}$", description="ISO 4217 code; leaves out orders of unknown payout."),
]
SoldFrom = Annotated[Moment | None, Query(alias="soldFrom", description="Sold then or later.")]
SoldBefore = Annotated[Moment | None, Query(alias="soldBefore", description="Sold before then.")]


@router.get(
    "", operation_id="listPayouts", summary="What is paid for each order", responses=problems(404, 422, 500, 503)
)
async def list_payouts(
    services: Opened,
    *,
    state: States = None,
    currency: InCurrency = None,
    sold_from: SoldFrom = None,
    sold_before: SoldBefore = None,
    sort: Annotated[
        PayoutSort, Query(description="`-` turns an order round; what lacks the value comes last.")
    ] = PayoutSort.SOLD_DESCENDING,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> PayoutsOut:
    """From the orders of the mirror. StockX's API has no payouts: how far one is follows from the order's status, and
    when the money arrived is not known.
    """  # noqa: D205 - shown as a paragraph in the API's documentation
    wanted = PayoutQuery(states=tuple(state or ()), currency=currency, sold_from=sold_from, sold_before=sold_before)
    return PayoutsOut.of(await services.payouts.page(wanted, sort, cursor=cursor, limit=limit))


@router.get(
    "/sums", operation_id="getPayoutSums", summary="Payouts by month and currency", responses=problems(422, 500, 503)
)
async def get_payout_sums(
    services: Opened,
    *,
    state: States = None,
    currency: InCurrency = None,
    sold_from: SoldFrom = None,
    sold_before: SoldBefore = None,
) -> PayoutSumsOut:
    """By the month of the sale (UTC), how far the payout is, and its currency. Orders whose payout is not known are
    counted beside, without a total: nothing is guessed.
    """  # noqa: D205 - shown as a paragraph in the API's documentation
    wanted = PayoutQuery(states=tuple(state or ()), currency=currency, sold_from=sold_from, sold_before=sold_before)
    return PayoutSumsOut.of(await services.payouts.sums(wanted))


@router.get(
    "/estimate",
    operation_id="estimatePayout",
    summary="What would be paid for a price",
    responses=problems(422, 500, 503),
)
async def get_estimate(services: Opened, wanted: Annotated[EstimateParameters, Query()]) -> PayoutOut:
    """Price less StockX's fees, line by line; or, with `payout`, the least whole price that pays as much.

    StockX's own figures stand on a listing once there is one: `GET /api/v1/listings/{listingId}?maxAge=0`.
    """
    terms = SellerTerms(
        level=wanted.level or services.settings.seller_level,
        bonus=wanted.bonus,
        shipping=services.settings.shipping_fee if wanted.shipping is None else wanted.shipping,
        drop_off=wanted.drop_off,
    )
    asked = Money(wanted.amount, wanted.currency or services.settings.currency)
    price = asked if wanted.payout is None else price_for_payout(asked, terms, category=wanted.category)
    return PayoutOut.exactly(estimate_payout(price, terms, category=wanted.category))
