"""`solegate listings create|update|activate|deactivate|delete`: asked for, planned, sent, followed, and told.

Each goes through the ledger: what this command cannot see to its end, a worker does, or `solegate writes reconcile`.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from solegate.bootstrap import Services
from solegate.cli.failures import CommandError, ExitCode
from solegate.cli.guard import ACTOR
from solegate.cli.output import Json, JsonFlag, Output
from solegate.cli.run import NOTHING_CHANGED, with_services
from solegate.cli.writes import ensure_applied, summary, write_document
from solegate.client.inputs import checked_listing_price
from solegate.client.policy import call as operations
from solegate.client.policy.call import Call, Operation
from solegate.client.requests import ListingChange, NewListing
from solegate.domain.intents import Intent
from solegate.domain.listings import InventoryType
from solegate.domain.moments import parse_moment
from solegate.domain.money import Money
from solegate.errors import InvalidInputError
from solegate.services.ledger import Origin

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the request and send nothing.")]
NoWait = Annotated[bool, typer.Option("--no-wait", help="Do not wait until StockX has settled it.")]
ListingId = Annotated[str, typer.Argument(metavar="LISTING", help="Listing id.")]
Price = Annotated[str | None, typer.Option(help="New price, a whole amount.")]
Currency = Annotated[str | None, typer.Option(help="Currency of the price; the setting's otherwise.")]
Expires = Annotated[str | None, typer.Option(metavar="TIME", help="When the ask ends: 30d, 12h or 2027-01-31.")]

PATIENCE = 300.0
"""Seconds until a command no longer waits for StockX; operations take up to minutes (FACTS 8)."""
_KEPT = "The write is kept: `solegate writes list` shows it; a worker, or `solegate writes reconcile`, goes on with it."


@dataclass(frozen=True, slots=True)
class _Write:
    """A write that is ready: the request as it will go out, what it does in words, and how it is planned."""

    operation: Operation
    path: Mapping[str, str]
    body: Mapping[str, object] | None
    words: str
    plan: Callable[[Origin], Awaitable[Intent]]


def create_listing(
    sku: Annotated[str | None, typer.Argument(metavar="SKU", help="Style code, with --size.")] = None,
    *,
    size: Annotated[str | None, typer.Option(help="The size in any system: 9, 'US M 9', 'EU 42.5'.")] = None,
    variant: Annotated[str | None, typer.Option(help="StockX variant id, in place of style code and size.")] = None,
    price: Annotated[str, typer.Option(help="What a buyer pays, a whole amount.")],
    currency: Currency = None,
    expires: Expires = None,
    inventory_type: Annotated[str, typer.Option(help="STANDARD or DIRECT.")] = InventoryType.STANDARD.value,
    unit: Annotated[str | None, typer.Option(help="Your name of this very pair: it is not listed twice.")] = None,
    inactive: Annotated[bool, typer.Option("--inactive", help="Make a draft that is not for sale yet.")] = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    no_wait: NoWait = False,
    as_json: JsonFlag = False,
) -> ExitCode:
    """List a pair: as a draft first, which is then put up for sale. So a lost answer never lists it twice.

    StockX lets you list the same size as often as you like; `--unit` names the pair and keeps it from a second one.
    """
    if (variant is None) == (sku is None) or (sku is None) != (size is None):
        raise InvalidInputError("Give a style code and --size, or --variant.")

    async def prepare(services: Services) -> _Write:
        asked, until = checked_listing_price(_money(services, price, currency)), _time(services, expires)
        shown, variant_id = f"variant {variant}", variant or ""
        if sku is not None and size is not None:
            target = await services.targets.find(sku, size)
            shown, variant_id = f"{sku} in {target.size}", target.variant_id
        listing = NewListing(
            variant_id,
            asked,
            active=not inactive,
            expires_at=until,
            inventory_type=inventory_type.upper(),
        )
        words = f"List {shown} for {listing.price}{' as a draft' if inactive else ''}"
        return _Write(
            operations.CREATE_LISTING,
            {},
            listing.wire(),
            words,
            lambda origin: services.ledger.create(listing, origin, unit=unit),
        )

    return _write(prepare, Output(as_json=as_json), yes=yes, dry_run=dry_run, wait=not no_wait)


def update_listing(
    listing_id: ListingId,
    *,
    price: Price = None,
    currency: Currency = None,
    expires: Expires = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    no_wait: NoWait = False,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Change the price or the expiry of a listing."""

    async def prepare(services: Services) -> _Write:
        change = ListingChange(listing_id, _price(services, price, currency), _time(services, expires))
        to = f" to {change.price}" if change.price else ""
        return _Write(
            operations.UPDATE_LISTING,
            {"listingId": listing_id},
            change.wire(),
            f"Change listing {listing_id}{to}",
            lambda origin: services.ledger.reprice(
                listing_id, origin, price=change.price, expires_at=change.expires_at
            ),
        )

    return _write(prepare, Output(as_json=as_json), yes=yes, dry_run=dry_run, wait=not no_wait)


