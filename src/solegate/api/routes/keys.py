"""API keys over HTTP, for who has a key with the scope `admin`.

Who has one for one account alone sees, makes and revokes keys of that account, and knows of no others.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from solegate.api.dependencies import Actor, House, Reach
from solegate.api.idempotency import CallerKey
from solegate.api.openapi import CHANGE_FAILURES, problems
from solegate.api.parameters import Cursor, Limit
from solegate.api.schemas.base import ID_PATTERN
from solegate.api.schemas.keys import KeyMadeOut, KeyOut, KeysOut, NewKeyIn
from solegate.errors import NoSuchAccountError

router = APIRouter(prefix="/api/v1/keys", tags=["keys"])

KeyId = Annotated[str, Path(alias="keyId", pattern=ID_PATTERN, description="Id of the key.")]


@router.get("", operation_id="listKeys", summary="Every API key, newest first", responses=problems(404, 422, 503))
async def list_keys(house: House, reach: Reach, *, cursor: Cursor = None, limit: Limit = 50) -> KeysOut:
    """Those that open nothing any more included; no secret is in it. With a key of one account, that account's."""
    now = house.clock.now()
    page = await house.keys.page(account=reach, cursor=cursor, limit=limit)
    return KeysOut(items=tuple(KeyOut.of(each, now) for each in page.rows), next_cursor=page.next_cursor)


@router.post(
    "",
    operation_id="createKey",
    summary="Make an API key",
    status_code=201,
    responses=problems(404, *CHANGE_FAILURES, 503),
)
async def create_key(house: House, actor: Actor, reach: Reach, *, wanted: NewKeyIn, response: Response) -> KeyMadeOut:
    """The answer holds the key, this once: it is kept nowhere. So this takes no `Idempotency-Key`. A key of one account
    makes keys of that account.
    """  # noqa: D205 - shown as a paragraph in the API's documentation
    account = wanted.account or reach
    if reach not in {None, account}:
        raise NoSuchAccountError(f"There is no account '{account}' for this key.")
    if account is not None:
        await house.of(account)
    new = await house.keys.create(
        wanted.name,
        scope=wanted.scope,
        account=account,
        per_minute=wanted.per_minute,
        expires=wanted.expires,
        actor=actor,
    )
    response.headers["Location"] = f"/api/v1/keys/{new.key.id}"
    return KeyMadeOut.made(new, house.clock.now())


@router.get("/{keyId}", operation_id="getKey", summary="One API key", responses=problems(404, 422, 503))
async def get_key(house: House, reach: Reach, key_id: KeyId) -> KeyOut:
    """What it may do, and when it was used last."""
    return KeyOut.of(await house.keys.get(key_id, account=reach), house.clock.now())


@router.delete(
    "/{keyId}", operation_id="revokeKey", summary="Revoke an API key", responses=problems(404, *CHANGE_FAILURES, 503)
)
async def revoke_key(house: House, reach: Reach, key_id: KeyId, _key: CallerKey) -> KeyOut:
    """It opens nothing any more: in this process at once, in others within five seconds. It stays on the list."""
    return KeyOut.of(await house.keys.revoke(key_id, account=reach), house.clock.now())
