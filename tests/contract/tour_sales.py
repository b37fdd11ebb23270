"""The tour's sales and offered products."""

from __future__ import annotations

from contract.calls import OFFERED
from contract.tour import DAY, HOUR, Tour, listed


async def orders(tour: Tour) -> None:
    """Sales of each inventory type from the first day to the history, and their papers."""
    for kind in ("STANDARD", "DIRECT"):
        listing_id = await listed(tour, inventoryType=kind)
        number = tour.simulator.sell(listing_id)
        for name in ("GetOrder", "GetOrderShipmentDocuments"):
            await tour.ask(name, orderNumber=number)
        tour.simulator.advance(HOUR)
        await tour.ask("GetOrderShipmentDocuments", orderNumber=number)
        order = await tour.ask("GetOrder", orderNumber=number)
        await tour.ask("FindById", listingId=listing_id)
        shipping_id = order["initiatedShipments"]["inbound"]["displayId"]
        await tour.ask("GetOrderShipment", orderNumber=number, shippingId=shipping_id)
        await tour.ask("GetOrderShipment", orderNumber=number)
        tour.simulator.ship(number)
        for _day in range(25):
            tour.simulator.advance(DAY)
            await tour.ask("GetOrders")
            await tour.ask("GetOrder", orderNumber=number)
        await tour.ask("GetHistoricalOrders")
        await tour.ask("FindById", listingId=listing_id)
    for name in ("GetOrder", "GetOrderShipment", "GetOrderShipmentDocuments"):
        await tour.ask(name)
    for name in ("GetOrders", "GetHistoricalOrders"):
        for query in ({"orderStatus": "MISLAID"}, {"pageSize": "0"}, {"pageSize": "5", "inventoryTypes": "STANDARD"}):
            await tour.ask(name, query=query)


async def ingestion(tour: Tour) -> None:
    """Products offered to the catalog, until it is decided about them."""
    item = {"category": "sneakers", **OFFERED}
    job = await tour.ask("Ingestion", {"items": [{**item, "productTitle": f"Jordan {at}"} for at in range(12)]})
    for seconds in (0.0, 30 * DAY):
        tour.simulator.advance(seconds)
        await tour.ask("IngestionItems", ingestionId=job["ingestionId"])
    await tour.ask("IngestionItems", query={"status": "Completed"}, ingestionId=job["ingestionId"])
    await tour.ask("IngestionItems", query={"status": "Lost"}, ingestionId=job["ingestionId"])
    await tour.ask("IngestionItems")
    for items in ([], [{"category": "sneakers"}], [{**item, "category": "boats"}]):
        await tour.ask("Ingestion", {"items": items})
