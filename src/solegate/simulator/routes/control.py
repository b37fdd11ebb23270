"""The control endpoints under `/_sim`: what `Simulator` can do from Python, over HTTP.

They are outside the gate: no latency, no limits, no faults, no events.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Protocol

from pydantic import Field, TypeAdapter, ValidationError

from solegate.simulator.config import Limits
from solegate.simulator.faults import Fault
from solegate.simulator.report import Report
from solegate.simulator.state.events import Event
from solegate.simulator.wire.answer import JSON_TYPE, Answer, Json, json_answer
from solegate.simulator.world.catalog import Catalog
from solegate.simulator.world.models import Product

PROFILES: Mapping[str, Callable[[], Limits]] = {
    "official": Limits.official,
    "guide": Limits.guide,
    "off": Limits.off,
}
TEN_YEARS = 10 * 366 * 86_400.0
"""Furthest the clock is moved at once: dates end in the year 9999."""
LINES_TYPE = "application/jsonl; charset=utf-8"
MAX_LISTED = 1_000


@dataclass(frozen=True, slots=True)
class _Advance:
    seconds: Annotated[float, Field(ge=0, le=TEN_YEARS, allow_inf_nan=False)]


@dataclass(frozen=True, slots=True)
class _Sale:
    listing: str


@dataclass(frozen=True, slots=True)
class _Parcel:
    order: str


@dataclass(frozen=True, slots=True)
class _Profile:
    profile: str

    def __post_init__(self) -> None:
        if self.profile not in PROFILES:
            raise ValueError(f"one of {', '.join(PROFILES)}")


_FAULT = TypeAdapter(Fault)
_ADVANCE = TypeAdapter(_Advance)
_SALE = TypeAdapter(_Sale)
_PARCEL = TypeAdapter(_Parcel)
_LIMITS: TypeAdapter[_Profile | Limits] = TypeAdapter(_Profile | Limits)
_REPORT = TypeAdapter(Report)
_EVENTS = TypeAdapter(tuple[Event, ...])


class Controllable(Protocol):
    """The part of `Simulator` that can be reached from outside."""

    catalog: Catalog

    def inject(self, fault: Fault) -> str:
        """See `Simulator.inject`."""
        ...

    def clear_faults(self) -> None:
        """See `Simulator.clear_faults`."""
        ...

    def expire_access_tokens(self) -> None:
        """See `Simulator.expire_access_tokens`."""
        ...

    def revoke_refresh_tokens(self) -> None:
        """See `Simulator.revoke_refresh_tokens`."""
        ...

    def advance(self, seconds: float) -> None:
        """See `Simulator.advance`."""
        ...

    def set_limits(self, limits: Limits) -> None:
        """See `Simulator.set_limits`."""
        ...

    def sell(self, listing_id: str) -> str:
        """See `Simulator.sell`."""
        ...

    def ship(self, order_number: str) -> None:
        """See `Simulator.ship`."""
        ...

    def report(self) -> Report:
        """See `Simulator.report`."""
        ...

    def events(self) -> tuple[Event, ...]:
        """See `Simulator.events`."""
        ...

    def dump_events(self) -> bytes:
        """See `Simulator.dump_events`."""
        ...


Action = Callable[[Mapping[str, str], bytes], Answer]
"""Given query and body, does something and answers."""


@dataclass(frozen=True, slots=True)
class Control:
    """A control endpoint: method, path below `/_sim`, action."""

    method: str
    path: str
    action: Action


@dataclass(frozen=True, slots=True)
class ControlRoutes:
    """Answers control calls; a wish that cannot be understood is a 400 with the reason."""

    simulator: Controllable

    def controls(self) -> tuple[Control, ...]:
        """Every control endpoint."""
        simulator = self.simulator
        return (
            Control("GET", "/health", lambda _query, _body: json_answer({"status": "ok"})),
            Control("GET", "/report", lambda _query, _body: _dump(_REPORT.dump_json(simulator.report()))),
            Control("GET", "/events", lambda _query, _body: _dump(_EVENTS.dump_json(simulator.events()))),
            Control("GET", "/events.jsonl", lambda _query, _body: Answer(200, simulator.dump_events(), LINES_TYPE)),
            Control("GET", "/catalog", self._catalog),
            Control("POST", "/faults", _checked(self._inject)),
            Control("DELETE", "/faults", _done(simulator.clear_faults)),
            Control("POST", "/advance", _checked(self._advance)),
            Control("POST", "/limits", _checked(self._limits)),
            Control("POST", "/sell", _checked(self._sell)),
            Control("POST", "/ship", _checked(self._ship)),
            Control("POST", "/tokens/expire", _done(simulator.expire_access_tokens)),
            Control("POST", "/tokens/revoke", _done(simulator.revoke_refresh_tokens)),
        )

    def _catalog(self, query: Mapping[str, str], _body: bytes) -> Answer:
        limit = query.get("limit", "20")
        if not (limit.isascii() and limit.isdigit() and len(limit) <= 6 and int(limit) <= MAX_LISTED):
            return _refused(f"limit must be a whole number up to {MAX_LISTED}")
        products = self.simulator.catalog.products[: int(limit)]
        return json_answer({"products": [_listed(product) for product in products]})

    def _inject(self, body: bytes) -> Answer:
        fault = _FAULT.validate_json(body, extra="forbid")
        return json_answer({"id": self.simulator.inject(fault)}, 201)

    def _advance(self, body: bytes) -> Answer:
        self.simulator.advance(_ADVANCE.validate_json(body, extra="forbid").seconds)
        return json_answer({"now": self.simulator.report().at.isoformat()})

    def _limits(self, body: bytes) -> Answer:
        wish = _LIMITS.validate_json(body, extra="forbid")
        self.simulator.set_limits(PROFILES[wish.profile]() if isinstance(wish, _Profile) else wish)
        return Answer(204)

    def _sell(self, body: bytes) -> Answer:
        return json_answer({"order": self.simulator.sell(_SALE.validate_json(body, extra="forbid").listing)}, 201)

    def _ship(self, body: bytes) -> Answer:
        self.simulator.ship(_PARCEL.validate_json(body, extra="forbid").order)
        return Answer(204)


def _listed(product: Product) -> Json:
    return {"styleId": product.style_id, "title": product.title, "productId": product.id}


def _dump(body: bytes) -> Answer:
    return Answer(200, body, JSON_TYPE)


def _done(action: Callable[[], None]) -> Action:
    def act(_query: Mapping[str, str], _body: bytes) -> Answer:
        action()
        return Answer(204)

    return act


def _checked(action: Callable[[bytes], Answer]) -> Action:
    """An action on a body that may be wrong."""

    def act(_query: Mapping[str, str], body: bytes) -> Answer:
        try:
            return action(body)
        except ValidationError as wrong:
            return _refused("; ".join(_reason(tuple(map(str, e["loc"])), e["msg"]) for e in wrong.errors()))
        except ValueError as wrong:
            return _refused(str(wrong))

    return act


def _reason(where: tuple[str, ...], message: str) -> str:
    return f"{'.'.join(where)}: {message}" if where else message


def _refused(reason: str) -> Answer:
    return json_answer({"error": reason}, 400)
