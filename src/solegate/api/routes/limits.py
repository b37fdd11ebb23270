"""What StockX permits, what is used of it, who used it, and how the day will go on."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from solegate.api.dependencies import Opened
from solegate.api.openapi import problems
from solegate.api.schemas.limits import LimitsOut

router = APIRouter(prefix="/api/v1", tags=["limits"])


@router.get("/limits", operation_id="getLimits", summary="What is used, left and to come", responses=problems(422, 503))
async def get_limits(
    services: Opened,
    day: Annotated[date | None, Query(description="A UTC day; today if left out.", examples=["2026-01-01"])] = None,
) -> LimitsOut:
    """The rate in force, the day's quota, who used it, and what it will be at 24:00 UTC. StockX is asked nothing."""
    return LimitsOut.of(await services.limits.of(day))
