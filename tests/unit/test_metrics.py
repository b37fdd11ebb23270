"""Metrics: the guide's four as the guide names them, and labels from closed sets only."""

from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families

from solegate.metrics import DURATION_BUCKETS, WAIT_BUCKETS, Metrics, exposition

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


def test_the_metrics_of_several_accounts_stand_together_with_one_explanation_each() -> None:
    eu, us = Metrics(), Metrics()
    eu.requests.labels("GET", "/catalog/search", "success").inc()
    us.requests.labels("GET", "/catalog/search", "success").inc(2)
    us.limiter_wait.labels("orders").observe(0.02)

    text = exposition({"eu": eu.registry, "us": us.registry}).decode()

    families = {family.name: family for family in text_string_to_metric_families(text)}
    found = {
        sample.labels["account"]: sample.value
        for sample in families["stockx_requests"].samples
        if sample.name == "stockx_requests_total"
    }
    assert found == {"eu": 1.0, "us": 2.0}
    assert 'stockx_requests_total{account="us",endpoint="/catalog/search",method="GET",status="success"} 2.0' in text
    waits = [each for each in families["stockx_limiter_wait_seconds"].samples if each.name.endswith("_count")]
    assert [(each.labels, each.value) for each in waits] == [({"account": "us", "lane": "orders"}, 1.0)]
    for line in ("# HELP ", "# TYPE "):
        names = [each.split()[2] for each in text.splitlines() if each.startswith(line)]
        assert len(names) == len(set(names))


def test_showing_the_metrics_of_several_accounts_changes_none_of_them() -> None:
    metrics = Metrics()
    metrics.rate_limit_hits.inc()
    before = metrics.render()
    exposition({"eu": metrics.registry, "us": metrics.registry})
    assert metrics.render() == before
