"""Solegate: run a StockX business through StockX's public API without tripping over it."""

__version__ = "0.1.0"
