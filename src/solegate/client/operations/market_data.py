"""Market data: what a size is offered and wanted for."""

from __future__ import annotations

from pydantic import TypeAdapter

from solegate.client.inputs import checked_currency, checked_id
from solegate.client.models.market_data import ProductMarketData, VariantMarketData
from solegate.client.operations.base import OperationGroup
from solegate.client.options import DEFAULT_OPTIONS, CallOptions, build_call
from solegate.client.policy import call as operations

_MARKET = TypeAdapter(tuple[VariantMarketData, ...])


class MarketDataOperations(OperationGroup):
    """Reads of the market; remembered for five minutes, as the configuration says."""

    async def get_market_data_from_stockx(
        self,
        product_id: str,
        currency_code: str = "EUR",
        use_cache: bool = True,
        *,
        options: CallOptions = DEFAULT_OPTIONS,
    ) -> ProductMarketData:
        """Lowest ask and highest bid of every variant of a product, in one request (guide section 6).

        Args:
            product_id: StockX product id.
            currency_code: one of the 30 market currencies. The answer's own currency may differ.
            use_cache: `False` asks StockX now; the answer is remembered all the same.
            options: lane, deadline, `max_age` and attempts.
        """
        product_id, currency = checked_id("product id", product_id), checked_currency(currency_code)
        call = build_call(
            operations.GET_PRODUCT_MARKET_DATA, options, query={"currencyCode": currency}, productId=product_id
        )

        def parse(body: bytes) -> ProductMarketData:
            variants = _MARKET.validate_json(body)
            answered = variants[0].currency_code if variants else currency
            return ProductMarketData(product_id=product_id, currency_code=answered, variants=variants)

        key = self._key(call, product_id, currency=currency)
        return await self._read(key, call, parse, self.config.market_data_freshness, options, asks_stockx=not use_cache)

    async def get_variant_market_data(
        self,
        product_id: str,
        variant_id: str,
        currency_code: str = "EUR",
        use_cache: bool = True,
        *,
        options: CallOptions = DEFAULT_OPTIONS,
    ) -> VariantMarketData:
        """The market of one variant; unlike the product call it takes your own live asks into account."""
        product_id, variant_id = checked_id("product id", product_id), checked_id("variant id", variant_id)
        currency = checked_currency(currency_code)
        call = build_call(
            operations.GET_VARIANT_MARKET_DATA,
            options,
            query={"currencyCode": currency},
            productId=product_id,
            variantId=variant_id,
        )
        return await self._read(
            self._key(call, product_id, variant_id, currency=currency),
            call,
            VariantMarketData.model_validate_json,
            self.config.market_data_freshness,
            options,
            asks_stockx=not use_cache,
        )
