"""Webhooks that come in: taken in at once, processed by jobs, looked at by people."""
