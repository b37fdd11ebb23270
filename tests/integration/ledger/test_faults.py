"""Seven places where it strikes single writes, on PostgreSQL; `tests/chaos` plays them on SQLite."""

from __future__ import annotations

import pytest

from support.ledger import Trouble, story_on
from support.postgres import POSTGRES_ONLY


@POSTGRES_ONLY
@pytest.mark.parametrize("trouble", Trouble)
def test_no_pair_is_listed_twice_and_no_write_is_lost(trouble: Trouble, upgraded_url: str) -> None:
    told = story_on(upgraded_url, trouble, seed=7)
    assert (told.doubles, told.lost, told.unresolved) == (0, (), 0)
    assert told.rounds <= 3
