"""Callers with API keys at the door of a started application."""

from __future__ import annotations

import re
from typing import cast

from solegate.bootstrap import House
from solegate.domain.keys import Scope
from support.api import RunningApi

UNKNOWN = "sg_000000000000_" + 43 * "A"
"""What looks like a key and is nobody's."""
KEYS, WRITES, STOP = "/api/v1/keys", "/api/v1/writes", "/api/v1/guard/stop"


def bearer(key: str, **more: str) -> dict[str, str]:
    """The headers of a request with a key."""
    return {"Authorization": f"Bearer {key}"} | more


def concrete(path: str) -> str:
    """A path of a template; what it names does not exist."""
    return re.sub(r"{\w+}", "x", path)


def house_behind(door: RunningApi) -> House:
    """Everything behind the door."""
    return cast("House", door.app.state.house)


async def key_of(
    door: RunningApi,
    scope: Scope = Scope.ADMIN,
    *,
    name: str = "test",
    account: str | None = None,
    per_minute: int = 600,
    expires: str | None = None,
) -> str:
    """A new key."""
    keys = house_behind(door).keys
    made = await keys.create(name, scope=scope, account=account, per_minute=per_minute, expires=expires, actor="test")
    return made.text
