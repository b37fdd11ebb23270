"""What was looked up is remembered for some seconds, and never too much of it."""

from __future__ import annotations

from solegate.services.remembered import Remembered
from support.api import JumpClock


async def test_a_value_is_looked_up_again_when_it_is_too_old_amended_or_forgotten() -> None:
    clock, asked = JumpClock(), []

    async def load(name: str) -> int:
        asked.append(name)
        return len(asked)

    known = Remembered(load, clock=clock, most=10)
    assert [await known.get("a", max_age=5) for _ in range(3)] == [1, 1, 1]
    clock.advance(4)
    known.amend("a", 7)
    known.amend("never asked for", 8)
    assert await known.get("a", max_age=5) == 7
    assert await known.get("a", max_age=3) == 2
    clock.advance(5)
    assert await known.get("a", max_age=5) == 3
    known.forget("a")
    assert await known.get("a", max_age=5) == 4
    assert await known.get("never asked for", max_age=5) == 5


async def test_of_too_many_the_one_looked_up_longest_ago_is_forgotten() -> None:
    asked = []

    async def load(name: str) -> str:
        asked.append(name)
        return name

    known = Remembered(load, clock=JumpClock(), most=2)
    for name in ("a", "b", "c", "b", "c", "a"):
        assert await known.get(name, max_age=60) == name

    assert asked == ["a", "b", "c", "a"]
