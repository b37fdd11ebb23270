"""Webhooks that come in: who sent them, whether that can be believed, and what they say."""
