"""What an engine is to the rest: something that does the steps of due tasks until it is told to stop."""

from __future__ import annotations

from typing import Protocol


class Engine(Protocol):
    """Does the steps of due tasks. `LocalLoop` and `DbosEngine` are engines."""

    async def run(self) -> None:
        """Do steps until `drain` is called; cancelled, give every lease back and end."""
        ...

    def drain(self) -> None:
        """Take nothing new, let `run` end with the steps that run now, within its time of grace."""
        ...

    def wake(self) -> None:
        """Look for work now."""
        ...
