"""The envelope of every list that comes in numbered pages (FACTS 1.2)."""

from __future__ import annotations

from collections.abc import Sequence

from solegate.simulator.wire.answer import Json


def list_page(name: str, rows: Sequence[Json], count: int, *, page: int, size: int) -> Json:
    """One page: `rows` under their plural name; `count` is the number of all."""
    return {
        "count": count,
        "pageSize": size,
        "pageNumber": page,
        "hasNextPage": page * size < count,
        name: rows,
    }
