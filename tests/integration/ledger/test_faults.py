"""Seven places where it strikes, over several seeds each: nothing is listed twice, nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.ledger import Told, Trouble, story, story_on
from support.postgres import POSTGRES_ONLY

SEEDS = range(3)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("trouble", Trouble)
def test_no_pair_is_listed_twice_and_no_write_is_lost(
    trouble: Trouble, seed: int, tmp_path: Path, sqlite_template: Path
) -> None:
    told = story(trouble, seed, tmp_path, sqlite_template)
    all_is_well(told)


@POSTGRES_ONLY
@pytest.mark.parametrize("trouble", Trouble)
def test_nor_on_postgresql(trouble: Trouble, upgraded_url: str) -> None:
    all_is_well(story_on(upgraded_url, trouble, seed=7))


def all_is_well(told: Told) -> None:
    assert told.doubles == 0
    assert told.lost == ()
    assert told.unresolved == 0
    assert told.rounds <= 3
