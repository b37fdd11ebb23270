"""What goes over the wire: answers and bodies as StockX writes them. Pure functions from values to bytes."""
