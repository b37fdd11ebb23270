"""Long lists page by page, from where the page before ended, in any order of theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, or_

from solegate.domain.sorting import Mark


@dataclass(frozen=True, slots=True)
class Keyset:
    """An order of rows.

    Attributes:
        key: what they are sorted by; rows without it come last.
        id: tells rows of the same key apart.
        descending: whether the largest comes first.
    """

    key: SQLColumnExpression[Any]
    id: SQLColumnExpression[str]
    descending: bool

    def order(self) -> tuple[ColumnElement[Any], ...]:
        """For ORDER BY. The same on both databases, which disagree about where NULL belongs."""
        if self.descending:
            return self.key.is_(None), self.key.desc(), self.id.desc()
        return self.key.is_(None), self.key.asc(), self.id.asc()

    def after(self, mark: Mark) -> ColumnElement[bool]:
        """For WHERE: rows behind a mark."""
        further = self.id < mark.id if self.descending else self.id > mark.id
        if mark.key is None:
            return and_(self.key.is_(None), further)
        beyond = self.key < mark.key if self.descending else self.key > mark.key
        return or_(beyond, and_(self.key == mark.key, further), self.key.is_(None))
