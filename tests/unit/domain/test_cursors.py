"""Cursors come back as they were given, and anything else is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solegate.domain.cursors import cursor_of, numbered_page, read_cursor, read_moment, read_number
from solegate.errors import NoSuchRecordError

PART = st.text(st.characters(exclude_categories=["C", "Z"]))


@given(st.lists(PART, min_size=1, max_size=3))
def test_a_cursor_tells_what_it_was_made_of(parts: list[str]):
    cursor = cursor_of(*parts)
    assert list(read_cursor(cursor, len(parts))) == parts
    assert cursor.replace("-", "").replace("_", "").isalnum() or cursor == ""


@pytest.mark.parametrize("cursor", [cursor_of("a", "\x00"), "a", "ä", "====", "a b", "YQ==YQ", "_w", "YQ"])
def test_what_is_no_cursor_is_refused(cursor: str):
    with pytest.raises(NoSuchRecordError):
        read_cursor(cursor, 2)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(cursor: str):
    try:
        parts = read_cursor(cursor, 1)
    except NoSuchRecordError:
        return
    assert len(parts) == 1


@pytest.mark.parametrize("text", ["", "-1", "1.0", "١٢", "1000000000", "x", "1 "])
def test_what_is_no_number_of_a_list_is_refused(text: str):
    with pytest.raises(NoSuchRecordError):
        read_number(cursor_of(text))


@pytest.mark.parametrize("text", ["", "yesterday", "2026-01-01T00:00:00", "0001-01-01T00:00:00+14:00"])
def test_what_is_no_moment_is_refused(text: str):
    with pytest.raises(NoSuchRecordError):
        read_moment(text)


def test_a_numbered_page_goes_on_behind_its_last_row():
    page = numbered_page([3, 4, 8], lambda row: row, limit=2)
    assert page.rows == (3, 4)
    assert page.next_cursor is not None
    assert read_number(page.next_cursor) == 4
    assert numbered_page([3, 4], lambda row: row, limit=2).next_cursor is None
