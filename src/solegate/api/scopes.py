"""What each route asks of an API key, in one table; a test holds it against the router.

A path that is not in it is no route; it is told so to holders of a key only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from starlette.types import Scope as RequestScope

from solegate.domain.keys import Scope

TEMPLATE = "solegate.template"
"""Where a request's scope names the template of its route, once `ApiKeys` has looked it up."""
PUBLIC = None
"""No key is asked for."""
Needed = Scope | None

_READ, _WRITE, _ADMIN = Scope.READ, Scope.WRITE, Scope.ADMIN
_V1 = "/api/v1"

TABLE: Mapping[tuple[str, str], Needed] = MappingProxyType({
    ("GET", "/healthz"): PUBLIC,
    ("GET", "/readyz"): PUBLIC,
    ("GET", "/openapi.json"): PUBLIC,
    ("GET", "/docs"): PUBLIC,
    ("GET", "/problems/{name}"): PUBLIC,
    ("GET", "/metrics"): _READ,
    ("GET", f"{_V1}/products"): _READ,
    ("GET", f"{_V1}/products/search-stockx"): _READ,
    ("POST", f"{_V1}/products/enrich"): _WRITE,
    ("GET", f"{_V1}/products/{{productId}}"): _READ,
    ("GET", f"{_V1}/products/{{productId}}/variants"): _READ,
    ("GET", f"{_V1}/products/{{productId}}/market-data"): _READ,
    ("GET", f"{_V1}/products/{{productId}}/market-data/history"): _READ,
    ("GET", f"{_V1}/listings"): _READ,
    ("GET", f"{_V1}/listings/{{listingId}}"): _READ,
    ("POST", f"{_V1}/listings"): _WRITE,
    ("PATCH", f"{_V1}/listings/{{listingId}}"): _WRITE,
    ("DELETE", f"{_V1}/listings/{{listingId}}"): _WRITE,
    ("POST", f"{_V1}/listings/{{listingId}}/activate"): _WRITE,
    ("POST", f"{_V1}/listings/{{listingId}}/deactivate"): _WRITE,
    ("GET", f"{_V1}/writes"): _READ,
    ("GET", f"{_V1}/writes/{{writeId}}"): _READ,
    ("POST", f"{_V1}/writes/{{writeId}}/cancel"): _WRITE,
    ("GET", f"{_V1}/audit"): _READ,
    ("GET", f"{_V1}/guard"): _READ,
    ("GET", f"{_V1}/guard/stop"): _READ,
    ("PUT", f"{_V1}/guard/stop"): _WRITE,
    ("DELETE", f"{_V1}/guard/stop"): _ADMIN,
    ("GET", f"{_V1}/jobs"): _READ,
    ("POST", f"{_V1}/jobs"): _WRITE,
    ("POST", f"{_V1}/jobs/upload"): _WRITE,
    ("GET", f"{_V1}/jobs/{{jobId}}"): _READ,
    ("GET", f"{_V1}/jobs/{{jobId}}/rows"): _READ,
    ("GET", f"{_V1}/jobs/{{jobId}}/chunks"): _READ,
    ("GET", f"{_V1}/jobs/{{jobId}}/report.{{form}}"): _READ,
    ("GET", f"{_V1}/jobs/{{jobId}}/events"): _READ,
    ("POST", f"{_V1}/jobs/{{jobId}}/pause"): _WRITE,
    ("POST", f"{_V1}/jobs/{{jobId}}/resume"): _WRITE,
    ("POST", f"{_V1}/jobs/{{jobId}}/cancel"): _WRITE,
    ("POST", f"{_V1}/jobs/{{jobId}}/retry"): _WRITE,
    ("POST", f"{_V1}/jobs/{{jobId}}/undo"): _WRITE,
    ("GET", f"{_V1}/limits"): _READ,
    ("GET", f"{_V1}/syncs"): _READ,
    ("POST", f"{_V1}/syncs/{{name}}/runs"): _WRITE,
    ("GET", f"{_V1}/orders/deadlines"): _READ,
    ("GET", f"{_V1}/orders"): _READ,
    ("GET", f"{_V1}/orders/{{orderNumber}}"): _READ,
    ("GET", f"{_V1}/orders/{{orderNumber}}/shipping-document"): _READ,
    ("GET", f"{_V1}/payouts"): _READ,
    ("GET", f"{_V1}/payouts/sums"): _READ,
    ("GET", f"{_V1}/payouts/estimate"): _READ,
    ("POST", "/webhooks/{source}"): PUBLIC,  # each source proves itself
    ("GET", f"{_V1}/webhooks"): _READ,
    ("GET", f"{_V1}/webhooks/sources"): _ADMIN,
    ("POST", f"{_V1}/webhooks/sources"): _ADMIN,
    ("GET", f"{_V1}/webhooks/sources/{{name}}"): _ADMIN,
    ("POST", f"{_V1}/webhooks/sources/{{name}}/rotate"): _ADMIN,
    ("DELETE", f"{_V1}/webhooks/sources/{{name}}"): _ADMIN,
    ("GET", f"{_V1}/webhooks/{{webhookId}}"): _READ,
    ("POST", f"{_V1}/webhooks/{{webhookId}}/replay"): _WRITE,
    ("GET", f"{_V1}/accounts"): _ADMIN,
    ("POST", f"{_V1}/accounts"): _ADMIN,
    ("GET", f"{_V1}/accounts/callback"): PUBLIC,  # tied to a login by its `state`
    ("GET", f"{_V1}/accounts/{{account}}"): _ADMIN,
    ("DELETE", f"{_V1}/accounts/{{account}}"): _ADMIN,
    ("POST", f"{_V1}/accounts/{{account}}/use"): _ADMIN,
    ("PUT", f"{_V1}/accounts/{{account}}/application"): _ADMIN,
    ("POST", f"{_V1}/accounts/{{account}}/login"): _ADMIN,
    ("GET", f"{_V1}/events"): _READ,
    ("GET", f"{_V1}/events/types"): _READ,
    ("GET", f"{_V1}/events/stream"): _READ,
    ("GET", f"{_V1}/watches"): _READ,
    ("POST", f"{_V1}/watches"): _WRITE,
    ("GET", f"{_V1}/watches/{{watchId}}"): _READ,
    ("DELETE", f"{_V1}/watches/{{watchId}}"): _WRITE,
    ("GET", f"{_V1}/subscribers"): _READ,
    ("POST", f"{_V1}/subscribers"): _ADMIN,
    ("GET", f"{_V1}/subscribers/{{subscriberId}}"): _READ,
    ("DELETE", f"{_V1}/subscribers/{{subscriberId}}"): _ADMIN,
    ("POST", f"{_V1}/subscribers/{{subscriberId}}/pause"): _WRITE,
    ("POST", f"{_V1}/subscribers/{{subscriberId}}/resume"): _WRITE,
    ("POST", f"{_V1}/subscribers/{{subscriberId}}/rotate-secret"): _ADMIN,
    ("POST", f"{_V1}/subscribers/{{subscriberId}}/test"): _WRITE,
    ("POST", f"{_V1}/subscribers/{{subscriberId}}/redeliveries"): _WRITE,
    ("GET", f"{_V1}/deliveries"): _READ,
    ("GET", f"{_V1}/deliveries/{{subscriberId}}/{{eventId}}"): _READ,
    ("GET", f"{_V1}/keys"): _ADMIN,
    ("POST", f"{_V1}/keys"): _ADMIN,
    ("GET", f"{_V1}/keys/{{keyId}}"): _ADMIN,
    ("DELETE", f"{_V1}/keys/{{keyId}}"): _ADMIN,
})  # fmt: skip
"""By method and path template."""

