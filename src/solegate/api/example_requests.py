"""What is sent in the example of each operation; the tests send it.

`{names}` stand for things of the world that the examples are from (`examples.json` has what they were called there).
An operation that is not here takes nothing but what is in its path.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

Json = Any
"""A JSON value."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What is sent.

    Attributes:
        path: values of the path's parameters, where they are not those of `PATH`.
        query: its parameters.
        headers: besides the API key.
        body: JSON; of a form its fields.
        status: what comes back.
    """

    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Json] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Json = None
    status: int = 200


PATH: Mapping[str, str] = MappingProxyType(
    {
        "productId": "{product}",
        "listingId": "{listing}",
        "orderNumber": "{order}",
        "writeId": "{write}",
        "jobId": "{job}",
        "keyId": "{key}",
        "name": "{source}",
        "source": "{source}",
        "webhookId": "{webhook}",
        "subscriberId": "{subscriber}",
        "eventId": "{event}",
        "watchId": "{watch}",
        "account": "{account}",
    }
)
"""What the parameters of paths are called with."""

NOTHING = Sent()
REQUESTS: Mapping[str, Sent] = MappingProxyType(
    {
        "searchStockx": Sent(query={"query": "{sku}", "brand": "Nike", "pageSize": 2}),
        "enrichProduct": Sent(body={"sku": "{sku}", "currency": "EUR"}),
        "getMarketData": Sent(query={"currencyCode": "EUR", "maxAge": 3600}),
        "listMarketDataHistory": Sent(query={"variantId": "{variant}", "interval": "day", "limit": 30}),
        "listListings": Sent(query={"status": "ACTIVE", "styleId": "{sku}", "sort": "-amount", "limit": 2}),
        "getListing": Sent(query={"maxAge": 0}),
        "createListing": Sent(
            query={"wait": 30},
            body={"sku": "{sku}", "size": "US M 9", "price": "150", "currency": "EUR", "unit": "shelf 12"},
            status=201,
        ),
        "updateListing": Sent(query={"wait": 30}, body={"price": "145", "currency": "EUR"}),
        "activateListing": Sent(
            path={"listingId": "{draft}"}, query={"wait": 30}, body={"price": "185", "currency": "EUR"}
        ),
        "deactivateListing": Sent(path={"listingId": "{otherListing}"}, query={"wait": 30}),
        "deleteListing": Sent(path={"listingId": "{spareListing}"}, query={"wait": 30}),
        "listWrites": Sent(query={"listingId": "{listing}", "limit": 2}),
        "cancelWrite": Sent(path={"writeId": "{plannedWrite}"}),
        "listAudit": Sent(query={"writeId": "{write}", "limit": 2}),
        "listJobs": Sent(query={"state": "DONE", "limit": 2}),
        "startJob": Sent(
            body={
                "kind": "create",
                "name": "autumn",
                "rows": [{"sku": "{sku}", "size": "US M 10", "price": 150, "unit": "box 12"}],
            },
            status=202,
        ),
        "uploadJob": Sent(
            body={"kind": "create", "file": "sku,size,price,unit\n{sku},US M 11,160,box 14\n"}, status=202
        ),
        "listJobRows": Sent(path={"jobId": "{failedJob}"}, query={"state": "FAILED"}),
        "getJobReport": Sent(path={"form": "csv"}),
        "pauseJob": Sent(path={"jobId": "{waitingJob}"}),
        "resumeJob": Sent(path={"jobId": "{pausedJob}"}),
        "cancelJob": Sent(path={"jobId": "{spareJob}"}),
        "retryJob": Sent(path={"jobId": "{failedJob}"}, status=202),
        "undoJob": Sent(status=202),
        "runSync": Sent(path={"name": "listings"}, status=202),
        "getOrderDeadlines": Sent(query={"withinHours": 48}),
        "listOrders": Sent(query={"active": True, "needsLabel": False, "sort": "shipBy", "limit": 2}),
        "getOrder": Sent(query={"maxAge": 0}),
        "listPayouts": Sent(query={"state": "expected", "limit": 2}),
        "estimatePayout": Sent(query={"price": "150", "currency": "EUR", "level": 3}),
        "createKey": Sent(body={"name": "till 2", "scope": "write", "expires": "90d"}, status=201),
        "revokeKey": Sent(path={"keyId": "{spareKey}"}),
        "receiveWebhook": Sent(
            headers={"Authorization": "Bearer {bridgeSecret}"},
            body={"event_type": "order.shipped", "data": {"order_id": "{order}", "status": "SHIPPED"}},
        ),
        "addSource": Sent(body={"name": "shop", "kind": "standard"}, status=201),
        "rotateSource": Sent(path={"name": "{spareSource}"}, body={"overlapHours": 24}),
        "removeSource": Sent(path={"name": "{goneSource}"}),
        "replayWebhook": Sent(status=202),
        "searchProducts": Sent(
            query={"text": "dunk", "brand": "Nike", "askMax": "500", "currency": "EUR", "sort": "lowestAsk", "limit": 2}
        ),
        "listEvents": Sent(query={"type": "order.created", "limit": 2}),
        "followEvents": Sent(query={"type": "order.created"}),
        "createWatch": Sent(
            body={
                "productId": "{product}",
                "variantId": "{variant}",
                "price": "lowest_ask",
                "direction": "above",
                "amount": "400",
                "currency": "EUR",
                "note": "Sell the pair in box 12.",
            },
            status=201,
        ),
        "removeWatch": Sent(path={"watchId": "{goneWatch}"}, status=204),
        "addSubscriber": Sent(body={"url": "{receiver}", "types": ["order.*"], "name": "shop"}, status=201),
        "removeSubscriber": Sent(path={"subscriberId": "{goneSubscriber}"}),
        "resumeSubscriber": Sent(path={"subscriberId": "{pausedSubscriber}"}),
        "rotateSubscriberSecret": Sent(body={"overlapHours": 24}),
        "redeliver": Sent(body={"eventId": "{event}"}, status=202),
        "listDeliveries": Sent(query={"subscriberId": "{subscriber}", "limit": 2}),
        "addAccount": Sent(
            body={"account": "second-shop", "clientId": "id", "clientSecret": "secret", "apiKey": "key"}, status=201
        ),
        "finishLogin": Sent(query={"state": "{loginState}", "code": "{loginCode}"}),
        "removeAccount": Sent(path={"account": "{goneAccount}"}),
        "rotateAccountKeys": Sent(path={"account": "{otherAccount}"}, body={"apiKey": "the-new-key-from-the-portal"}),
        "beginLogin": Sent(path={"account": "{otherAccount}"}, body={"returnTo": "/docs"}, status=201),
        "stopWrites": Sent(body={"reason": "The price file is wrong."}),
    }
)
"""By operation. The tests send them in this order, after those that are not here."""
