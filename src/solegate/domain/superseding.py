"""One planned write per listing: a newer wish takes the place of an older one before that costs a request (design 4.6).

The last writer wins, field by field: what the newer one leaves open is kept from the older one. A wish that would be
lost by that is refused instead, and asked for again once the older one is settled.
"""

from __future__ import annotations

from dataclasses import replace

from solegate.domain.intents import Action, Intent

_KEPT = {
    (Action.UPDATE, Action.UPDATE): Action.UPDATE,
    (Action.UPDATE, Action.ACTIVATE): Action.ACTIVATE,
    (Action.ACTIVATE, Action.UPDATE): Action.ACTIVATE,
    (Action.ACTIVATE, Action.ACTIVATE): Action.ACTIVATE,
    (Action.DEACTIVATE, Action.DEACTIVATE): Action.DEACTIVATE,
    (Action.DEACTIVATE, Action.ACTIVATE): Action.ACTIVATE,
    (Action.ACTIVATE, Action.DEACTIVATE): Action.DEACTIVATE,
}
"""What two wishes come to together, the older one first. A DELETE takes the place of every other."""


def superseding(older: Intent, newer: Intent) -> Intent | None:
    """The wish that takes the place of both; `None` where one of them would be lost."""
    if newer.action is Action.DELETE:
        return newer
    action = _KEPT.get((older.action, newer.action))
    if action is None:
        return None
    if action is Action.DEACTIVATE or older.action is Action.DEACTIVATE:
        return replace(newer, action=action)
    return replace(
        newer,
        action=action,
        price=newer.price or older.price,
        expires_at=newer.expires_at or older.expires_at,
        active=True if action is Action.ACTIVATE else newer.active,
    )
