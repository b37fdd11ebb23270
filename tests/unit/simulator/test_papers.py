"""Shipping documents, and products offered to the catalog."""

from __future__ import annotations

import pytest

from solegate.client.requests import NewProduct
from solegate.clock import LoopClock
from solegate.errors import NotFoundError, RequestRejectedError
from solegate.simulator.wire.documents import pdf
from solegate.testing import practice_client, run_virtual
from unit.simulator.sales import QUIET, label, listed, market_of


def test_a_label_comes_later_and_its_link_is_another_each_time() -> None:
    async def story() -> None:
        async with practice_client(clock=LoopClock(), simulator=market_of(QUIET)) as market:
            (listing,) = await listed(market)
            number = market.simulator.sell(listing)
            fresh = await market.service.get_order_details(number)
            assert fresh.shipping_id is None
            with pytest.raises(NotFoundError):
                await market.service.get_shipping_document(number, "S-650000001")

            order = await label(market, number)
            assert order.shipment is not None
            first = order.shipment.shipping_label_url or ""
            market.simulator.advance(60)
            again = (await market.service.get_order_details(number)).shipment
            assert "Expires=" in first
            assert again is not None
            assert again.shipping_label_url != first
            assert "Signature" not in repr(order)

    run_virtual(story())


def test_papers_as_links_are_for_direct_orders_alone() -> None:
    async def story() -> None:
        async with practice_client(clock=LoopClock(), simulator=market_of(QUIET)) as market:
            (standard,), (direct,) = await listed(market), await listed(market, inventory_type="DIRECT")
            plain, special = market.simulator.sell(standard), market.simulator.sell(direct)
            market.simulator.advance(900)
            papers = (await market.service.get_shipping_documents(special)).shipping_documents

            assert (plain[:3], special[:3]) == ("04-", "06-")
            assert papers is not None
            assert "shippingLabel" in papers.required_documents
            with pytest.raises(RequestRejectedError, match="Direct"):
                await market.service.get_shipping_documents(plain)

    run_virtual(story())


def test_offered_products_are_reviewed_one_by_one() -> None:
    fields = {
        "productTitle": "Practice Card", "brand": "Practice", "productImages": ["https://images.test/1.png"],
        "variants": ["PSA 10"], "retailPrice": "20", "releaseDate": "2026-11-24", "countryOfOrigin": "US",
    }  # fmt: skip

    async def story() -> None:
        async with practice_client(clock=LoopClock(), simulator=market_of(QUIET)) as market:
            job = await market.service.create_catalog_ingestion([NewProduct("trading cards", fields)] * 40)
            fresh = await market.service.get_catalog_ingestion(job.ingestion_id)
            market.simulator.advance(3 * 3_600)
            items = (await market.service.get_catalog_ingestion(job.ingestion_id)).items

            assert {str(each.status) for each in fresh.items} == {"In Review"}
            assert {str(each.status) for each in items} == {"Completed", "Rejected"}
            assert all((each.result is not None) == (each.status == "Completed") for each in items)
            assert all((each.rejection_details is not None) == (each.status == "Rejected") for each in items)

    run_virtual(story())


def test_a_pdf_is_whole_whatever_its_text() -> None:
    document = pdf(("Size (5W) \\ 3.5M", "日本"))

    start = int(document.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    assert document.startswith(b"%PDF-1.4")
    assert document[start:].startswith(b"xref")
    assert document.endswith(b"%%EOF\n")
    assert rb"(Size \(5W\) \\ 3.5M) Tj" in document
