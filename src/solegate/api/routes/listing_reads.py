"""Reading listings: what is for sale, what a sync found about it, and what is under way."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query

from solegate.api.dependencies import Opened
from solegate.api.openapi import STOCKX_FAILURES, problems
from solegate.api.parameters import LARGEST_AMOUNT, Cursor, Limit, ListingId, MaxAge, Moment, StyleId
from solegate.api.schemas.base import ID_PATTERN
from solegate.api.schemas.listings import ListingDetails, ListingsOut
from solegate.domain.listing_book import ListingQuery, ListingSort
from solegate.domain.listing_findings import Finding
from solegate.domain.listings import ListingStatus

router = APIRouter(prefix="/api/v1/listings", tags=["listings"])

Amount = Annotated[Decimal | None, Query(ge=0, lt=LARGEST_AMOUNT, allow_inf_nan=False)]


@router.get("", operation_id="listListings", summary="Listings", responses=problems(404, 422, 500, 503))
async def list_listings(
    services: Opened,
    *,
    status: Annotated[
        list[ListingStatus] | None, Query(description="Any of these states; may come several times.")
    ] = None,
    live: Annotated[bool | None, Query(description="Only those that a buyer can take now, or only the others.")] = None,
    style_id: StyleId = None,
    product_id: Annotated[str | None, Query(alias="productId", pattern=ID_PATTERN, description="Of a product.")] = None,
    variant_id: Annotated[str | None, Query(alias="variantId", pattern=ID_PATTERN, description="Of a size.")] = None,
    currency: Annotated[str | None, Query(pattern=r"^[A-Z]{3}$", description="ISO 4217 code of the price.")] = None,
    amount_min: Annotated[Amount, Query(alias="amountMin", description="Lowest price; name its currency too.")] = None,
    amount_max: Annotated[Amount, Query(alias="amountMax", description="Highest price; name its currency too.")] = None,
    finding: Annotated[
        list[Finding] | None, Query(description="A sync found any of these; may come several times.")
    ] = None,
    expiring_before: Annotated[
        Moment | None, Query(alias="expiringBefore", description="Their ask ends before then.")
    ] = None,
    sort: Annotated[
        ListingSort, Query(description="`-` turns an order round; what lacks the value comes last.")
    ] = ListingSort.CREATED_DESCENDING,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> ListingsOut:
    """As the last sync saw them: `seenAt` tells when. StockX is asked nothing.

    All of them come once, however many are added while you read page after page. Filters may change between two pages,
    the order may not.
    """
    wanted = ListingQuery(
        statuses=tuple(status or ()),
        style_id=style_id,
        product_id=product_id,
        variant_id=variant_id,
        currency=currency,
        amount_min=amount_min,
        amount_max=amount_max,
        findings=tuple(finding or ()),
        expiring_before=expiring_before,
        live=live,
    )
    return ListingsOut.of(await services.listings.page(wanted, sort, cursor=cursor, limit=limit))


@router.get(
    "/{listingId}",
    operation_id="getListing",
    summary="One listing with its open writes",
    responses=problems(404, 422, *STOCKX_FAILURES),
)
async def get_listing(services: Opened, listing_id: ListingId, max_age: MaxAge = None) -> ListingDetails:
    """As the mirror has it; with `maxAge` as StockX shows it, if the mirror's sighting is older (1 request)."""
    return ListingDetails.of_sighting(await services.listings.get(listing_id, max_age=max_age))
