"""Which variant each row means: every style code is looked up once, in the local catalog before StockX."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from solegate.domain.job_rows import Fault, Refused, RowProblem, WantedRow
from solegate.domain.sizes import SizeChart, matching
from solegate.domain.sku import split_codes
from solegate.errors import InvalidInputError, ProductNotFoundError
from solegate.services.listing_target import ListingTargets

REQUESTS_PER_SKU = 4
"""What a style code costs that the local catalog does not know: search, details, variants, prices."""

Charts = Mapping[str, SizeChart]
OnLookup = Callable[[int, int], None]
"""Hears how many of how many style codes StockX was asked about."""


@dataclass(frozen=True, slots=True)
class Found:
    """Rows with their variant, rows that have none, and how many style codes StockX was asked about."""

    rows: tuple[WantedRow, ...]
    refused: tuple[Refused, ...]
    asked: int


class SizeLookup:
    """Finds the variants of rows by style code and size."""

    def __init__(self, targets: ListingTargets) -> None:
        self._targets = targets

    async def resolve(
        self, rows: Sequence[WantedRow], *, most_asked: int | None = None, on_lookup: OnLookup | None = None
    ) -> Found:
        """Give every row its variant.

        Args:
            rows: those with a style code are looked up; the others name their variant.
            most_asked: style codes StockX may be asked about at most; `None` for any number.
            on_lookup: called after each of them.

        Raises:
            InvalidInputError: there are more of them.
            StockXError: StockX could not be asked.
        """
        wanted: dict[str, list[WantedRow]] = {}
        for row in rows:
            if row.sku:
                wanted.setdefault("/".join(sorted(split_codes(row.sku))), []).append(row)
        charts: dict[str, Charts | RowProblem] = {}
        for code, of_sku in wanted.items():
            known = await self._targets.known(of_sku[0].sku)
            if known is not None and (known.is_fresh or all(_fits(row, known.charts) for row in of_sku)):
                charts[code] = known.charts
        unknown = [code for code in wanted if code not in charts]
        if most_asked is not None and len(unknown) > most_asked:
            raise InvalidInputError(
                f"{len(unknown)} style codes are not in the local catalog; at most {most_asked} are looked up here.",
                hint="Enrich them first, by a job of kind `enrich`.",
            )
        for place, code in enumerate(unknown, start=1):
            charts[code] = await self._ask(wanted[code][0])
            if on_lookup is not None:
                on_lookup(place, len(unknown))
        return _sorted_out(rows, charts, len(unknown))

    async def _ask(self, row: WantedRow) -> Charts | RowProblem:
        """The sizes StockX has, or why there are none."""
        try:
            return await self._targets.charts(await self._targets.product_id(row.sku))
        except ProductNotFoundError as error:
            return RowProblem(row.line, Fault.SKU_UNKNOWN, error.message, "Check the style code on the box label.")
        except InvalidInputError as error:
            return RowProblem(row.line, Fault.SKU_AMBIGUOUS, error.message, "Write the one that is meant, whole.")


def _sorted_out(rows: Sequence[WantedRow], charts: Mapping[str, Charts | RowProblem], asked: int) -> Found:
    found, refused = [], []
    for row in rows:
        here = charts["/".join(sorted(split_codes(row.sku)))] if row.sku else None
        if here is None:
            found.append(row)
            continue
        meant = replace(here, line=row.line) if isinstance(here, RowProblem) else _variant(row, here)
        if isinstance(meant, RowProblem):
            refused.append(Refused(row, (meant,)))
        else:
            found.append(meant)
    return Found(tuple(found), tuple(refused), asked)


def _fits(row: WantedRow, charts: Charts) -> bool:
    return not isinstance(_variant(row, charts), RowProblem)


def _variant(row: WantedRow, charts: Charts) -> WantedRow | RowProblem:
    """The row with its variant, and its size as StockX writes it."""
    fitting = matching(row.size, charts) if row.size else tuple(charts)
    if row.variant_id:
        if row.variant_id in fitting:
            return row
        reason = f"The variant id is not {row.sku}{f' in {row.size}' if row.size else ''}."
        return RowProblem(row.line, Fault.VARIANT_OF_OTHER_SIZE, reason, "Keep the variant id, or style code and size.")
    if len(fitting) == 1:
        return replace(row, variant_id=fitting[0], size=str(charts[fitting[0]].own) or row.size)
    sizes = ", ".join(str(charts[each].own) or "one size" for each in (fitting or charts))
    fault, what = (Fault.SIZE_AMBIGUOUS, "several sizes") if fitting else (Fault.SIZE_UNKNOWN, "no size")
    return RowProblem(row.line, fault, f"'{row.size}' is {what} of {row.sku}.", f"One of: {sizes}.")
