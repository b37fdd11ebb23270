"""Reading a long list while it changes: nothing twice, nothing missed, and an end (done-when of issue 3)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solegate.client.operations.rows import Page, Position, Rows
from solegate.client.policy.paging import LIST_PAGE_SIZE, Window, pages_for
from solegate.errors import InvalidInputError

Change = tuple[str, int, int]
"""What happens between two reads: insert or delete, where (per mille of the list), how many rows."""

CHANGES = st.tuples(st.sampled_from(["insert", "delete"]), st.integers(0, 1_000), st.integers(1, 150))


class ChangingList:
    """A list in a fixed order that changes before each read as its script says, and pages like StockX."""

    def __init__(self, size: int, script: Sequence[Sequence[Change]] = (), largest: int = LIST_PAGE_SIZE) -> None:
        self.rows = [f"row-{number}" for number in range(size)]
        self.throughout = set(self.rows)
        self.reads: list[Window] = []
        self._script = iter(script)
        self._largest = largest
        self._new: Iterator[int] = iter(range(10**9))

    async def fetch(self, window: Window) -> Page[str]:
        for kind, where, count in next(self._script, ()) if self.reads else ():
            self._change(kind, where * len(self.rows) // 1_000, count)
        self.reads.append(window)
        size = min(window.size, self._largest)
        start = (window.page - 1) * size
        return Page(self.rows[start : start + size], start + size < len(self.rows), len(self.rows))

    def _change(self, kind: str, place: int, count: int) -> None:
        if kind == "insert":
            self.rows[place:place] = [f"new-{next(self._new)}" for _ in range(count)]
        else:
            self.throughout.difference_update(self.rows[place : place + count])
            del self.rows[place : place + count]


def read(
    fetch: Callable[[Window], Awaitable[Page[str]]], *, limit: int | None = None, resume: Position | None = None
) -> tuple[list[str], Position]:
    async def story() -> tuple[list[str], Position]:
        rows = Rows(fetch, str, limit=limit, resume=resume)
        return [row async for row in rows], rows.position

    return asyncio.run(story())


@given(st.integers(0, 700), st.lists(st.lists(CHANGES, max_size=3), max_size=25))
def test_what_was_there_throughout_is_read_once_however_the_list_changes(size: int, script: list[list[Change]]) -> None:
    changing = ChangingList(size, script)

    found, _ = read(changing.fetch)

    assert len(found) == len(set(found))
    assert changing.throughout <= set(found)


@given(st.integers(0, 500), st.lists(st.lists(CHANGES, max_size=2), max_size=20), st.integers(1, 120))
def test_reading_in_pieces_with_a_kept_position_is_reading(size: int, script: list[list[Change]], piece: int) -> None:
    changing = ChangingList(size, script)
    found: list[str] = []
    position = Position()

    while True:
        more, position = read(changing.fetch, limit=piece, resume=Position.from_json(position.to_json()))
        found += more
        if len(more) < piece:
            break

    assert len(found) == len(set(found))
    assert changing.throughout <= set(found)


@given(st.integers(0, 500), st.lists(st.lists(CHANGES, max_size=2), max_size=20))
def test_reading_page_by_page_with_a_position_kept_after_each_is_reading(size: int, script: list[list[Change]]) -> None:
    changing = ChangingList(size, script)

    async def story() -> list[str]:
        found: list[str] = []
        rows = Rows(changing.fetch, str)
        while not rows.done:
            rows = Rows(changing.fetch, str, resume=rows.position)
            found += await rows.next_page()
        return found

    found = asyncio.run(story())

    assert len(found) == len(set(found))
    assert changing.throughout <= set(found)


@pytest.mark.parametrize("rows", [0, 1, 99, 100, 101, 250, 1_000, 4_321])
def test_the_requests_of_a_quiet_list_are_known_beforehand(rows: int) -> None:
    quiet = ChangingList(rows)

    read(quiet.fetch)

    assert len(quiet.reads) == pages_for(rows)


@pytest.mark.parametrize(("rows", "requests"), [(0, 1), (1, 1), (100, 1), (101, 2), (1_000, 11), (10_000, 114)])
def test_a_quiet_list_costs_few_requests_more_than_plain_paging(rows: int, requests: int) -> None:
    quiet = ChangingList(rows)

    found, _ = read(quiet.fetch)

    assert found == quiet.rows
    assert len(quiet.reads) <= requests


@pytest.mark.parametrize("deleted", [1, 10, 100, 600])
def test_stepping_back_over_deleted_rows_takes_few_requests(deleted: int) -> None:
    nothing: list[list[Change]] = [[]] * 6
    changing = ChangingList(1_000, [*nothing, [("delete", 0, deleted)]])

    found, _ = read(changing.fetch)

    assert changing.throughout <= set(found)
    assert len(changing.reads) <= 11 + 20


def test_rows_inserted_faster_than_a_page_do_not_stop_the_reading() -> None:
    changing = ChangingList(300, [[("insert", 0, 150)]] * 10)

    found, _ = read(changing.fetch)

    assert changing.throughout <= set(found)


def test_smaller_pages_than_asked_for_lose_nothing() -> None:
    small = ChangingList(260, largest=50)

    found, _ = read(small.fetch)

    assert found == small.rows


def test_a_server_that_always_promises_more_is_left() -> None:
    asked: list[Window] = []

    async def broken(window: Window) -> Page[str]:
        asked.append(window)
        return Page([f"row-{number}" for number in range(window.size)], has_next=True, count=LIST_PAGE_SIZE)

    found, _ = read(broken)

    assert len(found) == LIST_PAGE_SIZE
    assert len(asked) == 2


def test_a_server_that_promises_more_and_gives_nothing_is_left() -> None:
    asked: list[Window] = []

    async def empty(window: Window) -> Page[str]:
        asked.append(window)
        return Page([], has_next=True, count=0)

    assert read(empty) == ([], Position())
    assert len(asked) == 1


@pytest.mark.parametrize("limit", [0, 1, 99, 100, 101, 250])
def test_no_more_than_the_limit_is_read(limit: int) -> None:
    quiet = ChangingList(250)

    found, _ = read(quiet.fetch, limit=limit)

    assert found == quiet.rows[:limit]
    assert len(quiet.reads) <= -(-limit // 80)


def test_a_position_survives_being_kept() -> None:
    _, position = read(ChangingList(250).fetch, limit=120)

    assert Position.from_json(position.to_json()) == position


@pytest.mark.parametrize("text", ["", "nonsense", "[]", "{}", '{"end": "x", "seen": []}', '{"end": 5}', "null"])
def test_what_is_no_position_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError, match="position"):
        Position.from_json(text)


def test_a_negative_limit_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        Rows(ChangingList(1).fetch, str, limit=-1)
