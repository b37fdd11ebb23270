"""Seven places where it strikes single writes: nothing is listed twice, nothing is lost, the unknown is resolved."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.seeds import blocks, named
from support.ledger import Trouble, story

MOST_ROUNDS = 3


@pytest.mark.timeout(600)
@pytest.mark.parametrize("block", blocks(2), ids=named)
@pytest.mark.parametrize("trouble", Trouble)
def test_no_pair_is_listed_twice_and_no_write_is_lost(
    trouble: Trouble, block: range, tmp_path: Path, sqlite_template: Path
) -> None:
    for seed in block:
        told = story(trouble, seed, tmp_path, sqlite_template)
        repeat = f"CHAOS_FIRST={seed} CHAOS_SEEDS=1 make chaos"
        assert (told.doubles, told.lost, told.unresolved) == (0, (), 0), f"{repeat}: {told}"
        assert told.told_wrong == (), f"{repeat}: {told}"
        assert told.rounds <= MOST_ROUNDS, f"{repeat}: {told}"
