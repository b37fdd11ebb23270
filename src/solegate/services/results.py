"""What the catalog's use cases answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from solegate.client.models import Provenance, SearchProduct
from solegate.domain.catalog import StoredProduct, VariantData
from solegate.domain.sku import Candidate
from solegate.errors import SolegateError


class EnrichmentStatus(StrEnum):
    """How the enrichment of a SKU ended."""

    ENRICHED = "enriched"
    """StockX was asked and the database is up to date."""
    FRESH = "fresh"
    """The database was up to date: nothing was asked."""
    NEEDS_REVIEW = "needs_review"
    """StockX knows similar products, or several that fit exactly: a person has to choose."""
    NOT_FOUND = "not_found"
    """StockX knows nothing like it."""
    FAILED = "failed"
    """Something went wrong; nothing was written."""
    DUPLICATE = "duplicate"
    """The same SKU came earlier in the same list."""


@dataclass(frozen=True, slots=True)
class EnrichmentResult:
    """What became of one SKU.

    Attributes:
        sku: as it was asked for.
        status: how it ended.
        product_id: our own id.
        stockx_product_id: StockX's id.
        title: the product's title.
        variants: how many sizes are known.
        quotes: how many of them have a quote in the wanted currency's last snapshot.
        requests: what it cost: requests sent to StockX.
        as_of: when StockX gave the catalog data (UTC).
        alternatives: products to choose from when it needs review, closest first.
        error: why it failed or was not found.
    """

    sku: str
    status: EnrichmentStatus
    product_id: int | None = None
    stockx_product_id: str | None = None
    title: str | None = None
    variants: int = 0
    quotes: int = 0
    requests: int = 0
    as_of: datetime | None = None
    alternatives: tuple[Candidate, ...] = ()
    error: SolegateError | None = None

    @property
    def success(self) -> bool:
        """Whether the product is in the database and up to date."""
        return self.status in {EnrichmentStatus.ENRICHED, EnrichmentStatus.FRESH}


@dataclass(slots=True)
class EnrichmentSummary:
    """The tally of a list of SKUs.

    Attributes:
        counts: SKUs by how they ended.
        requests: what all of them cost together.
        stopped_by: the error that made going on useless; `None` when the list was finished.
    """

    counts: dict[EnrichmentStatus, int] = field(default_factory=lambda: dict.fromkeys(EnrichmentStatus, 0))
    requests: int = 0
    stopped_by: SolegateError | None = None

    @property
    def total(self) -> int:
        """Rows that were dealt with, duplicates among them."""
        return sum(self.counts.values())

    def add(self, result: EnrichmentResult) -> None:
        """Count one result."""
        self.counts[result.status] += 1
        self.requests += result.requests


@dataclass(frozen=True, slots=True)
class KnownProduct:
    """A product of the local database with its sizes; `is_fresh` when StockX need not be asked about it again."""

    stored: StoredProduct
    variants: tuple[VariantData, ...]
    is_fresh: bool


@dataclass(frozen=True, slots=True)
class FilteredSearch:
    """One page of search results that passed the filters, and how far was looked for them.

    Attributes:
        query: the search text.
        products: the page.
        page: its number, from 1.
        page_size: most products on it.
        has_next_page: whether more that pass are known, or may still be found further on.
        matched: products that passed, of those looked at.
        looked_at: products that were looked at.
        pages_read: requests' worth of StockX pages read.
        total: how many products StockX says the search finds.
        complete: whether all of them were looked at.
        provenance: source and age of the oldest page that was read.
    """

    query: str
    products: tuple[SearchProduct, ...]
    page: int
    page_size: int
    has_next_page: bool
    matched: int
    looked_at: int
    pages_read: int
    total: int
    complete: bool
    provenance: Provenance
