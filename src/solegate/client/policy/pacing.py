"""The pace of one unit: its window, the pause after a 429, and what is learnt from it. One account has two of them.

Times are seconds of one clock, whichever the caller uses throughout.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from solegate.client.policy.rate import (
    AdaptiveRate,
    LimitProfile,
    Refusal,
    pause_after_items_refused,
    pause_after_refusal,
    window_at,
)
from solegate.client.policy.window import AnswerHeldWindow, Fate, Sent
from solegate.domain.limits import Unit


@dataclass(slots=True)
class Memory:
    """Everything that a unit's pace depends on but the profile: what a restart must not forget.

    Attributes:
        window: slots in flight and resting.
        paused_until: when the pause after a 429 ends.
        strikes: refusals in a row.
        epoch: rate changes so far; only the first refusal of an epoch changes the rate.
        accepted: when the last accepted requests were sent.
        refused: when the requests were sent whose refusal has not been learnt from yet.
        rate: the share of the configured rate in force.
    """

    window: AnswerHeldWindow
    paused_until: float = 0.0
    strikes: int = 0
    epoch: int = 0
    accepted: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    rate: AdaptiveRate = field(default_factory=AdaptiveRate)


class Pacer(Protocol):
    """Says when the next request may leave, and hears what became of each."""

    memory: Memory

    def ready_at(self, now: float, weight: int = 1) -> float:
        """The earliest time at which `weight` slots may be taken; infinity while only an answer can free them."""
        ...

    def take(self, now: float, weight: int = 1) -> Sent:
        """Take slots; the caller has checked `ready_at`."""
        ...

    def settle(self, sent: Sent, fate: Fate, at: float, retry_after: float | None = None) -> None:
        """Give the slots back. `at` is when the answer came, or by when StockX has seen the request at the latest."""
        ...

    def share(self, now: float) -> float:
        """The share of the configured rate in force."""
        ...


def pacer_of(unit: Unit, profile: LimitProfile, memory: Memory | None = None) -> Pacer:
    """The unit's pacer, with what it remembers or afresh. A unit without a limit has a window without slots."""
    capacity, period = profile.window(unit) or (0, 1.0)
    memory = memory or Memory(AnswerHeldWindow(capacity, period))
    if unit is Unit.ITEMS:
        memory.window.resize(capacity, period)
        return ItemPacer(memory)
    return RequestPacer(profile, memory)


class ItemPacer:
    """The pace of batch items. A refusal pauses batches for long; nothing is learnt about a rate (FACTS 1.5)."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory

    def ready_at(self, now: float, weight: int = 1) -> float:
        """See `Pacer.ready_at`."""
        return max(self.memory.window.ready_at(now, weight), self.memory.paused_until)

    def take(self, now: float, weight: int = 1) -> Sent:
        """See `Pacer.take`."""
        self.memory.window.take(weight)
        return Sent(now, weight)

    def settle(self, sent: Sent, fate: Fate, at: float, retry_after: float | None = None) -> None:
        """See `Pacer.settle`. Refused items hold their slots: nobody knows whether StockX counted them."""
        memory = self.memory
        if fate is Fate.UNSENT:
            memory.window.unsent(sent.weight)
            return
        memory.window.answered(at, sent.weight)
        if fate is Fate.REFUSED:
            memory.strikes += 1
            pause = pause_after_items_refused(retry_after, strikes=memory.strikes)
            memory.paused_until = max(memory.paused_until, at + pause)
        else:
            memory.strikes = 0

    def share(self, now: float) -> float:  # noqa: ARG002 - the pacer's shape
        """See `Pacer.share`: always the whole."""
        return 1.0


class RequestPacer:
    """The pace of requests. The first refusal of a burst lowers the rate to what StockX accepted around it."""

    def __init__(self, profile: LimitProfile, memory: Memory) -> None:
        self.memory = memory
        self._profile = profile
        self._applied_share = 0.0
        self._most_accepted = 2 * profile.capacity

    def ready_at(self, now: float, weight: int = 1) -> float:
        """See `Pacer.ready_at`. Applies the rate in force first."""
        memory = self.memory
        if memory.refused and now >= memory.paused_until:
            self._learn(now)
        share = memory.rate.share(now)
        if share != self._applied_share:
            self._applied_share = share
            memory.window.resize(*window_at(self._profile, share))
        return max(memory.window.ready_at(now, weight), memory.paused_until)

    def take(self, now: float, weight: int = 1) -> Sent:
        """See `Pacer.take`."""
        self.memory.window.take(weight)
        return Sent(now, weight, self.memory.epoch)

    def settle(self, sent: Sent, fate: Fate, at: float, retry_after: float | None = None) -> None:
        """See `Pacer.settle`."""
        memory = self.memory
        if fate is Fate.UNSENT:
            memory.window.unsent(sent.weight)
            return
        memory.window.answered(at, sent.weight)
        if fate is Fate.ANSWERED:
            self._accepted(sent)
        elif fate is Fate.REFUSED:
            self._refused(sent)
            pause = pause_after_refusal(retry_after, period=self._profile.period, strikes=memory.strikes)
            memory.paused_until = max(memory.paused_until, at + pause)
        elif fate is Fate.SET_BACK:
            memory.paused_until = max(memory.paused_until, at + self._profile.period)

    def share(self, now: float) -> float:
        """See `Pacer.share`."""
        return self.memory.rate.share(now)

    def _accepted(self, sent: Sent) -> None:
        memory = self.memory
        memory.accepted.append(sent.at)
        if len(memory.accepted) >= 2 * self._most_accepted:
            del memory.accepted[: -self._most_accepted]
        if sent.epoch == memory.epoch:
            memory.strikes = 0

    def _refused(self, sent: Sent) -> None:
        memory = self.memory
        if sent.epoch == memory.epoch:
            memory.epoch += 1
            memory.strikes += 1
            memory.refused = [sent.at]
        elif memory.refused:  # the rest of the same burst; once learnt from, it is not learnt from again
            memory.refused.append(sent.at)

    def _learn(self, now: float) -> None:
        """Lower the rate to what StockX accepted around the refusals."""
        memory, period = self.memory, self._profile.period
        first = min(memory.refused)
        accepted = sum(first - period < sent <= first + period / 10 for sent in memory.accepted)
        seen = Refusal(accepted, len(memory.refused), memory.window.capacity)
        memory.rate.lower(now, accepted_share=seen.accepted_share(self._profile))
        memory.refused.clear()
