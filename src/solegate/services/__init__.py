"""Use cases: the order of steps, one class per thing."""
