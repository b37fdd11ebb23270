"""The command and its market."""

from __future__ import annotations

from support.cli import cli, market, new_cli

__all__ = ["cli", "market", "new_cli"]
