"""Products offered to the catalog: In Review, then Completed with a variant, or Rejected with a reason (FACTS 1.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from solegate.simulator.state.agenda import Agenda
from solegate.simulator.state.shelf import within
from solegate.simulator.world.dice import dice, hashed_uuid

IngestionStatus = Literal["In Review", "Completed", "Rejected"]
REVIEW_SECONDS = (600.0, 7_200.0)
REJECTED = 0.2
"""Share of products that are not taken."""
REASON = "The product images do not meet the requirements"


@dataclass(slots=True)
class IngestionItem:
    """One offered product, as it was sent."""

    input: Mapping[str, object]
    created_at: datetime
    updated_at: datetime
    status: IngestionStatus = "In Review"
    variant_id: str | None = None
    reason: str | None = None


class IngestionBook:
    """Keeps the jobs; each item is reviewed by itself."""

    def __init__(self, seed: int, agenda: Agenda) -> None:
        self._seed = seed
        self._agenda = agenda
        self._jobs: dict[str, tuple[IngestionItem, ...]] = {}

    def get(self, ingestion_id: str) -> Sequence[IngestionItem] | None:
        """The items of a job."""
        return self._jobs.get(ingestion_id)

    def create(self, inputs: Sequence[Mapping[str, object]], at: datetime) -> str:
        """A new job; returns its id."""
        ingestion_id = hashed_uuid(self._seed, "ingestion", len(self._jobs) + 1)
        items = self._jobs[ingestion_id] = tuple(IngestionItem(each, at, at) for each in inputs)
        for number, item in enumerate(items):
            self._review(item, at, ingestion_id, number)
        return ingestion_id

    def _review(self, item: IngestionItem, at: datetime, ingestion_id: str, number: int) -> None:
        wait = within(*REVIEW_SECONDS, self._seed, ingestion_id, number, "review")

        def decide(due: datetime) -> None:
            item.updated_at = due
            if dice(self._seed, ingestion_id, number, "verdict")[0] < REJECTED:
                item.status, item.reason = "Rejected", REASON
            else:
                item.status, item.variant_id = "Completed", hashed_uuid(self._seed, ingestion_id, number, "variant")

        self._agenda.at(at + timedelta(seconds=wait), decide)
