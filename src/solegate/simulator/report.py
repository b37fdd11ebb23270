"""The report: what tests assert on afterwards, counted on the server's side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from solegate.simulator.config import Limits
from solegate.simulator.state.events import EventLog
from solegate.simulator.state.faults import FaultBook
from solegate.simulator.state.limits import Moment, RequestLimiter
from solegate.simulator.state.listings import ListingBook
from solegate.simulator.state.tokens import TokenStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What happened so far.

    Attributes:
        at: virtual time of the report (UTC).
        requests: count by operation and status; status 0 stands for no answer.
        total: requests of any kind.
        refused: requests over a limit, answered 429; faults of kind `throttle` are not among them.
        limits: the limits in force now.
        busiest_window_requests: most requests in one window, accepted or not, that had passed authentication.
        busiest_window_accepted: most accepted requests in one window.
        used_today: requests counted in the current UTC day.
        code_exchanges: logins completed.
        refreshes, refused_refreshes: refresh grants given and refused.
        refresh_token_reuse: uses of a refresh token that rotation had replaced.
        faults_fired: hits by fault id.
        overfull_windows: windows in which a request was refused, however many were.
        items_refused, busiest_items, overfull_item_windows: the same of batch items: refused over a limit, most
            accepted in one window, windows with a refusal.
        listings: the account's listings by status, deleted ones too.
        orders: orders by status.
        double_asks: live asks beyond the declared units, by variant; empty where nothing was declared.
        unacknowledged: writes by operation that were carried out and whose caller was not told.
    """

    at: datetime
    requests: Mapping[str, Mapping[str, int]]
    total: int
    refused: int
    limits: Limits
    busiest_window_requests: int
    busiest_window_accepted: int
    used_today: int
    code_exchanges: int
    refreshes: int
    refused_refreshes: int
    refresh_token_reuse: int
    faults_fired: Mapping[str, int]
    overfull_windows: int
    items_refused: int
    busiest_items: int
    overfull_item_windows: int
    listings: Mapping[str, int]
    orders: Mapping[str, int]
    double_asks: Mapping[str, int]
    unacknowledged: Mapping[str, int]

    def count(self, operation: str, status: int | None = None) -> int:
        """Requests of an operation, of one status or of all."""
        by_status = self.requests.get(operation, {})
        return sum(by_status.values()) if status is None else by_status.get(str(status), 0)


def make_report(
    at: Moment,
    *,
    log: EventLog,
    limiter: RequestLimiter,
    tokens: TokenStore,
    faults: FaultBook,
    listings: ListingBook,
    units: Mapping[str, int],
) -> Report:
    """Read the counters; `units` are the pairs the account really has, by variant."""
    doubles = {variant: len(listings.live_asks(variant, at.wall)) - count for variant, count in units.items()}
    requests: dict[str, dict[str, int]] = {}
    for (operation, status), count in sorted(log.counts.items()):
        requests.setdefault(operation, {})[str(status)] = count
    return Report(
        at=at.wall,
        requests=requests,
        total=log.counts.total(),
        refused=limiter.refused,
        limits=limiter.limits,
        busiest_window_requests=limiter.busiest_arrivals,
        busiest_window_accepted=limiter.busiest_accepted,
        used_today=limiter.used_today(at),
        code_exchanges=tokens.code_exchanges,
        refreshes=tokens.refreshes,
        refused_refreshes=tokens.refused_refreshes,
        refresh_token_reuse=tokens.reuses,
        faults_fired=dict(faults.fired),
        overfull_windows=limiter.overfull.count,
        items_refused=limiter.items.refused,
        busiest_items=limiter.items.busiest,
        overfull_item_windows=limiter.items.overfull.count,
        listings=_sorted(Counter(listing.status for listing in listings.all())),
        orders=_sorted(Counter(listing.order_status for listing in listings.all() if listing.order_status)),
        double_asks={variant: count for variant, count in sorted(doubles.items()) if count > 0},
        unacknowledged=_sorted(log.unacknowledged),
    )


def _sorted(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items()))
