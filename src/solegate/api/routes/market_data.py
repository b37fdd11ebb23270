"""Market data: what a product's sizes are asked and bid for, and what the seller would be paid."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from solegate.api.dependencies import Opened, ProductId
from solegate.api.openapi import STOCKX_FAILURES, problems
from solegate.api.schemas.market_data import MarketDataOut

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
        Query(ge=0, allow_inf_nan=False, description="Oldest remembered answer wanted, in seconds; 0 asks StockX."),
    ] = None,
) -> MarketDataOut:
    """One request to StockX covers all sizes; none when the answer is remembered and fresh.

    When StockX cannot be reached, an older answer is given with `stale: true` and its age, whatever `maxAge` says.
    """
    currency = currencyCode or services.settings.currency
    return MarketDataOut.of(await services.market_data.read(product_id, currency, max_age=maxAge))
