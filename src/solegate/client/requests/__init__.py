"""What is asked of StockX, as values that are right by construction: bad input costs no request."""

from solegate.client.requests.ingestion import NewProduct
from solegate.client.requests.listings import ListingChange, ListingFilter, NewListing
from solegate.client.requests.orders import ActiveOrderFilter, OrderHistoryFilter, OrderSort

__all__ = [
    "ActiveOrderFilter",
    "ListingChange",
    "ListingFilter",
    "NewListing",
    "NewProduct",
    "OrderHistoryFilter",
    "OrderSort",
]
