"""What `StockXService` can do, one file per thing. Each class adds the methods of its thing to the service."""
