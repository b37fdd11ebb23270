"""Whether the process lives and can do its work."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from solegate.api.schemas.base import Schema


class Alive(Schema):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Check(Schema):
    """One thing that has to be right."""

    name: str = Field(examples=["account"])
    ok: bool
    reason: str = Field("", description="What is wrong and what to do about it.")


class Readiness(Schema):
    """Whether requests can be served now, and if not, why."""

    status: Literal["ready", "degraded", "not_ready"] = Field(
        description="`degraded`: requests are served, but accounts besides the one in use wait for a login."
    )
    checks: tuple[Check, ...]
