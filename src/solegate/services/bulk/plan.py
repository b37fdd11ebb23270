"""From the rows of a job to its draft: under which key, checked, and what it will cost."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from solegate.client.inputs import LISTING_CURRENCIES, checked_currency
from solegate.client.limiter import LimitStatus
from solegate.client.policy.quota import next_reset, quota_day
from solegate.client.service import StockXService
from solegate.clock import Clock
from solegate.db import Database
from solegate.db.repositories.jobs import JobRepository
from solegate.domain.job_plan import Allowance, JobPlan, Limits, plan_job
from solegate.domain.jobs import Job, JobKind
from solegate.domain.payout import SellerTerms
from solegate.errors import InvalidInputError
from solegate.services.bulk.checks import Checked, RowChecks
from solegate.services.bulk.rows import RowSource
from solegate.services.bulk.sizes import OnLookup

LONGEST_KEY = 200
"""Characters of a caller's key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOptions:
    """How a job is drafted.

    Attributes:
        currency: of prices that name none; the account's unless given.
        skip_invalid: keep rows that cannot be done as failed ones, and do the others.
        most_asked: style codes StockX may be asked about at most; `None` for any number.
        on_lookup: hears how many of how many were asked about.
    """

    currency: str | None = None
    skip_invalid: bool = False
    most_asked: int | None = None
    on_lookup: OnLookup | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A job that is not stored yet.

    Attributes:
        account: whose.
        kind: what it does.
        key: under which it is started once.
        name: of its file, for people.
        currency: of prices that name none.
        fingerprint: of its rows.
        checked: its rows; none when it exists already.
        plan: what it will cost.
        skip_invalid: whether it may be started although some rows cannot be done.
        warnings: what was not read, for people.
        existing: the job that was started under this key before.
    """

    account: str
    kind: JobKind
    key: str
    name: str
    currency: str
    fingerprint: str
    checked: Checked
    plan: JobPlan
    skip_invalid: bool = False
    warnings: tuple[str, ...] = ()
    existing: Job | None = None

    @property
    def is_refused(self) -> bool:
        """Whether it cannot be started as it is."""
        usable = self.checked.rows and (self.skip_invalid or not self.checked.refused)
        return self.existing is None and not usable


class JobPlanner:
    """Drafts jobs of one account.

    Args:
        database: knows the jobs that were started before.
        checks: looks at the rows.
        stockx: knows the limits.
        clock: tells what has passed.
        account: whose jobs.
        currency: of prices that name none.
        terms: the seller's, for payout estimates.
    """

    def __init__(
        self,
        database: Database,
        checks: RowChecks,
        stockx: StockXService,
        *,
        clock: Clock,
        account: str,
        currency: str,
        terms: SellerTerms,
    ) -> None:
        self._database = database
        self._checks = checks
        self._stockx = stockx
        self._clock = clock
        self._account = account
        self._currency = currency
        self._terms = terms

    async def draft(
        self,
        kind: JobKind,
        source: RowSource,
        options: JobOptions,
        *,
        key: str | None = None,
        salt: str = "",
        name: str = "",
    ) -> Draft:
        """Check the rows of a job and plan it; nothing is stored.

        Args:
            kind: what it does.
            source: its rows.
            options: how.
            key: the caller's; unless given, the same rows make the same job.
            salt: tells jobs of the same rows apart.
            name: for people; the file's unless given.

        Raises:
            InvalidInputError: there are no rows, the key belongs to another job, or StockX has no such currency.
            StockXError: StockX could not be asked about a style code.
        """
        currency = _checked_currency(kind, options.currency or self._currency)
        if key is not None and not 1 <= len(key) <= LONGEST_KEY:
            raise InvalidInputError(f"A key has 1 to {LONGEST_KEY} characters; this one has {len(key)}.")
        reading = await self._checks.read(kind, source, currency=currency, now=self._clock.now())
        key = key or key_of(kind, self._account, reading.fingerprint, currency, salt)
        async with self._database.reading() as session:
            existing = await JobRepository(session).find_by_key(self._account, key)
        if existing is not None and existing.options.get("fingerprint") != reading.fingerprint:
            raise InvalidInputError(f"The key '{key}' belongs to job {existing.id}, which has other rows.")
        if existing is None:
            checked = await self._checks.check(
                reading,
                skip_invalid=options.skip_invalid,
                most_asked=options.most_asked,
                on_lookup=options.on_lookup,
            )
        else:
            checked = Checked(kind)
        return Draft(
            account=self._account,
            kind=kind,
            key=key,
            name=name or source.name,
            currency=currency,
            fingerprint=reading.fingerprint,
            checked=checked,
            plan=plan_job(kind, checked.rows, self.limits(), self._terms),
            skip_invalid=options.skip_invalid,
            warnings=source.warnings,
            existing=existing,
        )

    def limits(self) -> Limits:
        """What StockX's limits leave now, as far as this process knows."""
        return limits_of(self._stockx.limits(), self._clock.now())


def _checked_currency(kind: JobKind, code: str) -> str:
    """The currency of prices that name none, or of an enrichment's market data.

    Raises:
        InvalidInputError: StockX has no such thing in this currency.
    """
    if kind is JobKind.ENRICH:
        return checked_currency(code)
    currency = code.strip().upper()
    if currency not in LISTING_CURRENCIES:
        raise InvalidInputError(f"StockX lists nothing in '{code}'; one of {', '.join(LISTING_CURRENCIES)}.")
    return currency


def key_of(kind: JobKind, account: str, fingerprint: str, currency: str, salt: str = "") -> str:
    """The key of a job for which the caller gave none: the same rows in the same order make the same job."""
    said = json.dumps([kind.value, account, fingerprint, currency, salt])
    return f"rows:{hashlib.sha256(said.encode()).hexdigest()}"


def limits_of(status: LimitStatus, now: datetime) -> Limits:
    """The limiter's state as what a plan counts with."""
    until_reset = (next_reset(quota_day(now)) - now).total_seconds()
    profile, items = status.profile, status.profile.items
    requests = Allowance(
        capacity=profile.capacity,
        period=profile.capacity / status.rate if status.rate else profile.period,
        left=status.left,
        per_day=profile.per_day,
        until_reset=until_reset,
    )
    if items is None:
        return Limits(requests, Allowance(capacity=None, until_reset=until_reset))
    return Limits(
        requests,
        Allowance(
            capacity=items.capacity,
            period=items.period,
            left=status.items_left,
            per_day=items.per_day,
            until_reset=until_reset,
        ),
    )