EVERY_ACCOUNT = frozenset({
    ("GET", "/metrics"),
    ("GET", f"{_V1}/accounts"),
    ("POST", f"{_V1}/accounts"),
    ("GET", f"{_V1}/accounts/{{account}}"),
    ("DELETE", f"{_V1}/accounts/{{account}}"),
    ("POST", f"{_V1}/accounts/{{account}}/use"),
    ("PUT", f"{_V1}/accounts/{{account}}/application"),
    ("POST", f"{_V1}/accounts/{{account}}/login"),
})  # fmt: skip
"""Routes about all accounts at once, which a key of one account does not reach, whatever its scope."""

SHOWN_ONCE = frozenset(
    {
        ("POST", f"{_V1}/accounts/{{account}}/login"),
        ("POST", f"{_V1}/keys"),
        ("POST", f"{_V1}/subscribers"),
        ("POST", f"{_V1}/subscribers/{{subscriberId}}/rotate-secret"),
        ("POST", f"{_V1}/webhooks/sources"),
        ("POST", f"{_V1}/webhooks/sources/{{name}}/rotate"),
    }
)
"""Routes whose answer holds a secret: no answer of theirs is kept, so they take no `Idempotency-Key`."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """Finds the line of a request.

    Attributes:
        exact: the lines of paths without parameters.
        patterns: the others, by method, those with the most fixed text first.
    """

    exact: Mapping[tuple[str, str], Needed]
    patterns: Mapping[str, tuple[tuple[re.Pattern[str], str, Needed], ...]]

    def needed(self, method: str, path: str) -> tuple[str, Needed]:
        """The template of a request's route, and what it asks for; one without a line has none, and asks for a key."""
        method = as_listed(method)
        if (method, path) in self.exact:
            return path, self.exact[method, path]
        for pattern, template, needed in self.patterns.get(method, ()):
            if pattern.fullmatch(path):
                return template, needed
        return "", Scope.READ


def line_of(scope: RequestScope) -> tuple[str, str]:
    """The line of a request that was looked up: its method, HEAD as GET, and its template; none for no route."""
    return as_listed(scope["method"]), scope[TEMPLATE]


def as_listed(method: str) -> str:
    """The method that the table has for a method."""
    return "GET" if method == "HEAD" else method


def lookup(table: Mapping[tuple[str, str], Needed] = TABLE) -> Lookup:
    """Prepare a table for looking up."""
    exact = {line: needed for line, needed in table.items() if "{" not in line[1]}
    methods = {method for method, path in table if "{" in path}
    return Lookup(exact, {method: tuple(_patterns(table, method)) for method in sorted(methods)})


def _patterns(table: Mapping[tuple[str, str], Needed], method: str) -> Iterable[tuple[re.Pattern[str], str, Needed]]:
    lines = [(path, needed) for (its, path), needed in table.items() if its == method and "{" in path]
    for path, needed in sorted(lines, key=lambda line: -len(re.sub(r"{\w+}", "", line[0]))):
        yield _pattern(path), path, needed


def _pattern(path: str) -> re.Pattern[str]:
    """What fits a template."""
    return re.compile("[^/]+".join(re.escape(part) for part in re.split(r"{\w+}", path)))
