"""One line of the audit trail as a value: who or which rule did what, why, on what evidence, with which result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """Something that happened to an intent, or to a listing.

    Attributes:
        at: when, by the database's clock.
        account: whose.
        intent_id, listing_id, job_id: what it is about.
        actor: who: a person, a rule, a job.
        what: what was done, such as `SENT` or `released`.
        why: the reason, in words.
        evidence: what was seen that led to it, such as ids, statuses and amounts; never a secret.
        result: what came of it.
    """

    at: datetime
    account: str
    intent_id: str | None = None
    listing_id: str | None = None
    job_id: str | None = None
    actor: str = ""
    what: str
    why: str = ""
    evidence: Mapping[str, object] = field(default_factory=dict)
    result: str = ""
