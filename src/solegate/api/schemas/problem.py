"""Errors on the wire (RFC 9457)."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from solegate.api.schemas.base import Schema
from solegate.errors import Outcome


class FieldProblem(Schema):
    """One thing that is wrong with the input."""

    field: str = Field(examples=["query.pageSize"])
    message: str


class Problem(Schema):
    """An error, as RFC 9457 wants it, with what Solegate knows besides."""

    type: str = Field(description="Stable relative URI; it describes the problem.", examples=["/problems/needs-reauth"])
    title: str
    status: int
    detail: str = ""
    instance: str | None = Field(None, description="Path of the request.")
    code: str = Field(description="Stable and machine-readable.", examples=["needs_reauth"])
    request_id: str | None = Field(None, description="Also in the header `X-Request-Id` and in the log.")
    hint: str | None = Field(None, description="What to do next.")
    outcome: Outcome | None = Field(None, description="Whether the StockX call took effect.")
    operation: str | None = Field(None, description="The StockX operation.", examples=["GetProductMarketData"])
    attempts: int | None = Field(None, description="Requests sent to StockX for it.")
    upstream_status: int | None = Field(None, description="Status of StockX's last answer.")
    retry_at: datetime | None = Field(None, description="Earliest time (UTC) at which repeating makes sense.")
    call_id: str | None = Field(None, description="The StockX call's id in the log.")
    alternatives: tuple[str, ...] | None = Field(None, description="Style codes StockX found similar, to review.")
    errors: tuple[FieldProblem, ...] | None = Field(None, description="What is wrong with which field.")
