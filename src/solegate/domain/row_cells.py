"""The cells of a row: what each has to be, and what is wrong with it in words that help.

Nothing here asks anybody: a file with a broken cell costs no request.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from solegate.domain.batches import LARGEST_BATCH
from solegate.domain.job_rows import COLUMNS, Column, Fault, RawRow, RowProblem
from solegate.domain.jobs import JobKind
from solegate.domain.listings import InventoryType
from solegate.domain.moments import parse_moment
from solegate.domain.money import Money
from solegate.domain.pricing import is_plausible_ask
from solegate.domain.sku import checked_sku
from solegate.errors import InvalidInputError

LONGEST_UNIT = 100
"""Longest name of a pair, in characters."""
LONGEST_EXPIRY = timedelta(days=999)
"""StockX's own default (FACTS 1.9): nobody knows whether it takes a longer one."""

_SHOWN = 60
"""Most characters of a cell that a reason repeats."""
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d*)?")
_WHOLE = re.compile(r"[+-]?\d+")
_CODE = re.compile(r"(?<![a-z])[a-z]{3}(?![a-z])", re.IGNORECASE)
_ID = re.compile(r"[!-~]{1,100}")
_LIST_SIGNS = re.compile(r"[,\[\]\"']")
_YES, _NO = frozenset({"true", "yes", "y", "1"}), frozenset({"false", "no", "n", "0"})
_CREATABLE = (InventoryType.STANDARD.value, InventoryType.DIRECT.value)


@dataclass(frozen=True, slots=True)
class RowRules:
    """What rows are read by.

    Attributes:
        kind: what the job does.
        now: what an expiry is compared with.
        currency: of prices that name none.
        currencies: in which StockX lists.
    """

    kind: JobKind
    now: datetime
    currency: str
    currencies: tuple[str, ...]


