"""Everything about telling subscribers, in one hand."""

from __future__ import annotations

from dataclasses import dataclass

from solegate.services.deliveries.log import DeliveryLog
from solegate.services.deliveries.sending import Deliverer
from solegate.services.deliveries.subscribers import Subscribers


@dataclass(frozen=True, slots=True)
class Telling:
    """How subscribers of one account are told.

    Attributes:
        subscribers: who they are.
        deliveries: what became of each delivery.
        deliverer: sends.
    """

    subscribers: Subscribers
    deliveries: DeliveryLog
    deliverer: Deliverer
