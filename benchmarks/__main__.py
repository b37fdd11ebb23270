"""Run every benchmark, or those named: `python -m benchmarks [guarantees] [call_cost] [cache] [limits] ...`."""

from __future__ import annotations

import sys

from benchmarks import (
    accounts,
    bulk,
    cache,
    call_cost,
    guarantees,
    inbox,
    limits,
    practice,
    search,
    shared,
    sharing,
    steps,
)
from benchmarks.table import Row, publish

BENCHMARKS = {
    "guarantees": guarantees.measure,
    "call_cost": call_cost.measure,
    "cache": cache.measure,
    "limits": limits.measure,
    "shared": shared.measure,
    "sharing": sharing.measure,
    "steps": steps.measure,
    "bulk": bulk.measure,
    "inbox": inbox.measure,
    "search": search.measure,
    "practice": practice.measure,
    "accounts": accounts.measure,
}


def main(names: list[str]) -> int:
    """Measure, print, and say by the exit code whether every claim holds."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are: {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    rows: list[Row] = []
    for name in names or BENCHMARKS:
        print(f"measuring {name} ...", file=sys.stderr)
        rows += BENCHMARKS[name]()
    publish(rows)
    return 1 if any(row.holds is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
