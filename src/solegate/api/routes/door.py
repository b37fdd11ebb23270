"""The door for webhooks. No API key opens it: each source proves itself in its own way."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from solegate.api.dependencies import House
from solegate.api.openapi import problems
from solegate.api.schemas.webhooks import ReceiptOut
from solegate.domain.webhooks import values

router = APIRouter(tags=["webhooks"])

SourceName = Annotated[str, Path(description="Name of the source.", examples=["shop"])]


@router.post(
    "/webhooks/{source}",
    operation_id="receiveWebhook",
    summary="Take a webhook in",
    responses=problems(400, 401, 409, 413, 500, 503),
    openapi_extra={
        "requestBody": {
            "description": "Whatever the source sends, of at most 256 KiB.",
            "content": {"*/*": {"schema": {}}},
        }
    },
)
async def receive_webhook(house: House, request: Request, source: SourceName) -> ReceiptOut:
    """For the sources that were added (`POST /api/v1/webhooks/sources`), which sign what they send; no API key opens
    it. It is kept and processed a moment later. What comes twice is answered alike and done once; an unknown source and
    a wrong signature are answered alike as well. After 503 it is to be sent again.
    """  # noqa: D205 - shown as a paragraph in the API's documentation
    body = await _bounded(request)
    return ReceiptOut(status=await house.door.take(source, values.Request(tuple(request.headers.items()), body)))


async def _bounded(request: Request) -> bytes:
    """The body, as it came.

    Raises:
        HTTPException: it is too large, or its sender has gone away.
    """
    too_large = HTTPException(413, f"A webhook has at most {values.LARGEST_BODY} bytes.")
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > values.LARGEST_BODY:
        raise too_large
    body = bytearray()
    try:
        async for part in request.stream():
            body += part
            if len(body) > values.LARGEST_BODY:
                raise too_large
    except ClientDisconnect:
        raise HTTPException(400, "The webhook ended too early.") from None
    return bytes(body)
