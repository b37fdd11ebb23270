"""Rows by style code."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, literal
from sqlalchemy.orm import InstrumentedAttribute


def carries_code(style_id: InstrumentedAttribute[str | None], code: str) -> ColumnElement[bool]:
    """Whether a style id is this code, or one of its several codes is (FACTS 1.10); case does not matter."""
    codes = func.upper(literal("/") + style_id + literal("/"))
    return codes.contains(f"/{code.strip().upper()}/", autoescape=True)
