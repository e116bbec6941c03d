"""The watch: sees every commit and every call, and compares what is told with what the provider did."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.domain.attempt import AttemptStatus, CompensationStatus, EffectKind
from core.domain.contract import SAME_OBJECT, EffectContract
from core.domain.effect import Effect, EffectState, Evidence, SendAnswer
from core.domain.execution import Change, Execution, Refusal
from core.domain.keys import IntentKey
from core.domain.ledger import LedgerEntry, LedgerEvent, verify
from core.domain.outcome import OutcomeStatus
from core.domain.request import Request
from core.domain.signal import SignalType
from tests.simulation.proof import Violation, judge_proof, stands_before
from tests.simulation.scenario import KEY, TIMING

if TYPE_CHECKING:
    from tests.simulation.world import World

SKEW = TIMING.max_skew_ms
_WRITTEN = frozenset({EffectState.APPLIED, EffectState.FLAWED})


class Watch:
    """Stands in the executions port and at the provider's door."""

    def __init__(self, world: "World") -> None:
        """Keep the world."""
        self.world = world
        self.stopped_at: int | None = None
        self.cancelled = False
        self.conflicts = 0
        self.missing = 0
        self.past_stop = False
        self.must_tell = False
        self.bearers: set[object] = set()
        self.requests: dict[str, str] = {}

    def load(self, key: IntentKey) -> Execution | None:
        """Pass on."""
        return self.world.raw_executions.load(key)

    def due(self, now_ms: int, limit: int) -> Sequence[IntentKey]:
        """Pass on."""
        return self.world.raw_executions.due(now_ms, limit)

    def refuse(self, refusal: Refusal) -> bool:
        """Pass on."""
        return self.world.raw_executions.refuse(refusal)

    def commit(self, change: Change) -> None:
        """Pass on, and check that the row only moves as it may."""
        earlier = self.world.raw_executions.load(change.key)
        self.world.raw_executions.commit(change)
        is_again = earlier is not None and earlier.attempt.nonce == change.execution.attempt.nonce
        if earlier is not None and not is_again:
            self._check_move(earlier, change)

    def sending(self, request: Request, clock_ms: int) -> None:
        """Check all that must hold when a call starts; ``clock_ms`` is what the caller's clock says."""
        execution = self.world.store.executions.get(request.key)
        effect = _of(execution, request)
        if execution is None or effect is None or effect.request != request:
            raise Violation("a call without a stored prepare of this very request")
        last = effect.last
        if last.answer is not None:
            raise Violation("a call for a send that is answered already")
        known = self.requests.setdefault(f"{effect.kind}{effect.run}", request.sha256)
        if known != request.sha256:
            raise Violation("an effect was sent with two different requests")
        if clock_ms + request.timeout_ms + SKEW > last.deadline_ms:
            raise Violation("a call that ends after its deadline")
        if effect.kind is EffectKind.ACTION and clock_ms >= execution.attempt.brief.expires_at_epoch * 1000:
            raise Violation("a call after the approval expired")
        if stands_before(execution, effect):
            raise Violation("a send, though it was proved before that an earlier run's write stands")
        self._check_stop(execution, effect)
        self._check_alone(execution, effect)

    def _check_stop(self, execution: Execution, effect: Effect) -> None:
        is_late = self.stopped_at is not None and self.world.now - self.stopped_at > TIMING.switch_age_ms
        if is_late and effect.kind is EffectKind.UNDO and self.past_stop:
            if not any('"while_stopped":true' in it.body for it in self._entries()):
                raise Violation("an undo past a closed switch is not ledgered")
            return
        if is_late:
            raise Violation("a call later than the age of a switch reading after stop returned")
        if self.cancelled and effect.kind is EffectKind.ACTION:
            raise Violation("a call after cancel was confirmed")

    def _check_alone(self, execution: Execution, effect: Effect) -> None:
        contract = effect.terms.contract
        for send in effect.sends[:-1]:
            over_at = send.deadline_ms + effect.terms.settle_delay_ms + SKEW // 2
            is_over = send.answer is not None or self.world.now > over_at
            if not is_over:
                raise Violation("two sends of one effect under way at once")
        if contract is EffectContract.OPAQUE and any(it.is_unproved for it in effect.sends[:-1]):
            raise Violation("an opaque effect in doubt was sent again")

    def _check_move(self, earlier: Execution, change: Change) -> None:
        old, new = earlier.attempt, change.execution.attempt
        if new.generation < old.generation or new.run < old.run or new.revision < old.revision:
            raise Violation("a generation, run or revision moved backwards")
        takes = [it for it in change.entries if it.event is LedgerEvent.EXECUTION_STARTED]
        if takes and new.generation == old.generation:
            raise Violation("a claim did not raise the generation")
        is_live = not old.waiting and old.is_open and self.world.now <= old.lease_until_ms + SKEW // 2
        is_taken = new.owner != old.owner and new.status is AttemptStatus.RUNNING and new.run == old.run
        if is_live and is_taken and old.lease_until_ms > 0:
            raise Violation("a live lease was taken over")
        self._check_doubt(change)
        if change.outcome is not None and earlier.outcome is not None:
            if change.outcome.revision <= earlier.outcome.revision:
                raise Violation("an outcome revision was written twice")
            same_run = change.outcome.run == earlier.outcome.run
            was, now = earlier.outcome.status, change.outcome.status
            is_word = earlier.outcome.evidence is Evidence.OPERATOR
            if same_run and was is OutcomeStatus.SUCCEEDED and now is not was and not is_word:
                raise Violation(f"a proved success turned into {now}")
        is_word = earlier.undo is not None and earlier.undo.evidence is Evidence.OPERATOR
        if _order(new.compensation) < _order(old.compensation) and new.run == old.run and not is_word:
            raise Violation("compensation moved backwards")
        for entry in change.entries:
            if entry.event is LedgerEvent.OPERATOR_RESOLVED:
                self._check_resolve(earlier)

    def _check_doubt(self, change: Change) -> None:
        effect = change.execution.open_effect
        if effect is None or not any(it.event is LedgerEvent.EFFECT_IN_DOUBT for it in change.entries):
            return
        over_at = effect.last.deadline_ms + effect.terms.settle_delay_ms + SKEW // 2
        if effect.last.answer is None and self.world.now <= over_at:
            raise Violation("told as in doubt while the call may be under way")

    def _check_resolve(self, earlier: Execution) -> None:
        for effect in earlier.effects:
            if effect.state is EffectState.OPEN and effect.sends:
                over_at = effect.last.deadline_ms + effect.terms.settle_delay_ms
                if self.world.now <= over_at - SKEW:
                    raise Violation("resolved while the last call may still be under way")

    def learned(self, process: object, *, is_applied: bool) -> None:
        """Note whether a process has been told that its write was applied."""
        (self.bearers.add if is_applied else self.bearers.discard)(process)

    def survived(self, process: object) -> None:
        """Whoever learned that it was applied, and did not die, must have told."""
        self.must_tell |= process in self.bearers
        self.bearers.discard(process)

    def sweeping(self) -> None:
        """Where nothing goes wrong, wake-ups come in time and the sweeper finds only what is parked."""
        if self.world.injections or self.world.scenario.lost_wake_ups:
            return
        if any(it.attempt.waiting for it in self.world.store.executions.values()):
            raise Violation("a wait was left to the sweeper")

    def redelivering(self) -> None:
        """Where nothing goes wrong, no delivery comes twice: waiting burns no receive count."""
        if not self.world.injections:
            raise Violation("a wait was left to redelivery")

    def judge(self) -> None:
        """Compare, at the end of the world, what is told with what the provider did."""
        for execution in self.world.store.executions.values():
            self._judge_one(execution)
        if not self.world.store.executions and not (self.conflicts or self.missing):
            raise Violation("an accepted intent left no trace")
        if self.world.store.outbox:
            raise Violation("a signal was never published")
        for chain, head in self.world.ledger.chains(None):
            fault = verify(self.world.ledger.entries(chain), head)
            if fault is not None:
                raise Violation(f"the ledger is broken: {fault}")
        self._judge_conflict()

    def _judge_one(self, execution: Execution) -> None:
        attempt, outcome = execution.attempt, execution.outcome
        if attempt.is_open and attempt.due_at_ms is None:
            raise Violation("open work that nobody will come back to")
        if attempt.is_open and attempt.due_at_ms is not None and attempt.due_at_ms < self.world.now - 3_600_000:
            raise Violation("open work whose due date nobody minds")
        if outcome is None:
            raise Violation(f"no outcome at the end: {attempt.status}, due {attempt.due_at_ms}")
        written = sum(it.fresh and not it.undo for it in self.world.provider.log)
        told_undone = sum(it.event is LedgerEvent.ACTION_UNDONE for it in self._entries())
        removed = max(sum(it.undo for it in self.world.provider.log), told_undone)
        is_held = all(it.terms.contract in SAME_OBJECT or it.kind is EffectKind.UNDO for it in execution.effects)
        declared = 0 if is_held else self._declared()
        if written > 1 + removed + declared:
            raise Violation(f"written {written} times, undone {removed}, declared {declared}")
        self._judge_truth(execution, written - sum(it.undo for it in self.world.provider.log))
        judge_proof(self.world, execution, is_declared=self._declared() > 0)
        self._judge_signals(execution)
        expected = self.world.scenario.expect
        if expected and outcome.status.value not in expected:
            raise Violation(f"{outcome.status} where {expected} was due: {outcome.fault} {attempt.parked}")

    def _judge_truth(self, execution: Execution, there: int) -> None:
        attempt, outcome = execution.attempt, execution.outcome
        if self.must_tell and not any(it.state in _WRITTEN for it in execution.effects):
            raise Violation("an answer that it was applied reached us, and is not told")
        if self.must_tell and attempt.run == 1 and attempt.status is AttemptStatus.FAILED and not _is_undone(execution):
            raise Violation("an operator's word outranks the provider's")
        declared = self._declared() > 0 or self._accepted()
        reads_only = any(it.terms.contract is EffectContract.READ_ONLY for it in execution.effects)
        if outcome is None or reads_only or declared:
            return
        is_undone = attempt.compensation is CompensationStatus.COMPLETED
        is_touched = attempt.compensation is not CompensationStatus.NONE
        if outcome.status is OutcomeStatus.SUCCEEDED and not is_touched and there < 1:
            raise Violation("told as succeeded, but nothing is there")
        left = there - self.world.provider.gone
        if outcome.status in {OutcomeStatus.FAILED, OutcomeStatus.CANCELLED} and left > 0:
            raise Violation(f"told as {outcome.status}, but {left} writes are there")
        if is_undone and left > 0:
            raise Violation("told as undone, but it is there")
        if outcome.status is OutcomeStatus.IN_DOUBT and not _has_reason(execution):
            raise Violation("told as in doubt, but every send is proved")
        if outcome.status is OutcomeStatus.SUCCEEDED and not is_undone and self._is_only_partial():
            raise Violation("a partial write is told as a success")
        if attempt.status is AttemptStatus.SUCCEEDED and outcome.evidence is None:
            raise Violation("told as succeeded without evidence")

    def _is_only_partial(self) -> bool:
        there = [it for it in self.world.provider.things.values() if it.alive]
        return bool(there) and not self.world.provider.gone and all(it.partial for it in there)

    def _judge_signals(self, execution: Execution) -> None:
        outcome = execution.outcome
        published = [it for it in self.world.signals.published if it.key == execution.attempt.key]
        if outcome is not None and not any(it.revision == outcome.revision for it in published):
            raise Violation("the last revision was never signalled")
        ended = {SignalType.ACTION_EXECUTED, SignalType.ACTION_FAILED}
        ids = {(it.outcome.run, it.signal_id) for it in published if it.outcome and it.type in ended}
        plain = [name for _, name in ids if "-undo" not in name]
        runs = {run for run, name in ids if "-undo" not in name}
        is_sure = self.world.scenario.expect == ("SUCCEEDED",) and self.world.scenario.name.startswith("sure-")
        if is_sure and any(it.type is SignalType.ACTION_IN_DOUBT for it in published):
            raise Violation("parked what could be settled")
        superseded = any('"superseding":true' in it.body for it in self._entries())
        if len(plain) > len(runs) and not superseded:
            raise Violation(f"one run ended twice: {sorted(plain)}")

    def _judge_conflict(self) -> None:
        refusals = [it for it in self.world.signals.published if it.type is SignalType.ACTION_REFUSED]
        if self.conflicts and not refusals:
            raise Violation("a changed payload was not signalled as refused")
        bodies = {it.fingerprint for _, it in self.world.scenario.events}
        if len(bodies) > 1 and not self.conflicts:
            raise Violation("a changed payload went unnoticed")

    def _declared(self) -> int:
        return sum('"happened":false' in it.body for it in self._resolutions())

    def _accepted(self) -> bool:
        return any('"happened":true' in it.body for it in self._resolutions())

    def _resolutions(self) -> list[LedgerEntry]:
        return [it for it in self._entries() if it.event is LedgerEvent.OPERATOR_RESOLVED]

    def _entries(self) -> list[LedgerEntry]:
        return [it for chain in self.world.store.chains.values() for it in chain if KEY.intent_id in it.chain.subject]


def _of(execution: Execution | None, request: Request) -> Effect | None:
    if execution is None:
        return None
    found = [it for it in execution.effects if it.request.tool == request.tool]
    return max(found, key=lambda it: it.run, default=None)


def _is_undone(execution: Execution) -> bool:
    return execution.attempt.compensation is CompensationStatus.COMPLETED


def _order(status: CompensationStatus) -> int:
    return list(CompensationStatus).index(status)


def _has_reason(execution: Execution) -> bool:
    return any(
        it.state is EffectState.FLAWED
        or it.evidence is Evidence.OPERATOR
        or (
            it.state is EffectState.OPEN and any(s.is_unproved and s.answer is not SendAnswer.APPLIED for s in it.sends)
        )
        for it in execution.effects
    )
