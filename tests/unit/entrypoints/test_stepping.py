"""Each state of the state machine but the last: what it does to the execution, and what it says that follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.memory.kill_switches import MemoryKillSwitches
from core.domain.answer import Applied, Flaw, Happened, Hold, NotHappened, NotSent, ObjectRef, Refused, Unknown
from core.domain.attempt import AttemptStatus
from core.domain.canonical import text_digest
from core.domain.contract import EffectContract
from core.domain.errors import (
    ErrorClass,
    ExecutionAlreadyInProgressError,
    IntentExpiredError,
    KillSwitchEnabledError,
    SwitchUnreadableError,
    ValidationError,
)
from core.domain.execution import AlreadyFinishedError
from core.domain.operating import Operator
from core.domain.orchestration import orchestration
from core.domain.switches import Switch, SwitchReading
from entrypoints.stepping import following
from ports.wire.state import CaughtModel, HeldModel
from tests.unit.making import KEY, NOW_MS, TIMING, an_entry, an_intent, terms_of
from tests.unit.orchestrating import ORDER, OURS, Bench, Steps, given_state, undoable

APPLIED = Applied((ObjectRef("crm", "task", "7"),), "{}")
LOST = Unknown("the reply was lost")
REFUSED = Refused(ErrorClass.AUTH, "AUTH_FAILED", "no")
CAUGHT = CaughtModel.model_validate({"Error": "Lambda.Unknown", "Cause": ""})
QUIET_MS = 400_000


@pytest.fixture
def bench() -> Bench:
    return Bench(entry=undoable(terms=terms_of(EffectContract.READ_BACK, absence_proof_ms=0)))


@pytest.fixture
def steps(bench: Bench) -> Steps:
    bench.known()
    return Steps(bench)


def with_error(state: HeldModel, error: CaughtModel = CAUGHT) -> HeldModel:
    return state.model_copy(update={"error": error})


def due_ms(state: HeldModel) -> int:
    assert state.due_at is not None
    return int(datetime.fromisoformat(state.due_at).timestamp() * 1_000)


def test_begin_claims_for_its_own_execution_and_goes_on_to_validate(steps: Steps) -> None:
    state = steps.begin(given_state())
    assert state == HeldModel(**given_state().model_dump(), generation=1, next="VALIDATE")
    attempt = steps.bench.attempt
    assert (attempt.owner, attempt.brief.approval_source) == (OURS.order.owner, "HUMAN")


def test_begin_that_is_repeated_takes_its_own_claim_again(steps: Steps) -> None:
    steps.begin(given_state())
    again = steps.begin(given_state())
    assert (again.generation, again.next) == (2, "VALIDATE")


def test_begin_that_finds_a_prepared_effect_goes_on_to_reconcile(steps: Steps) -> None:
    steps.bench.tool.answers = [LOST]
    steps.send(steps.begin(given_state()))
    state = steps.begin(given_state())
    assert (state.generation, state.next) == (2, "RECONCILE")


def test_begin_that_finds_an_undo_goes_on_to_compensate(steps: Steps) -> None:
    state = undo_asked(steps)
    assert (state.generation, state.next) == (3, "COMPENSATE")


def undo_asked(steps: Steps) -> HeldModel:
    """An operator asks for what was written to be removed, and its own execution begins."""
    steps.bench.tool.answers = [APPLIED]
    steps.send(steps.begin(given_state()))
    steps.bench.clock.advance(60_000)
    asked = steps.bench.undo(KEY, Operator("ada")).attempt
    return steps.begin(given_state(orchestration(ORDER, run=asked.run, generation=asked.generation)))


def test_begin_finds_finished_work_and_another_owners_by_the_name_of_an_error(steps: Steps) -> None:
    steps.bench.start(replace(ORDER, owner="queue:message-1"))
    with pytest.raises(ExecutionAlreadyInProgressError):
        steps.begin(given_state())
    steps.bench.cancel(KEY, Operator("ada"))
    with pytest.raises(AlreadyFinishedError):
        steps.begin(given_state())


def test_check_leaves_the_state_as_it_is(steps: Steps) -> None:
    state = steps.begin(given_state())
    before = steps.bench.stored()
    assert steps.check(state) == state
    assert steps.bench.stored() == before


def test_check_refuses_by_the_name_of_an_error_and_writes_nothing(steps: Steps) -> None:
    state = steps.begin(given_state())
    before = steps.bench.stored()
    steps.bench.switches.close(Switch(), operator="ada", reason="", at_ms=NOW_MS)
    with pytest.raises(KillSwitchEnabledError):
        steps.check(state)
    steps.bench.clock.advance(1_000_000_000_000)
    with pytest.raises(IntentExpiredError):
        steps.check(state)
    assert steps.bench.stored() == before


def test_map_keeps_the_tool_and_a_digest_of_the_arguments_alone(steps: Steps) -> None:
    state = steps.begin(given_state())
    mapped = steps.map(state)
    arguments = steps.bench.map_tool(an_intent(), steps.bench.entry).canonical.decode()
    assert mapped == state.model_copy(update={"tool": "crm.create_task", "arguments_sha256": text_digest(arguments)})
    assert "Call them" in arguments
    assert "Call them" not in mapped.model_dump_json()


def test_map_refuses_what_no_mapping_names(steps: Steps) -> None:
    steps.bench.entry = an_entry()
    steps.bench.store.intents[KEY] = an_intent(parameters={"colour": "red"})
    state = steps.begin(given_state())
    with pytest.raises(ValidationError, match="colour"):
        steps.map(state)


@pytest.mark.parametrize("answer", [APPLIED, REFUSED])
def test_an_answer_that_settles_goes_on_to_record(steps: Steps, answer: Applied | Refused) -> None:
    steps.bench.tool.answers = [answer]
    assert steps.send(steps.begin(given_state())).next == "RECORD"
    assert not steps.bench.attempt.is_open


def test_a_call_that_was_not_sent_waits_for_its_moment(steps: Steps) -> None:
    steps.bench.tool.answers = [NotSent(Hold.THROTTLED, "slow down", retry_after_ms=7_001)]
    state = steps.send(steps.begin(given_state()))
    assert (state.next, state.due_at) == ("WAIT", "2030-03-17T17:46:48Z")
    assert steps.bench.attempt.due_at_ms == NOW_MS + 7_001


def test_a_lost_reply_goes_on_to_reconcile(steps: Steps) -> None:
    steps.bench.tool.answers = [LOST]
    state = steps.send(steps.begin(given_state()))
    assert (state.next, state.due_at) == ("RECONCILE", None)


def test_a_write_that_is_not_what_was_asked_goes_on_to_compensate(steps: Steps) -> None:
    steps.bench.tool.answers = [replace(APPLIED, flaw=Flaw.PARTIAL)]
    assert steps.send(steps.begin(given_state())).next == "COMPENSATE"


def test_an_opaque_tool_whose_reply_is_lost_is_parked_and_recorded() -> None:
    bench = Bench(entry=an_entry(terms=terms_of(EffectContract.OPAQUE)))
    bench.known()
    steps = Steps(bench)
    bench.tool.answers = [LOST]
    assert steps.send(steps.begin(given_state())).next == "RECORD"
    assert bench.attempt.status is AttemptStatus.IN_DOUBT


def test_a_send_that_is_invoked_twice_sends_once(steps: Steps) -> None:
    steps.bench.tool.answers = [LOST]
    state = steps.begin(given_state())
    assert steps.send(state).next == steps.send(state).next == "RECONCILE"
    assert len(steps.bench.tool.calls) == 1


def test_a_send_for_a_claim_that_was_taken_again_sends_nothing_and_reconciles(steps: Steps) -> None:
    state = steps.begin(given_state())
    steps.begin(given_state())
    assert steps.send(state).next == "RECONCILE"
    assert steps.bench.tool.calls == []


@pytest.mark.parametrize("step", ["send", "settle"])
def test_what_somebody_else_took_over_is_recorded_as_it_is(steps: Steps, step: str) -> None:
    state = steps.begin(given_state())
    steps.bench.clock.advance(60_000)
    taken = steps.bench.advance.taken_over(steps.bench.stored(), "sweeper:1")
    assert getattr(steps, step)(state).next == "RECORD"
    assert (steps.bench.stored(), steps.bench.tool.calls) == (taken, [])


class Unreadable(MemoryKillSwitches):
    def read(self, tenant_id: str) -> SwitchReading:
        raise SwitchUnreadableError("away")


def test_a_send_before_which_the_switches_cannot_be_read_raises_and_has_prepared_nothing(steps: Steps) -> None:
    state = steps.begin(given_state())
    steps.bench.switches = Unreadable(steps.bench.store)
    steps.bench.wire()
    with pytest.raises(SwitchUnreadableError):
        Steps(steps.bench).send(state)
    assert steps.bench.stored().open_effect is None


def test_a_step_that_was_lost_before_it_prepared_is_taken_again_only_after_a_wait(steps: Steps) -> None:
    state = steps.begin(given_state())
    first = steps.settle(with_error(state))
    assert (first.next, first.rounds, first.generation, first.error) == ("WAIT", 1, 2, None)
    assert due_ms(first) == NOW_MS + TIMING.backoff(1)
    steps.bench.clock.advance(TIMING.backoff(1))
    then = steps.settle(first)
    assert (then.next, then.judged_send_no, then.rounds) == ("INVOKE", 0, 2)
    longer = steps.settle(with_error(then))
    assert due_ms(longer) == steps.bench.clock.now_ms() + TIMING.backoff(3)


def test_a_send_that_was_lost_is_waited_for_until_its_time_is_over_then_looked_up(steps: Steps) -> None:
    state = steps.begin(given_state())
    with pytest.raises(IndexError):
        # The tool has no answer: the process is gone in the middle of its call.
        steps.send(state)
    effect = steps.bench.stored().open_effect
    assert effect is not None
    waiting = steps.settle(with_error(state))
    assert (waiting.next, waiting.generation) == ("WAIT", 2)
    assert due_ms(waiting) >= effect.last.deadline_ms
    assert steps.settle(waiting).next == "WAIT"
    steps.bench.clock.advance(QUIET_MS)
    steps.bench.tool.findings = [Happened(APPLIED.refs, "{}")]
    assert steps.settle(waiting).next == "RECORD"
    assert steps.bench.attempt.status is AttemptStatus.SUCCEEDED
    assert len(steps.bench.tool.calls) == 1


def test_what_is_proved_absent_may_be_sent_again_as_it_was_judged(steps: Steps) -> None:
    steps.bench.tool.answers = [LOST, APPLIED]
    state = steps.send(steps.begin(given_state()))
    steps.bench.clock.advance(QUIET_MS)
    steps.bench.tool.findings = [NotHappened()]
    judged = steps.settle(state)
    assert (judged.next, judged.judged_send_no, judged.absent) == ("INVOKE", 1, True)
    assert judged.judged_at_ms == steps.bench.clock.now_ms()
    after = steps.send(judged)
    assert (after.next, after.judged_send_no, after.absent, after.judged_at_ms) == ("RECORD", 0, False, 0)
    assert len(steps.bench.tool.calls) == 2


def test_every_pass_of_reconcile_is_counted(steps: Steps) -> None:
    state = steps.begin(given_state())
    for rounds in range(1, 4):
        state = steps.settle(state)
        assert state.rounds == rounds


def test_an_undo_is_sent_by_compensate_and_recorded(steps: Steps) -> None:
    state = undo_asked(steps)
    steps.bench.tool.answers = [APPLIED]
    done = steps.compensate(state)
    assert done.next == "RECORD"
    assert [it.tool for it in steps.bench.tool.calls] == ["crm.create_task", "crm.delete_task"]
    assert steps.tell(done).compensation_status == "COMPLETED"


@given(due_at_ms=st.integers(NOW_MS, NOW_MS + 10_000))
def test_a_wait_ends_at_the_next_whole_second_and_never_early(due_at_ms: int) -> None:
    bench = Bench()
    bench.known()
    steps = Steps(bench)
    state = steps.begin(given_state())
    attempt = replace(bench.attempt, waiting=True, due_at_ms=due_at_ms)
    waiting = following(with_error(state), replace(bench.stored(), attempt=attempt))
    assert (waiting.next, waiting.error) == ("WAIT", None)
    assert 0 <= due_ms(waiting) - due_at_ms < 1_000
    assert due_ms(waiting) % 1_000 == 0
