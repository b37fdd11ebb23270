"""Search over the local catalog, with StockX behind it where freshness is asked for."""
