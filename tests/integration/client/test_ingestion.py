"""Catalog ingestion against the practice market: offered, in review, decided (FACTS 1.3)."""

from __future__ import annotations

from solegate.client.models.ingestion import IngestionStatus
from solegate.client.requests import NewProduct
from solegate.testing import practice_client, run_virtual

CONSOLE = {
    "productTitle": "Console", "brand": "Sony", "productImages": ["https://images.example/1.jpg"], "variants": ["one"],
    "retailPrice": "499", "releaseDate": "2020-11-12", "countryOfOrigin": "CN",
}  # fmt: skip
A_MONTH = 30 * 86_400.0


def test_an_offered_product_is_reviewed_and_decided() -> None:
    async def story() -> None:
        async with practice_client() as market:
            stockx = market.service
            offered = [NewProduct("electronics", CONSOLE | {"productTitle": f"Console {n}"}) for n in range(20)]

            job = await stockx.create_catalog_ingestion(offered)
            fresh = await stockx.get_catalog_ingestion(job.ingestion_id)
            market.simulator.advance(A_MONTH)
            decided = await stockx.get_catalog_ingestion(job.ingestion_id)
            completed = await stockx.get_catalog_ingestion(job.ingestion_id, IngestionStatus.COMPLETED)

            assert {each.status for each in fresh.items} == {IngestionStatus.IN_REVIEW}
            assert [each.input["productTitle"] for each in fresh.items] == [f"Console {n}" for n in range(20)]
            assert {each.status for each in decided.items} <= {IngestionStatus.COMPLETED, IngestionStatus.REJECTED}
            assert completed.items
            assert all(each.result and each.result.variant_id for each in completed.items)

    run_virtual(story())
