"""Every row is checked before anything is stored or sent: broken rows cost no request, known style codes none."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from solegate.db.repositories.listings import ListingRepository
from solegate.domain.job_rows import Fault
from solegate.domain.jobs import JobKind, RowState
from solegate.domain.listing_findings import MirroredListing
from solegate.errors import InvalidInputError
from solegate.services.bulk.plan import JobOptions
from solegate.services.bulk.rows import rows_of_text
from support.office import LISTING, SKU, Office, office

SKIP = JobOptions(skip_invalid=True)
BROKEN = rf"""sku,size,price,currency,quantity,expires,unit,inventory_type,active,variant_id
,,150,EUR,,,,,,
,US M 9,150,EUR,,,,,,
{SKU},,150,EUR,,,,,,
/ -,US M 9,150,EUR,,,,,,
{"x" * 201},US M 9,150,EUR,,,,,,
{SKU},US{chr(7)}M 9,150,EUR,,,,,,
,,150,EUR,,,,,,two words
{SKU},US M 9,,EUR,,,,,,
{SKU},US M 9,€150,EUR,,,,,,
{SKU},US M 9,"1,500",EUR,,,,,,
{SKU},US M 9,cheap,EUR,,,,,,
{SKU},US M 9,-150,EUR,,,,,,
{SKU},US M 9,0,EUR,,,,,,
{SKU},US M 9,149.99,EUR,,,,,,
{SKU},US M 9,99999999,EUR,,,,,,
{SKU},US M 9,150,Euro,,,,,,
{SKU},US M 9,150,PLN,,,,,,
{SKU},US M 9,150,EUR,many,,,,,
{SKU},US M 9,150,EUR,0,,,,,
{SKU},US M 9,150,EUR,101,,,,,
{SKU},US M 9,150,EUR,2,,box 1,,,
{SKU},US M 9,150,EUR,,,{"A" * 101},,,
{SKU},US M 9,150,EUR,,,listing:1,,,
{SKU},US M 9,150,EUR,,soon,,,,
{SKU},US M 9,150,EUR,,2020-01-01,,,,
{SKU},US M 9,150,EUR,,9999-12-31,,,,
{SKU},US M 9,150,EUR,,,,express,,
{SKU},US M 9,150,EUR,,,,FLEX,,
{SKU},US M 9,150,EUR,,,,,maybe,
{SKU},US M 9,150,EUR,,,,,no,
{SKU},US M 9,150,EUR,,,A1,,,
{SKU},US M 9,150,EUR,,,A1,,,
{SKU},US M 9,150,EUR,,,,DIRECT,,
{SKU},US M 9,5,EUR,,,,,,
{SKU},US M 9,150,EUR,,,,,,,,,surplus
"""


@pytest.fixture
async def shop(tmp_path: Path, sqlite_template: Path) -> AsyncIterator[Office]:
    shutil.copyfile(sqlite_template, tmp_path / "solegate.db")
    async with office(tmp_path, price_floor={"EUR": 20}, largest_price_move="0.2") as opened:
        yield opened


def pairs(*rows: str) -> str:
    return "\n".join(("sku,size,price,unit,quantity", *rows))


async def faults(shop: Office, text: str, kind: JobKind = JobKind.CREATE) -> list[tuple[int, Fault]]:
    draft = await shop.jobs.draft(kind, rows_of_text(text, kind))
    return [(each.line, each.fault) for each in draft.checked.problems]


async def test_thirty_kinds_of_broken_rows_have_thirty_reasons_and_cost_no_request(shop: Office) -> None:
    draft = await shop.jobs.draft(JobKind.CREATE, rows_of_text(BROKEN, JobKind.CREATE))

    problems = draft.checked.problems
    assert [each.line for each in problems] == [line for line in range(2, 37) if line != 32]
    assert len({each.reason for each in problems}) >= 30
    assert len({each.fault for each in problems}) >= 30
    assert all(each.reason and each.advice for each in problems)
    assert draft.is_refused
    assert shop.requests() == 0

    with pytest.raises(
        InvalidInputError, match=r"34 rows cannot be done, so nothing was stored. Line 2: No style code"
    ):
        await shop.jobs.start_draft(draft, actor="test")
    assert await shop.jobs.list() == ()
    assert shop.requests() == 0


async def test_a_style_code_is_looked_up_once_and_then_known(shop: Office) -> None:
    (size, variant), (other, _) = shop.size(10), shop.size(12)
    text = pairs(f"{SKU},{size},150,,", f"{SKU.lower()},{other},150,,", f"{SKU},{size},160,,2")

    draft = await shop.jobs.draft(JobKind.CREATE, rows_of_text(text, JobKind.CREATE))

    asked = shop.requests()
    assert draft.checked.asked == 1
    assert asked <= 4
    assert [row.unit for row in draft.checked.rows if row.variant_id == variant] == [
        f"{variant}#{n}" for n in (1, 2, 3)
    ]
    assert (draft.plan.rows, draft.plan.chunks, draft.plan.items) == (4, 1, 4)
    again = await shop.jobs.draft(JobKind.CREATE, rows_of_text(text, JobKind.CREATE))
    assert again.checked.asked == 0
    assert shop.requests() == asked


async def test_a_variant_id_needs_no_lookup(shop: Office) -> None:
    _, variant = shop.size()

    draft = await shop.jobs.draft(JobKind.CREATE, [{"variantId": variant, "price": 150}])

    assert [row.variant_id for row in draft.checked.rows] == [variant]
    assert shop.requests() == 0


async def test_what_only_stockx_can_tell_is_told_by_line(shop: Office) -> None:
    (size, variant), (other, _) = shop.size(10), shop.size(12)
    text = "sku,size,price,variant_id\n" + "\n".join((
        f"{SKU},{size},150,{variant}",
        f"{SKU},US M 99,150,",
        f"{SKU},{other},150,{variant}",
        "NOSUCH-000,9,150,",
    ))  # fmt: skip

    assert await faults(shop, text) == [
        (3, Fault.SIZE_UNKNOWN),
        (4, Fault.VARIANT_OF_OTHER_SIZE),
        (5, Fault.SKU_UNKNOWN),
    ]


async def test_one_broken_row_keeps_the_others_from_being_looked_up(shop: Office) -> None:
    size, _ = shop.size()

    draft = await shop.jobs.draft(
        JobKind.CREATE, rows_of_text(pairs(f"{SKU},{size},150,,", f"{SKU},{size},0,,"), JobKind.CREATE)
    )

    assert not draft.checked.complete
    assert shop.requests() == 0


async def test_with_skip_invalid_the_good_rows_are_stored_and_the_bad_ones_kept_with_their_reason(shop: Office) -> None:
    size, _ = shop.size()
    text = pairs(f"{SKU},{size},0,,", f"{SKU},{size},150,,", f"{SKU},US M 99,150,,")

    started = await shop.jobs.start(JobKind.CREATE, rows_of_text(text, JobKind.CREATE), options=SKIP)

    rows = await shop.jobs.rows(started.job.id)
    assert [(row.line, row.state, row.chunk) for row in rows] == [
        (3, RowState.READY, 1),
        (2, RowState.FAILED, None),
        (4, RowState.FAILED, None),
    ]
    assert (rows[1].reason, rows[1].advice) == ("The price is zero.", "Write what a buyer shall pay.")
    assert "no size" in rows[2].reason
    assert "US M 9" in rows[2].advice


async def test_a_job_in_which_no_row_can_be_done_is_refused_even_with_skip_invalid(shop: Office) -> None:
    with pytest.raises(InvalidInputError, match="nothing was stored"):
        await shop.jobs.start(JobKind.DELETE, [{"listingId": "a b"}], options=SKIP)


async def test_a_price_below_the_floor_costs_no_request(shop: Office) -> None:
    assert await faults(shop, f"listing_id,price\n{LISTING},19\n", JobKind.UPDATE) == [(2, Fault.GUARD_RAIL)]
    assert await faults(shop, pairs(f"{SKU},9,19,,")) == [(2, Fault.GUARD_RAIL)]
    assert shop.requests() == 0


async def test_what_the_mirror_knows_of_a_listing_is_held_against_its_change(shop: Office) -> None:
    async with shop.services.database.transaction() as session:
        now = shop.clock.now()
        known = [
            MirroredListing(listing_id="a", status="ACTIVE", amount=Decimal(100), currency="EUR", seen_at=now),
            MirroredListing(listing_id="b", status="MATCHED", order_number="72-1", seen_at=now),
            MirroredListing(listing_id="c", status="DELETED", seen_at=now),
        ]
        await ListingRepository(session, "default").save(known)

    changes = "listing_id,price\na,120\na2,999\nb,110\nc,110\n"
    too_far = "listing_id,price\na,121\n"
    assert await faults(shop, changes, JobKind.UPDATE) == [(4, Fault.LISTING_SOLD), (5, Fault.LISTING_GONE)]
    assert await faults(shop, too_far, JobKind.UPDATE) == [(2, Fault.GUARD_RAIL)]
    assert await faults(shop, "listing_id\nb\nc\n", JobKind.DELETE) == [(2, Fault.LISTING_SOLD)]


async def test_a_listing_that_another_job_is_about_to_change_is_left_to_it(shop: Office) -> None:
    await shop.jobs.start(JobKind.UPDATE, [{"listingId": LISTING, "price": 150}])

    assert await faults(shop, f"listing_id\n{LISTING}\n", JobKind.DELETE) == [(2, Fault.CHANGE_UNDER_WAY)]


async def test_the_rails_of_the_day_count_the_rows_before(tmp_path: Path, sqlite_template: Path) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "solegate.db")
    async with office(tmp_path, daily_writes=2) as shop:
        _, variant = shop.size()
        text = f"variant_id,price\n{variant},150\n{variant},150\n{variant},150\n"
        draft = await shop.jobs.draft(JobKind.CREATE, rows_of_text(text, JobKind.CREATE))

    ((line, reason),) = [(each.line, each.reason) for each in draft.checked.problems]
    assert (line, reason) == (4, "Today's 2 writes are used up.")


async def test_a_job_without_rows_is_refused(shop: Office) -> None:
    with pytest.raises(InvalidInputError, match="has no rows"):
        await shop.jobs.draft(JobKind.CREATE, rows_of_text("sku,size,price\n", JobKind.CREATE, "pairs.csv"))


@pytest.mark.parametrize("kind", [JobKind.CREATE, JobKind.ENRICH])
async def test_a_currency_of_the_whole_job_has_to_be_one(shop: Office, kind: JobKind) -> None:
    with pytest.raises(InvalidInputError, match=r"StockX (lists nothing|has no market data) in"):
        await shop.jobs.draft(kind, [{"sku": SKU, "size": "9", "price": 1}], options=JobOptions(currency="Euro"))


async def test_too_many_unknown_style_codes_are_refused_where_somebody_waits(shop: Office) -> None:
    rows = [{"sku": sku, "size": "9", "price": 150} for sku in (SKU, "HQ4276")]

    with pytest.raises(InvalidInputError, match="2 style codes are not in the local catalog; at most 1"):
        await shop.jobs.draft(JobKind.CREATE, rows, options=JobOptions(most_asked=1))
    assert shop.requests() == 0
