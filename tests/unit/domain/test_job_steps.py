"""Whatever order of answers, losses and crashes: every row of a job ends, and none is at StockX twice."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from solegate.domain import job_chunks as moves
from solegate.domain.job_steps import Enrich, Finish, Look, ReadBack, Reconcile, Submit, Wait, next_action
from solegate.domain.jobs import Chunk, ChunkState, Job, JobKind, JobState
from solegate.domain.reconciliation import ReconcilePolicy

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
JOB = Job(id="job", account="default", kind=JobKind.CREATE, key="key", total=100, created_at=NOON)
READY = Chunk(job_id="job", number=1, size=100)
LATER = NOON + timedelta(minutes=5)


def flying(state: ChunkState, number: int = 2, next_at: datetime | None = None) -> Chunk:
    return replace(READY, number=number, state=state, next_at=next_at)


def test_a_chunk_is_submitted_as_soon_as_its_items_fit_though_others_are_to_be_looked_at() -> None:
    chunks = [flying(ChunkState.ACCEPTED), READY]

    assert next_action(JOB, chunks, NOON, items_ready_at=NOON) == Submit(READY)
    assert next_action(JOB, chunks, NOON, items_ready_at=LATER) == Look(chunks[0])


def test_when_many_looks_are_overdue_they_go_first() -> None:
    overdue = [flying(ChunkState.WORKED, number, NOON - timedelta(seconds=number)) for number in range(2, 7)]

    assert next_action(JOB, [*overdue, READY], NOON, items_ready_at=NOON) == ReadBack(overdue[-1])
    assert next_action(JOB, [*overdue[1:], READY], NOON, items_ready_at=NOON) == Submit(READY)


def test_the_first_chunk_goes_first() -> None:
    assert next_action(JOB, [replace(READY, number=7), READY], NOON, items_ready_at=NOON) == Submit(READY)


def test_a_chunk_that_was_held_back_waits_for_its_time() -> None:
    held = replace(READY, next_at=LATER)

    assert next_action(JOB, [held], NOON, items_ready_at=NOON) == Wait(LATER)
    assert next_action(JOB, [held], LATER, items_ready_at=NOON) == Submit(held)


def test_nobody_acts_on_a_chunk_before_its_sender_may_send_no_more() -> None:
    sent = flying(ChunkState.SENT, next_at=LATER)

    assert next_action(JOB, [sent], NOON, items_ready_at=NOON) == Wait(LATER)
    assert next_action(JOB, [sent, READY], LATER, items_ready_at=NOON) == Reconcile(sent)


def test_the_longest_overdue_is_looked_at_first() -> None:
    chunks = [
        flying(ChunkState.ACCEPTED, 2, NOON),
        flying(ChunkState.WORKED, 3, NOON - timedelta(seconds=9)),
        flying(ChunkState.UNKNOWN, 4, LATER),
    ]

    assert next_action(JOB, chunks, NOON, items_ready_at=LATER) == ReadBack(chunks[1])


def test_no_more_chunks_are_out_than_allowed() -> None:
    out = [flying(ChunkState.ACCEPTED, number, LATER) for number in (2, 3)]

    assert next_action(JOB, [*out, READY], NOON, items_ready_at=NOON, most_in_flight=2) == Wait(LATER)
    assert next_action(JOB, [*out, READY], NOON, items_ready_at=NOON, most_in_flight=3) == Submit(READY)


def test_a_paused_job_sends_nothing_and_follows_what_is_out() -> None:
    paused, out = replace(JOB, state=JobState.PAUSED), flying(ChunkState.ACCEPTED)

    assert next_action(paused, [out, READY], NOON, items_ready_at=NOON) == Look(out)
    assert next_action(paused, [READY], NOON, items_ready_at=NOON) == Wait(None)


def test_a_cancelled_job_ends_when_nothing_is_out_any_more() -> None:
    cancelled, out = replace(JOB, state=JobState.CANCELLED), flying(ChunkState.WORKED)

    assert next_action(cancelled, [out, READY], NOON, items_ready_at=NOON) == ReadBack(out)
    assert next_action(cancelled, [READY], NOON, items_ready_at=NOON) == Finish()


def test_an_enrichment_has_no_chunks() -> None:
    enriching = replace(JOB, kind=JobKind.ENRICH)

    assert next_action(enriching, [], NOON, items_ready_at=NOON) == Enrich()
    assert next_action(replace(enriching, state=JobState.PAUSED), [], NOON, items_ready_at=NOON) == Wait(None)
    assert next_action(replace(enriching, state=JobState.CANCELLED), [], NOON, items_ready_at=NOON) == Finish()


def test_a_lost_chunk_is_not_sent_again_before_a_look_after_the_grace() -> None:
    policy = ReconcilePolicy(grace=timedelta(minutes=10))
    lost = moves.lost(flying(ChunkState.SENT), now=NOON, reason="", policy=policy)
    once = moves.searched_in_vain(lost, end=NOON, policy=policy)
    twice = moves.searched_in_vain(once, end=NOON, policy=policy)
    after = NOON + policy.grace

    assert not moves.may_resend(lost, end=NOON, now=after, policy=policy), "one look in vain is not believed"
    assert not moves.may_resend(twice, end=NOON, now=after - timedelta(seconds=1), policy=policy)
    assert moves.may_resend(twice, end=NOON, now=after, policy=policy)
    assert twice.next_at == after, "three rounds decide"


@dataclass
class Sending:
    """A batch on its way to StockX: it arrives or not, and shows after a while."""

    rows: frozenset[int]
    arrives: bool
    shows_at: datetime
    done_at: datetime


@dataclass
class Market:
    """StockX: the pairs that were listed, however often."""

    sendings: dict[int, Sending] = field(default_factory=dict)

    def copies(self, row: int) -> int:
        return sum(each.arrives and row in each.rows for each in self.sendings.values())


class JobUnderFire(RuleBasedStateMachine):
    """A job whose answers get lost and whose process dies. StockX shows what it took within the grace."""

    policy = ReconcilePolicy(first_look=timedelta(seconds=5), grace=timedelta(minutes=10))

    @initialize(chunks=st.integers(1, 3))
    def begin(self, chunks: int) -> None:
        self.now = NOON
        self.job = replace(JOB, total=chunks * 2)
        self.market = Market()
        self.rows = {number: frozenset({2 * number, 2 * number + 1}) for number in range(1, chunks + 1)}
        self.every_row = frozenset().union(*self.rows.values())
        self.ended: set[int] = set()
        self.chunks = {number: Chunk(job_id="job", number=number, size=2) for number in self.rows}
        self.is_over = False

    @rule(
        fate=st.sampled_from(["taken", "refused", "answer lost", "request lost", "killed before", "killed after"]),
        shows_after=st.floats(0, 590),
        works=st.floats(0, 900),
        settles=st.booleans(),
        items_in=st.floats(0, 300),
    )
    def step(self, fate: str, shows_after: float, works: float, settles: bool, items_in: float) -> None:
        if self.is_over:
            return
        items_at = self.now + timedelta(seconds=items_in)
        match next_action(self.job, list(self.chunks.values()), self.now, items_ready_at=items_at, most_in_flight=2):
            case Submit(chunk):
                self.submit(chunk, fate, timedelta(seconds=shows_after), timedelta(seconds=works))
            case Reconcile(chunk):
                self.reconcile(chunk)
            case Look(chunk):
                done = self.market.sendings[chunk.number].done_at <= self.now
                later = moves.looked_at(chunk, self.now + timedelta(seconds=30))
                self.put(moves.worked(chunk, self.now) if done else later)
            case ReadBack(chunk):
                self.ended |= self.rows[chunk.number] if settles else set()
                later = moves.read_back(chunk, self.now, at_once=False)
                self.put(moves.ended(chunk) if settles else later)
            case Wait(until):
                assert until is None or until > self.now, "a wait that is over already would spin"
                self.now = until or self.now
            case Finish():
                self.is_over = True

    @rule()
    def pause(self) -> None:
        if self.job.state is JobState.RUNNING:
            self.job = replace(self.job, state=JobState.PAUSED)

    @rule()
    def resume(self) -> None:
        if self.job.state is JobState.PAUSED:
            self.job = replace(self.job, state=JobState.RUNNING)

    @invariant()
    def no_pair_is_listed_twice(self) -> None:
        assert all(self.market.copies(row) <= 1 for row in getattr(self, "every_row", ()))

    def teardown(self) -> None:
        """With time and without further trouble every row ends, listed exactly once."""
        if not hasattr(self, "job"):
            return
        self.resume()
        for _ in range(500):
            if self.is_over:
                break
            self.step("taken", 1.0, 1.0, True, 0.0)
        assert self.is_over
        assert self.ended == self.every_row
        assert all(self.market.copies(row) == 1 for row in self.every_row)

    def submit(self, chunk: Chunk, fate: str, shows_after: timedelta, works: timedelta) -> None:
        until = self.now + timedelta(seconds=30)
        sent = moves.sent(chunk, now=self.now, until=until)
        self.put(sent)
        arrives = fate in ("taken", "answer lost", "killed after")
        shows_at, done_at = self.now + shows_after, self.now + works
        self.market.sendings[chunk.number] = Sending(self.rows[chunk.number], arrives, shows_at, done_at)
        if fate == "taken":
            self.put(moves.accepted(sent, "batch", self.now + timedelta(seconds=3)))
        elif fate == "refused":
            self.put(moves.held_back(sent, self.now + timedelta(seconds=30), "no"))
        elif fate in ("answer lost", "request lost"):
            self.put(moves.lost(sent, now=self.now, reason=fate, policy=self.policy))

    def reconcile(self, chunk: Chunk) -> None:
        assert chunk.sent_at is not None
        if chunk.state is ChunkState.SENT:
            self.put(moves.lost(chunk, now=self.now, reason="killed", policy=self.policy))
            return
        sending = self.market.sendings[chunk.number]
        end = chunk.sent_at + timedelta(seconds=30)
        if sending.arrives and sending.shows_at <= self.now:
            self.put(moves.accepted(chunk, "batch", self.now))
        elif moves.may_resend(chunk, end=end, now=self.now, policy=self.policy):
            self.put(moves.ended(chunk))
            number = max(self.chunks) + 1
            self.rows[number] = self.rows[chunk.number]
            self.put(Chunk(job_id="job", number=number, size=2))
        else:
            self.put(moves.searched_in_vain(chunk, end=end, policy=self.policy))

    def put(self, chunk: Chunk) -> None:
        self.chunks[chunk.number] = chunk


JobUnderFire.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestJobUnderFire = JobUnderFire.TestCase
