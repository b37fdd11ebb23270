"""Who wants what comes over HTTP, and by which key it is found again."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from solegate.api.dependencies import Actor
from solegate.api.idempotency import CallerKey
from solegate.services.ledger import Origin


async def _origin(actor: Actor, key: CallerKey) -> Origin:
    return Origin(actor=actor, cause="asked for over HTTP", caller_key=key)


Asked = Annotated[Origin, Depends(_origin)]
"""Type of a route's parameter: who wants a change."""
