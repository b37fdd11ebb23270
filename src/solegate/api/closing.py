"""Ending what would go on for ever: a server that is told to stop waits for its answers, and a stream has no end."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import Depends, FastAPI, Request


def _signal(app: FastAPI) -> asyncio.Event:
    """The application's own; made when it is first wanted."""
    if not hasattr(app.state, "closing"):
        app.state.closing = asyncio.Event()
    signal: asyncio.Event = app.state.closing
    return signal


def close(app: FastAPI) -> None:
    """Let the streams end; whoever serves the application does it when it is told to stop."""
    _signal(app).set()


async def _closing(request: Request) -> asyncio.Event:
    return _signal(request.app)


Closing = Annotated[asyncio.Event, Depends(_closing)]
"""Type of a route's parameter that wants to know when the server closes."""
