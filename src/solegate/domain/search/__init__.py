"""Search over the local catalog: words, queries, and what a product looks like to them. Pure."""
