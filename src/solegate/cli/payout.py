"""`solegate payout`: what would be left of a price. It needs no account and no network."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from solegate.cli.failures import ExitCode
from solegate.cli.output import JsonFlag, Output, amount
from solegate.domain.money import Money
from solegate.domain.payout import SellerTerms, estimate_payout, price_for_payout
from solegate.errors import InvalidInputError

ESTIMATE = "An estimate: StockX's own figures stand on the listing once there is one."

MOST = 10**12
"""No amount is as large as this; beyond it cents would get lost."""


def payout(
    price: Annotated[str, typer.Argument(metavar="AMOUNT", help="What the buyer pays.")],
    *,
    level: Annotated[int, typer.Option(min=1, max=5, help="Your seller level.")] = 1,
    currency: Annotated[str, typer.Option(help="Currency of the price.")] = "EUR",
    category: Annotated[str, typer.Option(help="sneakers, streetwear, watches, handbags, ...")] = "sneakers",
    shipping: Annotated[str, typer.Option(help="What shipping to StockX costs you.")] = "0",
    bonus: Annotated[str, typer.Option(help="Reduction of the rate for quick and successful shipping: 0.01.")] = "0",
    drop_off: Annotated[bool, typer.Option("--drop-off", help="You hand the parcel in, which saves shipping.")] = False,
    reverse: Annotated[
        bool, typer.Option("--reverse", help="AMOUNT is what you want paid out: find the price.")
    ] = False,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Show what would be paid out for a sale, line by line: price less StockX's fees at your seller level."""
    output = Output(as_json=as_json)
    terms = SellerTerms(
        level=level, bonus=_number("bonus", bonus), shipping=_number("shipping", shipping), drop_off=drop_off
    )
    asked = _money(price, currency)
    estimate = estimate_payout(
        price_for_payout(asked, terms, category=category) if reverse else asked, terms, category=category
    )
    output.document(
        {
            "price": amount(estimate.sale_price),
            "lines": [
                {
                    "kind": each.kind.value,
                    "amount": amount(each.amount),
                    "rate": None if each.rate is None else str(each.rate),
                }
                for each in estimate.lines
            ],
            "payout": amount(estimate.total),
            "estimate": estimate.estimate,
        }
    )
    output.table(
        ("", "Rate", "Amount"),
        [
            ("price", None, estimate.sale_price),
            *((each.kind.value.replace("_", " "), _percent(each.rate), each.amount) for each in estimate.lines),
            ("payout", None, estimate.total),
        ],
        right=("Rate", "Amount"),
    )
    output.line(ESTIMATE, style="dim")
    return ExitCode.OK


def _percent(rate: Decimal | None) -> str | None:
    return None if rate is None else f"{(rate * 100).normalize():f} %"


def _money(text: str, currency: str) -> Money:
    price = _number("price", text)
    if price <= 0:
        raise InvalidInputError(f"A price is more than nothing; {text} is not.")
    try:
        return Money(price, currency.strip().upper())
    except ValueError:
        raise InvalidInputError(f"'{currency}' is no currency code, such as EUR.") from None


def _number(name: str, text: str) -> Decimal:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not 0 <= number < MOST:
        raise InvalidInputError(f"The {name} '{text}' is no amount.")
    return number
