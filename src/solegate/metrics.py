"""Every metric, in one place, with labels from closed sets only.

The first four are the guide's, unchanged in name and label (guide section 7); `endpoint` is the route template,
never a path with ids in it, so the number of series does not grow with the catalog.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

DURATION_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
WAIT_BUCKETS = (0.001, 0.01, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class Metrics:
    """The metrics of one process, on a registry of its own so that tests and accounts never collide."""

    content_type = "text/plain; version=0.0.4; charset=utf-8"

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        self._requests()
        self._limits()
        self._mechanisms()
        self._background()
        self._deliveries()

    def _requests(self) -> None:
        on = self.registry
        self.requests = Counter(
            "stockx_requests_total",
            "Requests sent to StockX, by answer: success, rate_limited, auth_failed, error, exception.",
            ["method", "endpoint", "status"],
            registry=on,
        )
        self.request_duration = Histogram(
            "stockx_request_duration_seconds",
            "Time from sending a request to having its whole answer.",
            ["method", "endpoint"],
            buckets=DURATION_BUCKETS,
            registry=on,
        )
        self.rate_limit_hits = Counter("stockx_rate_limit_hits_total", "Requests StockX refused with 429.", registry=on)
        self.auth_failures = Counter(
            "stockx_auth_failures_total",
            "Requests StockX refused with 401, and refused token refreshes.",
            registry=on,
        )
        self.calls = Counter(
            "stockx_calls_total",
            "Calls made by the application, each after all its attempts, by result: ok or the error's code.",
            ["operation", "result"],
            registry=on,
        )
        self.retries = Counter(
            "stockx_retries_total", "Requests sent again, by reason.", ["operation", "reason"], registry=on
        )

    def _limits(self) -> None:
        on = self.registry
        self.limiter_wait = Histogram(
            "stockx_limiter_wait_seconds",
            "Time a request waited for its turn.",
            ["lane"],
            buckets=WAIT_BUCKETS,
            registry=on,
        )
        self.limiter_rate = Gauge(
            "stockx_limiter_rate_per_second",
            "Request rate in force; lower than configured after a 429.",
            registry=on,
        )
        self.quota_used = Gauge("stockx_quota_used", "Requests used of today's quota (UTC).", registry=on)
        self.quota_left = Gauge("stockx_quota_left", "Requests left of today's quota (UTC).", registry=on)

        self.items_used = Gauge("stockx_items_used", "Batch items used of today's quota (UTC).", registry=on)
        self.items_left = Gauge("stockx_items_left", "Batch items left of today's quota (UTC).", registry=on)

    def _mechanisms(self) -> None:
        on = self.registry
        self.breaker_state = Gauge(
            "stockx_breaker_state", "Circuit breaker: 0 closed, 1 half-open, 2 open.", registry=on
        )
        self.breaker_transitions = Counter(
            "stockx_breaker_transitions_total", "State changes of the breaker.", ["to"], registry=on
        )
        self.cache_results = Counter(
            "stockx_cache_results_total",
            "Cache look-ups: hit, miss, shared (second tier), stale, stale_error (StockX failing), joined, negative.",
            ["operation", "result"],
            registry=on,
        )
        self.cache_entries = Gauge("stockx_cache_entries", "Answers held in memory.", registry=on)
        self.token_refreshes = Counter(
            "stockx_token_refreshes_total", "Token refreshes: ok, rejected, failed.", ["result"], registry=on
        )
        self.needs_reauth = Gauge(
            "stockx_account_needs_reauth", "1 while the account waits for `solegate auth login`.", registry=on
        )
        self.drift = Counter(
            "stockx_drift_total",
            "Things in StockX's answers that this version does not know: unknown_field, unknown_value, error_shape.",
            ["operation", "kind"],
            registry=on,
        )
        self.enrichments = Counter(
            "solegate_enrichments_total",
            "SKUs enriched, by result: enriched, fresh, not_found, needs_review, failed.",
            ["result"],
            registry=on,
        )

    def _background(self) -> None:
        on = self.registry
        self.steps = Counter(
            "solegate_steps_total",
            "Steps of background tasks, by result: done, failed, lost (another worker took over), not_recorded.",
            ["kind", "result"],
            registry=on,
        )
        self.step_duration = Histogram(
            "solegate_step_duration_seconds",
            "Time that a step of a background task took.",
            ["kind"],
            buckets=DURATION_BUCKETS,
            registry=on,
        )

        self.writes = Counter(
            "solegate_writes_total",
            "Single writes by the state they came to, such as SENT, UNKNOWN, CONFIRMED, FAILED.",
            ["action", "state"],
            registry=on,
        )
        self.sync_runs = Counter(
            "solegate_sync_runs_total",
            "Runs of a sync that ended well, and steps that failed: ok, failed.",
            ["sync", "result"],
            registry=on,
        )
        self.sync_requests = Counter("solegate_sync_requests_total", "Requests sent by syncs.", ["sync"], registry=on)
        self.sync_succeeded = Gauge(
            "solegate_sync_last_success_timestamp_seconds",
            "When a run of a sync last ended well, in Unix seconds; its age is `time()` less this.",
            ["sync"],
            registry=on,
        )

    def _deliveries(self) -> None:
        on = self.registry
        self.deliveries = Counter(
            "solegate_deliveries_total",
            "Attempts to tell a subscriber of an event, by result: delivered, failed (tried again), dead (given up).",
            ["result"],
            registry=on,
        )
        self.oldest_delivery = Gauge(
            "solegate_oldest_pending_delivery_timestamp_seconds",
            "When the oldest delivery that still waits was put there, in Unix seconds; 0 when none waits.",
            registry=on,
        )

    def render(self) -> bytes:
        """The Prometheus text exposition of every metric."""
        return generate_latest(self.registry)


def exposition(registries: Mapping[str, CollectorRegistry]) -> bytes:
    """The Prometheus text exposition of several accounts' metrics: each sample with the label `account`.

    Every family stands there once, with the samples of all accounts, as Prometheus demands.

    Args:
        registries: of each account.
    """
    return generate_latest(_Together(registries))


class _Together(Collector):
    """Several registries as one."""

    def __init__(self, registries: Mapping[str, CollectorRegistry]) -> None:
        self._registries = registries

    def collect(self) -> Iterable[Metric]:
        families: dict[str, Metric] = {}
        for account, registry in self._registries.items():
            for family in registry.collect():
                family.samples = [each._replace(labels={**each.labels, "account": account}) for each in family.samples]
                if family.name in families:
                    families[family.name].samples += family.samples
                else:
                    families[family.name] = family
        return families.values()
