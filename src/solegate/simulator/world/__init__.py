"""The practice world: products, sizes, barcodes, markets. Pure functions of the seed and the time."""
