"""The StockX client, usable alone: `from solegate import StockXService`."""
