"""Single writes of listings: written down, sent once, and followed while the caller waits (design 4.6).

A write that is not settled when the caller's patience ends is answered with 202 and where to look; it goes on.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from solegate.api.dependencies import ApiServices, Opened
from solegate.api.openapi import CHANGE_FAILURES, STOCKX_FAILURES, problems
from solegate.api.origin import Asked
from solegate.api.parameters import ListingId
from solegate.api.schemas.writes import ListingChangeIn, NewListingIn, WriteOut
from solegate.client.requests import NewListing
from solegate.domain.intents import Intent, Knowledge
from solegate.domain.money import Money
from solegate.errors import InvalidInputError, WriteFailedError

router = APIRouter(prefix="/api/v1/listings", tags=["listings"])

Wait = Annotated[
    float,
    Query(
        ge=0, le=30, allow_inf_nan=False, description="Seconds to wait until it is settled; then 202 and `Location`."
    ),
]

_SETTLED = "It is in effect: StockX was read back."
_ACCEPTED: dict[int | str, dict[str, Any]] = {
    202: {
        "model": WriteOut,
        "description": "It is not settled yet, or not known to be: it goes on by itself. `Location` tells how it is.",
    }
}
_FAILURES = (404, *CHANGE_FAILURES, 423, *STOCKX_FAILURES)


@router.post(
    "",
    operation_id="createListing",
    summary="List a pair",
    status_code=201,
    response_description=_SETTLED,
    responses=_ACCEPTED | problems(*_FAILURES),
)
async def create_listing(
    services: Opened, response: Response, wanted: NewListingIn, origin: Asked, wait: Wait = 10.0
) -> WriteOut:
    """StockX lists the same pair as often as it is asked to. So name the pair (`unit`), or send an `Idempotency-Key`:
    either keeps it from being listed twice, whatever happens to the connection or to this process.
    """  # noqa: D205 - shown as a paragraph in the API's documentation
    price = _price(services, wanted.price, wanted.currency)
    variant_id = wanted.variant_id or ""
    if wanted.sku is not None and wanted.size is not None:
        variant_id = (await services.targets.find(wanted.sku, wanted.size)).variant_id
    listing = NewListing(
        variant_id,
        price,
        active=wanted.active,
        expires_at=wanted.expires_at,
        inventory_type=wanted.inventory_type,
    )
    intent = await services.ledger.create(listing, origin, unit=wanted.unit)
    return await _settled(services, response, intent, wait, settled=201)


@router.patch(
    "/{listingId}",
    operation_id="updateListing",
    summary="Change a listing's price or expiry",
    response_description=_SETTLED,
    responses=_ACCEPTED | problems(*_FAILURES),
)
async def update_listing(
    services: Opened,
    response: Response,
    *,
    listing_id: ListingId,
    wanted: ListingChangeIn,
    origin: Asked,
    wait: Wait = 10.0,
) -> WriteOut:
    """The newest wish wins: one that was not sent yet is given up for it, and costs no request."""
    price = None if wanted.price is None else _price(services, wanted.price, wanted.currency)
    intent = await services.ledger.reprice(listing_id, origin, price=price, expires_at=wanted.expires_at)
    return await _settled(services, response, intent, wait)


@router.post(
    "/{listingId}/activate",
    operation_id="activateListing",
    summary="Put a listing up for sale",
    response_description=_SETTLED,
    responses=_ACCEPTED | problems(*_FAILURES),
)
async def activate_listing(
    services: Opened,
    response: Response,
    *,
    listing_id: ListingId,
    origin: Asked,
    wanted: ListingChangeIn | None = None,
    wait: Wait = 10.0,
) -> WriteOut:
    """At its own price, or at the one given."""
    change = wanted or ListingChangeIn()
    price = None if change.price is None else _price(services, change.price, change.currency)
    intent = await services.ledger.activate(listing_id, origin, price=price, expires_at=change.expires_at)
    return await _settled(services, response, intent, wait)


@router.post(
    "/{listingId}/deactivate",
    operation_id="deactivateListing",
    summary="Take a listing off sale",
    response_description=_SETTLED,
    responses=_ACCEPTED | problems(*_FAILURES),
)
async def deactivate_listing(
    services: Opened, response: Response, listing_id: ListingId, origin: Asked, wait: Wait = 10.0
) -> WriteOut:
    """It stays as a draft."""
    intent = await services.ledger.deactivate(listing_id, origin)
    return await _settled(services, response, intent, wait)


@router.delete(
    "/{listingId}",
    operation_id="deleteListing",
    summary="Remove a listing that is not sold",
    response_description=_SETTLED,
    responses=_ACCEPTED | problems(*_FAILURES),
)
async def delete_listing(
    services: Opened, response: Response, listing_id: ListingId, origin: Asked, wait: Wait = 10.0
) -> WriteOut:
    """It does not come back; its pair can be listed again."""
    intent = await services.ledger.delete(listing_id, origin)
    return await _settled(services, response, intent, wait)


def _price(services: ApiServices, amount: Decimal, currency: str | None) -> Money:
    code = (currency or services.settings.currency).upper()
    try:
        return Money(amount, code)
    except ValueError:
        raise InvalidInputError(f"'{code}' is no currency code, such as EUR.") from None


async def _settled(
    services: ApiServices, response: Response, intent: Intent, wait: float, *, settled: int = 200
) -> WriteOut:
    """Follow a write as long as its caller waits.

    Raises:
        WriteFailedError: it is surely not in effect.
    """
    intent = await services.ledger.settle(intent.id, wait=wait)
    where = f"/api/v1/writes/{intent.id}"
    if intent.knowledge is Knowledge.NOT_APPLIED:
        raise WriteFailedError(
            intent.reason or f"The write is {intent.state}.", hint=f"{where} tells how it came to it."
        )
    response.headers["Location"] = where
    response.status_code = settled if intent.knowledge is Knowledge.APPLIED else 202
    return WriteOut.of(intent)
