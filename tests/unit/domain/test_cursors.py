"""Cursors come back as they were given, and anything else is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solegate.domain.cursors import cursor_of, read_cursor
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
