"""How many seeds a run of chaos tries: a handful in `make test`, `CHAOS_SEEDS=1000` in `make chaos`."""

from __future__ import annotations

import os

COUNT = int(os.environ.get("CHAOS_SEEDS", "0"))
FIRST = int(os.environ.get("CHAOS_FIRST", "0"))
"""Where the seeds begin, to repeat one that failed: `CHAOS_FIRST=417 CHAOS_SEEDS=1`."""
BLOCK = 20
"""Seeds in one test, so that thousands do not make thousands of tests; the first that fails is named."""


def blocks(usual: int) -> list[range]:
    """The seeds in blocks; `usual` of them unless the environment says otherwise."""
    last = FIRST + (COUNT or usual)
    return [range(start, min(start + BLOCK, last)) for start in range(FIRST, last, BLOCK)]


def named(block: range) -> str:
    """A block as it is called in a test's name."""
    return f"seeds {block.start} to {block.stop - 1}"
