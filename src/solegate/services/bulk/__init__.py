"""Bulk jobs: rows in, a stored plan, steps, and a report (design 4.7)."""