def activate_listing(
    listing_id: ListingId,
    *,
    price: Price = None,
    currency: Currency = None,
    expires: Expires = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    no_wait: NoWait = False,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Put a listing up for sale, at its own price or another."""

    async def prepare(services: Services) -> _Write:
        new, until = _price(services, price, currency), _time(services, expires)
        body = ListingChange(listing_id, new, until, active=True).wire()
        return _Write(
            operations.ACTIVATE_LISTING,
            {"listingId": listing_id},
            body,
            f"Put listing {listing_id} up for sale{f' at {new}' if new else ''}",
            lambda origin: services.ledger.activate(listing_id, origin, price=new, expires_at=until),
        )

    return _write(prepare, Output(as_json=as_json), yes=yes, dry_run=dry_run, wait=not no_wait)


def deactivate_listing(
    listing_id: ListingId,
    *,
    yes: Yes = False,
    dry_run: DryRun = False,
    no_wait: NoWait = False,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Take a listing off sale; it stays as a draft."""

    async def prepare(services: Services) -> _Write:
        plan = services.ledger.deactivate
        return _bare(operations.DEACTIVATE_LISTING, listing_id, f"Take listing {listing_id} off sale", plan)

    return _write(prepare, Output(as_json=as_json), yes=yes, dry_run=dry_run, wait=not no_wait)


def delete_listing(
    listing_id: ListingId,
    *,
    yes: Yes = False,
    dry_run: DryRun = False,
    no_wait: NoWait = False,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Remove a listing that is not sold. It does not come back."""

    async def prepare(services: Services) -> _Write:
        plan = services.ledger.delete
        return _bare(operations.DELETE_LISTING, listing_id, f"Delete listing {listing_id}", plan)

    return _write(prepare, Output(as_json=as_json), yes=yes, dry_run=dry_run, wait=not no_wait)


def _bare(
    operation: Operation, listing_id: str, words: str, plan: Callable[[str, Origin], Awaitable[Intent]]
) -> _Write:
    """A write that says nothing but which listing it is about."""
    return _Write(operation, {"listingId": listing_id}, None, words, lambda origin: plan(listing_id, origin))


def _write(
    prepare: Callable[[Services], Awaitable[_Write]], output: Output, *, yes: bool, dry_run: bool, wait: bool
) -> ExitCode:
    """Show, ask, plan, send, wait, tell."""

    async def work(services: Services) -> Intent | None:
        write = await prepare(services)
        if dry_run:
            _show_request(output, write)
            return None
        if not yes:
            _ask(output, write.words)
        intent = await write.plan(Origin(actor=ACTOR, cause=write.words))
        return await services.ledger.settle(intent.id, wait=PATIENCE, sent_is_enough=not wait)

    intent = with_services(work, kept=lambda: _KEPT)
    if intent is None:
        return ExitCode.OK
    output.document(write_document(intent))
    output.line(summary(intent))
    ensure_applied(intent, waited=wait)
    return ExitCode.OK


def _ask(output: Output, words: str) -> None:
    if not sys.stdin.isatty():
        raise CommandError(
            f"{words}: nobody is there to ask. {NOTHING_CHANGED}",
            exit_code=ExitCode.BAD_INPUT,
            hint="`--yes` answers in advance, `--dry-run` shows the request.",
        )
    output.note(f"{words}?")
    if not typer.confirm("Send it", default=False, err=True):
        raise CommandError(f"Not sent. {NOTHING_CHANGED}", exit_code=ExitCode.INTERRUPTED)


def _show_request(output: Output, write: _Write) -> None:
    target = Call(write.operation, write.path).target
    body: Json = None if write.body is None else {name: _json(value) for name, value in write.body.items()}
    output.document({"dryRun": True, "method": write.operation.method, "path": target, "body": body})
    output.line(f"{write.words}. Nothing was sent; this would be:")
    output.line(f"  {write.operation.method} {target}")
    for name, value in (write.body or {}).items():
        output.line(f"  {name}: {value}")


def _json(value: object) -> Json:
    return value if isinstance(value, str | bool) else str(value)


def _money(services: Services, price: str, currency: str | None) -> Money:
    code = (currency or services.settings.currency).strip().upper()
    try:
        return Money(Decimal(price), code)
    except (InvalidOperation, ValueError):
        raise InvalidInputError(f"'{price} {code}' is no price, such as `--price 150 --currency EUR`.") from None


def _price(services: Services, price: str | None, currency: str | None) -> Money | None:
    if price is None and currency is not None:
        raise InvalidInputError("A currency without a price changes nothing.")
    return None if price is None else _money(services, price, currency)


def _time(services: Services, text: str | None) -> datetime | None:
    """A moment from `30d`, `12h` or a date."""
    return None if text is None else parse_moment(text, services.clock.now())
