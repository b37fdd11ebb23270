"""What the practice StockX remembers: tokens, counted requests, faults, events. One file per thing."""
