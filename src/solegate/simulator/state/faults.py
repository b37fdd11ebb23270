"""The rules in force, and which of them hits a request."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from solegate.simulator.faults import LASTING, Fault


@dataclass(slots=True)
class _Rule:
    fault: Fault
    chance: random.Random
    seen: int = 0
    hits: int = 0
    lasts_until: datetime | None = None

    def hit(self, now: datetime) -> bool:
        """Whether a matching request is hit; the chance is drawn only where the rule is not certain."""
        if self.lasts_until is not None and now < self.lasts_until:
            return True
        self.seen += 1
        if self.seen <= self.fault.after or self.hits == self.fault.times:
            return False
        if self.fault.probability < 1 and self.chance.random() >= self.fault.probability:
            return False
        self.hits += 1
        if self.fault.kind in LASTING:
            self.lasts_until = now + timedelta(seconds=self.fault.delay)
        return True

    def share(self) -> float:
        """What a lasting fault does to this request is drawn too."""
        return self.chance.random() if self.fault.kind in LASTING else 0.0


@dataclass(frozen=True, slots=True)
class FiredFault:
    """A fault that hits the request at hand; `share`, from 0 to 1, is drawn for each request of a lasting one."""

    id: str
    fault: Fault
    share: float = 0.0


@dataclass(slots=True)
class FaultBook:
    """The injected rules in order. Each draws from its own seed, so one rule does not disturb another."""

    seed: int
    fired: Counter[str] = field(default_factory=Counter)
    _rules: dict[str, _Rule] = field(default_factory=dict)
    _injected: int = 0

    def inject(self, fault: Fault) -> str:
        """Put a rule in force; returns its id."""
        self._injected += 1
        fault_id = f"fault-{self._injected}"
        self._rules[fault_id] = _Rule(fault, random.Random(f"{self.seed}/{fault_id}"))
        return fault_id

    def clear(self) -> None:
        """Lift every rule; what fired stays counted."""
        self._rules.clear()

    def lift(self, fault_id: str) -> None:
        """Lift one rule, if it is still in force."""
        self._rules.pop(fault_id, None)

    def match(self, operation: str, now: datetime) -> FiredFault | None:
        """The first rule that hits a request of this operation at this time."""
        for fault_id, rule in self._rules.items():
            if rule.fault.concerns(operation) and rule.hit(now):
                self.fired[fault_id] += 1
                return FiredFault(fault_id, rule.fault, rule.share())
        return None
