"""The metrics page, from the `Metrics` registry."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.metrics import MetricWrapperBase

from docs.generator import markdown
from docs.generator.markdown import code
from solegate.metrics import Metrics


def page() -> str:
    """Every metric in the code's order."""
    return markdown.page(
        "Metrics",
        "Every metric that `GET /metrics` shows. Labels come from closed sets: `endpoint` is a route template, "
        "`operation` one of the [operations](operations.md), so the number of series does not grow with the catalog. "
        "A histogram has the series `_bucket`, `_sum` and `_count`.",
        markdown.table(("Metric", "Type", "Labels", "Meaning"), _rows()),
    )


def _rows() -> Iterator[tuple[str, str, str, str]]:
    for metric in vars(Metrics()).values():
        if isinstance(metric, MetricWrapperBase):
            (family,) = metric.describe()
            name = f"{family.name}_total" if family.type == "counter" else family.name
            labels = metric._labelnames  # noqa: SLF001 - the library tells the names of labels nowhere else
            yield code(name), family.type, ", ".join(map(code, labels)), family.documentation
