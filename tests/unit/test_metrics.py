"""Metrics: the guide's four as the guide names them, and labels from closed sets only."""

from __future__ import annotations

import pytest

from solegate.metrics import DURATION_BUCKETS, WAIT_BUCKETS, Metrics

LABELS = {
    "stockx_requests": {"method", "endpoint", "status"},
    "stockx_request_duration_seconds": {"method", "endpoint"},
    "stockx_rate_limit_hits": set(),
    "stockx_auth_failures": set(),
    "stockx_calls": {"operation", "result"},
    "stockx_retries": {"operation", "reason"},
    "stockx_limiter_wait_seconds": {"lane"},
    "stockx_limiter_rate_per_second": set(),
    "stockx_quota_used": set(),
    "stockx_quota_left": set(),
    "stockx_items_used": set(),
    "stockx_items_left": set(),
    "stockx_drift": {"operation", "kind"},
    "stockx_breaker_state": set(),
    "stockx_breaker_transitions": {"to"},
    "stockx_cache_results": {"operation", "result"},
    "stockx_cache_entries": set(),
    "stockx_token_refreshes": {"result"},
    "stockx_account_needs_reauth": set(),
    "solegate_enrichments": {"result"},
    "solegate_steps": {"kind", "result"},
    "solegate_step_duration_seconds": {"kind"},
    "solegate_writes": {"action", "state"},
    "solegate_sync_runs": {"sync", "result"},
    "solegate_sync_requests": {"sync"},
    "solegate_sync_last_success_timestamp_seconds": {"sync"},
    "solegate_deliveries": {"result"},
    "solegate_oldest_pending_delivery_timestamp_seconds": set(),
}  # fmt: skip


def test_there_are_these_metrics_with_these_labels() -> None:
    found = {each._name: set(each._labelnames) for each in vars(Metrics()).values() if hasattr(each, "_labelnames")}
    assert found == LABELS


def test_every_metric_is_explained() -> None:
    for family in Metrics().registry.collect():
        assert family.documentation.endswith("."), family.name


def test_the_text_is_what_prometheus_reads() -> None:
    metrics = Metrics()
    metrics.requests.labels("GET", "/catalog/search", "success").inc()
    text = metrics.render().decode()
    assert 'stockx_requests_total{endpoint="/catalog/search",method="GET",status="success"} 1.0' in text
    assert "# TYPE stockx_request_duration_seconds histogram" in text
    assert metrics.content_type.startswith("text/plain; version=0.0.4")


def test_two_processes_or_accounts_do_not_collide() -> None:
    one, two = Metrics(), Metrics()
    one.rate_limit_hits.inc()
    assert two.registry.get_sample_value("stockx_rate_limit_hits_total") == 0.0


def test_one_registry_takes_the_metrics_once() -> None:
    with pytest.raises(ValueError, match="Duplicated"):
        Metrics(Metrics().registry)


@pytest.mark.parametrize("buckets", [DURATION_BUCKETS, WAIT_BUCKETS])
def test_buckets_grow(buckets: tuple[float, ...]) -> None:
    assert list(buckets) == sorted(set(buckets))
