"""A cursor names a place in one order of one list, and nothing else does."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solegate.domain.cursors import cursor_of
from solegate.domain.order_book import OrderSort
from solegate.domain.sorting import Key, Mark, Marked, cursor_at, mark_at, page_of
from solegate.errors import NoSuchRecordError

NEWEST = OrderSort.CREATED_DESCENDING
IDS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=100)
KEYS: dict[type[Key], st.SearchStrategy[Any]] = {
    datetime: st.datetimes(timezones=st.just(UTC)),
    Decimal: st.decimals(-(10**15), 10**15, places=0),
    str: st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1),
}


@pytest.mark.parametrize("kind", KEYS)
@given(data=st.data(), row_id=IDS)
def test_a_place_comes_back_as_it_was(kind: type[Key], data: st.DataObject, row_id: str):
    mark = Mark(data.draw(st.none() | KEYS[kind]), row_id)
    assert mark_at(cursor_at(mark, NEWEST), NEWEST, kind) == mark


@pytest.mark.parametrize("kind", KEYS)
@given(text=st.text(max_size=60))
def test_any_text_is_a_place_or_refused(kind: type[Key], text: str):
    for cursor in (text, cursor_of(NEWEST.value, text, "id")):
        try:
            mark = mark_at(cursor, NEWEST, kind)
        except NoSuchRecordError:
            continue
        assert mark.key is None or isinstance(mark.key, kind)


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("0001-01-01T00:00:00+14:00", datetime),
        ("2026-01-01T00:00:00", datetime),
        ("yesterday", datetime),
        ("NaN", Decimal),
        ("Infinity", Decimal),
        ("1e400", Decimal),
        ("150 EUR", Decimal),
    ],
)
def test_what_is_no_key_of_the_list_is_refused(key: str, kind: type[Key]):
    with pytest.raises(NoSuchRecordError):
        mark_at(cursor_of(NEWEST.value, key, "id"), NEWEST, kind)


def test_a_cursor_of_another_order_is_refused():
    cursor = cursor_at(Mark(None, "id"), OrderSort.CREATED)
    with pytest.raises(NoSuchRecordError, match="in this order"):
        mark_at(cursor, NEWEST, datetime)


def test_a_page_has_a_cursor_only_if_something_comes_after_it():
    rows = tuple(Marked(number, Mark(Decimal(number), str(number))) for number in range(3))
    whole, part = page_of(rows, NEWEST, limit=3), page_of(rows, NEWEST, limit=2)
    assert (whole.rows, whole.next_cursor) == ((0, 1, 2), None)
    assert part.rows == (0, 1)
    assert part.next_cursor is not None
    assert mark_at(part.next_cursor, NEWEST, Decimal) == Mark(Decimal(1), "1")
