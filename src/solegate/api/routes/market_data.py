"""Market data: what a product's sizes are asked and bid for, and what the seller would be paid."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from solegate.api.dependencies import Opened, ProductId
from solegate.api.openapi import STOCKX_FAILURES, problems
from solegate.api.parameters import LONGEST_AGE, Cursor, Limit, Moment
from solegate.api.schemas.base import ID_PATTERN
from solegate.api.schemas.market_data import MarketDataOut, PriceHistoryOut
from solegate.domain.price_history import HistoryQuery, HistorySort, Interval

router = APIRouter(prefix="/api/v1/products", tags=["market data"])


@router.get(
    "/{productId}/market-data",
    operation_id="getMarketData",
    summary="Lowest ask, highest bid and payout estimate of every size",
    responses=problems(404, 422, *STOCKX_FAILURES),
)
async def get_market_data(
    services: Opened,
    product_id: ProductId,
    currencyCode: Annotated[  # noqa: N803 - the guide's name
        str | None, Query(description="ISO 4217 code; the configured currency if left out.", examples=["EUR"])
    ] = None,
    maxAge: Annotated[  # noqa: N803 - the name on the wire
        float | None,
        Query(
            ge=0,
            le=LONGEST_AGE,
            allow_inf_nan=False,
            description="Oldest remembered answer wanted, in seconds; 0 asks StockX.",
        ),
    ] = None,
) -> MarketDataOut:
    """One request to StockX covers all sizes; none when the answer is remembered and fresh.

    When StockX cannot be reached, an older answer is given with `stale: true` and its age, whatever `maxAge` says.
    """
    currency = currencyCode or services.settings.currency
    return MarketDataOut.of(await services.market_data.read(product_id, currency, max_age=maxAge))


@router.get(
    "/{productId}/market-data/history",
    operation_id="listMarketDataHistory",
    summary="A product's prices over time",
    responses=problems(404, 422, 500, 503),
)
async def list_market_data_history(
    services: Opened,
    *,
    product_id: Annotated[str, Path(alias="productId", pattern=ID_PATTERN, description="StockX's id of the product.")],
    variant_id: Annotated[
        str | None, Query(alias="variantId", pattern=ID_PATTERN, description="One size alone.")
    ] = None,
    currency: Annotated[
        str | None, Query(pattern=r"^[A-Z]{3}$", description="ISO 4217 code; the configured currency if left out.")
    ] = None,
    at_from: Annotated[Moment | None, Query(alias="from", description="Read then or later.")] = None,
    at_before: Annotated[Moment | None, Query(alias="before", description="Read before then.")] = None,
    interval: Annotated[
        Interval, Query(description="Every reading, or one row for each hour or day in which there was one (UTC).")
    ] = Interval.RAW,
    sort: Annotated[HistorySort, Query(description="`-at`: the newest first.")] = HistorySort.AT_DESCENDING,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> PriceHistoryOut:
    """What was ever read of its market: StockX itself tells no past prices. A product that was never read has none.

    StockX is asked nothing. A cursor belongs to its `sort` and `interval`.
    """
    wanted = HistoryQuery(
        product_id=product_id,
        currency=currency or services.settings.currency,
        variant_id=variant_id,
        at_from=at_from,
        at_before=at_before,
        interval=interval,
    )
    return PriceHistoryOut.of(wanted, await services.price_history.page(wanted, sort, cursor=cursor, limit=limit))