@dataclass(slots=True)
class Cells:
    """Reads the cells of one row and notes what is wrong with them; what is returned for a wrong cell is of no use."""

    raw: RawRow
    rules: RowRules
    problems: list[RowProblem] = field(default_factory=list)

    def text(self, column: Column) -> str:
        """A cell, if a job of this kind reads it."""
        text = self.raw.text(column) if column in COLUMNS[self.rules.kind] else ""
        if any(unicodedata.category(each) in {"Cc", "Cs"} for each in text):
            self.fail(
                Fault.CONTROL_CHARACTERS,
                f"The column {column} has characters that are no text.",
                "Type it anew; it may have been copied out of a program.",
            )
            return ""
        return text

    def fail(self, fault: Fault, reason: str, advice: str) -> None:
        """Note what is wrong."""
        self.problems.append(RowProblem(self.raw.line, fault, reason, advice))

    def sku(self) -> str:
        """The style code, if there is one."""
        text = self.text(Column.SKU)
        if not text:
            return ""
        try:
            return checked_sku(text)
        except InvalidInputError as error:
            self.fail(Fault.SKU_WRONG, error.message, "Use the style code on the box label, such as DD1391-100.")
            return text

    def id_of(self, column: Column, wrong: Fault, what: str) -> str:
        """An id as StockX gives it, if there is one."""
        text = self.text(column)
        if text and (not _ID.fullmatch(text) or _LIST_SIGNS.search(text)):
            self.fail(wrong, f"'{text[:_SHOWN]}' is no {what}.", f"Copy the {what} as StockX shows it.")
        return text

    def listing_id(self) -> str:
        """The listing, which has to be named."""
        if not self.raw.text(Column.LISTING_ID):
            self.fail(
                Fault.LISTING_ID_MISSING, "No listing id.", "`solegate listings list` and a job's report show them."
            )
            return ""
        return self.id_of(Column.LISTING_ID, Fault.LISTING_ID_WRONG, "listing id")

    def price(self, *, needed: bool) -> Money | None:
        """The price, if there is one; whole, positive, and in a currency StockX lists in."""
        written = self.text(Column.PRICE)
        currency = self.currency(priced=bool(written))
        if not written:
            if needed and not self.problems_with("price"):
                self.fail(Fault.PRICE_MISSING, "No price.", "Write what a buyer shall pay, a whole amount.")
            return None
        amount = self.amount(written)
        if amount is None or currency is None:
            return None
        price = Money(amount, currency)
        if not is_plausible_ask(price):
            reason = f"{currency} {written[:_SHOWN]} is no price for a pair."
            self.fail(Fault.PRICE_ABSURD, reason, "Check the digits and the currency.")
            return None
        return price

    def problems_with(self, what: str) -> bool:
        """Whether a fault of this kind was noted already."""
        return any(each.fault.value.startswith(what) for each in self.problems)

    def amount(self, written: str) -> Decimal | None:
        """The number a price is written as, if it may be one."""
        if any(unicodedata.category(each) == "Sc" for each in written) or self._names_currency(written):
            self.fail(
                Fault.PRICE_HAS_CURRENCY,
                f"The price '{written[:_SHOWN]}' has its currency in it.",
                "Write the digits only; the currency has a column of its own, `currency`.",
            )
        elif "," in written or " " in written or "'" in written or written.count(".") > 1:
            self.fail(
                Fault.PRICE_HAS_SEPARATOR,
                f"The price '{written[:_SHOWN]}' can be read in two ways.",
                "Write it without separators and decimals: 1250.",
            )
        elif not _NUMBER.fullmatch(written) or not written.isascii():
            self.fail(
                Fault.PRICE_UNREADABLE, f"The price '{written[:_SHOWN]}' is no number.", "Write digits only: 150."
            )
        else:
            return self._sensible(Decimal(written), written)
        return None

    def _names_currency(self, written: str) -> bool:
        return any(code.upper() in self.rules.currencies for code in _CODE.findall(written))

    def _sensible(self, amount: Decimal, written: str) -> Decimal | None:
        if amount < 0:
            self.fail(
                Fault.PRICE_NEGATIVE, f"The price {written[:_SHOWN]} is negative.", "Write what a buyer shall pay."
            )
        elif amount == 0:
            self.fail(Fault.PRICE_ZERO, "The price is zero.", "Write what a buyer shall pay.")
        elif amount != amount.to_integral_value():
            self.fail(
                Fault.PRICE_FRACTIONAL,
                f"The price {written[:_SHOWN]} is not whole.",
                "StockX takes whole amounts only.",
            )
        else:
            return amount.to_integral_value()
        return None

    def currency(self, *, priced: bool) -> str | None:
        """The currency, the job's own where none is written."""
        written = self.text(Column.CURRENCY).upper()
        if not written:
            return self.rules.currency
        if not re.fullmatch(r"[A-Z]{3}", written):
            self.fail(
                Fault.CURRENCY_WRONG, f"'{written[:_SHOWN]}' is no currency code.", "Write three letters, as EUR."
            )
        elif written not in self.rules.currencies:
            self.fail(
                Fault.CURRENCY_NOT_LISTED,
                f"StockX lists nothing in {written}.",
                f"One of {', '.join(self.rules.currencies)}.",
            )
        elif not priced and self.rules.kind is not JobKind.CREATE:
            self.fail(
                Fault.CURRENCY_ALONE, "A currency without a price changes nothing.", "Add a price, or leave it out."
            )
        else:
            return written
        return None

    def quantity(self) -> int:
        """How many pairs; one unless it is written."""
        written = self.text(Column.QUANTITY)
        if not written:
            return 1
        if not _WHOLE.fullmatch(written) or not written.isascii():
            self.fail(
                Fault.QUANTITY_UNREADABLE, f"The quantity '{written[:_SHOWN]}' is no whole number.", "Write 1 to 100."
            )
            return 1
        count = int(written[:_SHOWN])
        if count < 1:
            self.fail(
                Fault.QUANTITY_TOO_SMALL, f"The quantity {count} lists nothing.", "Leave the row out, or write 1."
            )
        elif count > LARGEST_BATCH:
            self.fail(
                Fault.QUANTITY_TOO_LARGE,
                f"The quantity {count:,} is more than {LARGEST_BATCH}.",
                "Split it over several rows.",
            )
        return count

    def unit(self, quantity: int) -> str:
        """The name of the pair, if it has one."""
        unit = self.text(Column.UNIT)
        if len(unit) > LONGEST_UNIT:
            self.fail(
                Fault.UNIT_TOO_LONG,
                f"The unit has {len(unit)} characters; {LONGEST_UNIT} are the most.",
                "Use your own short number of the pair.",
            )
        elif unit.startswith("listing:"):
            self.fail(
                Fault.UNIT_RESERVED, "A unit does not start with `listing:`.", "Use your own short number of the pair."
            )
        elif unit and quantity > 1:
            self.fail(
                Fault.UNIT_OF_SEVERAL,
                f"A unit is one pair, and the quantity is {quantity}.",
                "Write a row for every pair, or leave the unit out.",
            )
        return unit

    def expires_at(self) -> datetime | None:
        """When the ask ends, if it is written."""
        written = self.text(Column.EXPIRES)
        if not written:
            return None
        try:
            moment = parse_moment(written, self.rules.now)
        except InvalidInputError as error:
            self.fail(Fault.EXPIRES_UNREADABLE, error.message, "Write days (30d), hours (12h) or 2027-01-31.")
            return None
        if moment <= self.rules.now:
            self.fail(Fault.EXPIRES_PAST, f"The expiry {moment:%Y-%m-%d %H:%M} UTC has passed.", "Write a later one.")
        elif moment > self.rules.now + LONGEST_EXPIRY:
            self.fail(
                Fault.EXPIRES_TOO_FAR,
                f"The expiry {moment:%Y-%m-%d} is more than {LONGEST_EXPIRY.days} days away.",
                "Write an earlier one, or leave it out.",
            )
        return moment

    def inventory_type(self) -> str:
        """STANDARD, unless DIRECT is written."""
        written = self.text(Column.INVENTORY_TYPE).upper() or InventoryType.STANDARD.value
        if written not in set(InventoryType):
            self.fail(
                Fault.INVENTORY_TYPE_UNKNOWN, f"'{written[:_SHOWN]}' is no inventory type.", "Write STANDARD or DIRECT."
            )
        elif written not in _CREATABLE:
            self.fail(
                Fault.INVENTORY_TYPE_NOT_LISTED,
                f"Listings of type {written} cannot be made here.",
                "StockX takes new listings as STANDARD or DIRECT only.",
            )
        return written

    def for_sale(self) -> None:
        """Check that a new listing is to be for sale at once.

        A draft has no ask, so nothing to find it again by if the answer of its batch is lost (FACTS 1.7).
        """
        written = self.text(Column.ACTIVE).casefold()
        if written and written not in _YES | _NO:
            self.fail(
                Fault.ACTIVE_UNREADABLE, f"'{written[:_SHOWN]}' in the column active is neither.", "Write yes or no."
            )
        if written in _NO:
            self.fail(
                Fault.DRAFT,
                "A job lists pairs for sale, and this row wants a draft.",
                "`solegate listings create --inactive` makes one draft.",
            )
