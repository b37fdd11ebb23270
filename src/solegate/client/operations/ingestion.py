"""Catalog ingestion: offer products that StockX does not have (beta, by approval; FACTS 1.3)."""

from __future__ import annotations

from collections.abc import Sequence

from solegate.client.inputs import checked_id
from solegate.client.models.ingestion import Ingestion, IngestionItems, IngestionStatus
from solegate.client.operations.base import OperationGroup, encoded
from solegate.client.options import DEFAULT_OPTIONS, CallOptions, build_call
from solegate.client.policy import call as operations
from solegate.client.requests.ingestion import NewProduct
from solegate.errors import InvalidInputError


class IngestionOperations(OperationGroup):
    """Offer products and see what came of them."""

    async def create_catalog_ingestion(
        self, products: Sequence[NewProduct], *, options: CallOptions = DEFAULT_OPTIONS
    ) -> Ingestion:
        """Offer products. Never sent twice unless the first surely did not arrive."""
        if not products:
            raise InvalidInputError("There is no product to offer.")
        body = encoded({"items": [each.wire() for each in products]})
        call = build_call(operations.CREATE_INGESTION, options, body=body)
        return await self._send(call, Ingestion.model_validate_json, options)

    async def get_catalog_ingestion(
        self, ingestion_id: str, status: IngestionStatus | None = None, *, options: CallOptions = DEFAULT_OPTIONS
    ) -> IngestionItems:
        """What came of the products of a job, of all or of those in one state."""
        ingestion_id = checked_id("ingestion id", ingestion_id)
        query = {} if status is None else {"status": str(status)}
        call = build_call(operations.GET_INGESTION, options, query=query, ingestionId=ingestion_id)
        return await self._send(call, IngestionItems.model_validate_json, options)
