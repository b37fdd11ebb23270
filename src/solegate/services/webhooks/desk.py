"""Everything about an account's webhooks, in one hand."""

from __future__ import annotations

from dataclasses import dataclass

from solegate.services.webhooks.inbox import WebhookInbox
from solegate.services.webhooks.processing import InboxSteps
from solegate.services.webhooks.sources import WebhookSources


@dataclass(frozen=True, slots=True)
class Webhooks:
    """The webhooks that come in for one account.

    Attributes:
        sources: who may send something.
        inbox: what came, and what became of it.
        steps: process it.
    """

    sources: WebhookSources
    inbox: WebhookInbox
    steps: InboxSteps
