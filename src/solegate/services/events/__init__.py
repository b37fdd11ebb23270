"""Recording what happened, and telling it."""
