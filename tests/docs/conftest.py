"""A practice market on a socket, for what the documentation does with one."""

from __future__ import annotations

from support.cli import market

__all__ = ["market"]
