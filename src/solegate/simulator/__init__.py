"""The practice StockX: stateful, seeded, strict. It imports nothing of the product it tests."""
