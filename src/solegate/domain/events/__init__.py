"""What happened, as values: StockX tells nobody (FACTS 4), so Solegate works it out."""
