"""Telling subscribers what happened: who they are, sending to them, and what became of it."""
