"""Edges that an adversarial reading of the protocol found, each played once in the simulated world."""

from dataclasses import replace
from itertools import count

import pytest

from core.domain.claiming import Order
from core.domain.decision import Fail, decide
from core.domain.effect import SendAnswer
from core.domain.errors import StoreUnavailableError
from core.domain.execution import Change
from core.domain.intent import Intent
from core.domain.ledger import LedgerEntry, LedgerEvent
from core.domain.operating import Operator, retry
from core.domain.outcome import Outcome, OutcomeStatus
from core.domain.registry import Compensation, CompensationMode
from core.domain.signal import SignalType
from core.usecases.transact import PATIENCE_MS
from tests.simulation.provider import Fault
from tests.simulation.scenario import KEY, TIMING, Scenario, entry, intent, scenario
from tests.simulation.stage import START_MS
from tests.simulation.world import World


def played(setting: Scenario) -> World:
    return World(setting).run()


def outcome_of(world: World) -> Outcome:
    outcome = world.store.executions[KEY].outcome
    assert outcome is not None
    return outcome


def code_of(world: World) -> str | None:
    fault = outcome_of(world).fault
    return fault.error_code if fault else None


def entries_of(world: World) -> list[LedgerEntry]:
    return [entry for chain in world.store.chains.values() for entry in chain]


def of(told: Intent, *faults: Fault, terms: str = "opaque") -> Scenario:
    return replace(scenario(terms, *faults), events=((0, told),), stored=(told,))


def test_arguments_that_are_too_large_end_as_failed_with_ledger_and_signal() -> None:
    for terms in ("opaque", "read_back"):
        world = played(of(intent(title="x" * 210_000), terms=terms))

        assert (outcome_of(world).status, code_of(world)) == (OutcomeStatus.FAILED, "VALIDATION_FAILED")
        assert world.provider.log == []
        assert len(world.signals.published) == 1


def test_a_before_image_that_never_comes_ends_as_failed_after_a_few_tries() -> None:
    world = played(replace(scenario("read_back"), unreadable=True))

    assert (outcome_of(world).status, code_of(world)) == (OutcomeStatus.FAILED, "BEFORE_IMAGE_UNREADABLE")
    assert len(entries_of(world)) < 12


def test_an_unread_before_image_does_not_use_up_the_look_ups_of_doubt() -> None:
    world = World(replace(scenario("proved_absent", Fault.DROP), unreadable=True))
    world.later(world.now + 700, lambda: setattr(world, "scenario", scenario("proved_absent", Fault.DROP)))

    world.run()

    assert outcome_of(world).status is OutcomeStatus.SUCCEEDED


def test_automatic_runs_are_counted_once_each_and_undoing_is_none() -> None:
    twice = played(of(intent(retries=0, runs=2), Fault.BUSY))
    undone = played(of(intent(retries=0), Fault.PARTIAL, terms="natural_key"))

    assert outcome_of(twice).attempt_count == 2
    assert outcome_of(undone).attempt_count == 1


def test_an_undo_that_cannot_even_be_mapped_is_ledgered_as_an_undo() -> None:
    nameless = replace(entry("natural_key"), compensation=Compensation(CompensationMode.AUTOMATIC))
    world = World(replace(scenario("natural_key", Fault.PARTIAL), entry=nameless))

    world.run()

    assert outcome_of(world).status is OutcomeStatus.IN_DOUBT
    failures = [it for it in entries_of(world) if it.event is LedgerEvent.ACTION_FAILED]
    assert ['"kind":"undo"' in it.body for it in failures] == [True]
    assert all('"error_code":null' in it.body for it in entries_of(world) if it.event is LedgerEvent.EFFECT_SETTLED)


def test_one_ask_for_a_retry_whose_reply_was_lost_opens_one_run() -> None:
    world = played(scenario("opaque", Fault.REFUSE))
    transact = world.worker.transact

    for _ in range(2):
        transact(KEY, lambda draft: retry(draft, Operator("op"), "ask-1"))

    assert world.store.executions[KEY].attempt.run == 2


def test_an_answer_outlasts_a_minute_in_which_the_store_cannot_be_written() -> None:
    """Only the worker knows it; given up, a write that is proved would be told as in doubt."""
    world = World(scenario("opaque"))
    commit, calls = world.raw_executions.commit, count()

    def failing(change: Change) -> None:
        if next(calls) > 0 and world.now < START_MS + 60_000:
            raise StoreUnavailableError("throttled")
        commit(change)

    world.raw_executions.commit = failing  # type: ignore[method-assign]
    world.run()

    assert outcome_of(world).status is OutcomeStatus.SUCCEEDED
    assert SignalType.ACTION_IN_DOUBT not in {it.type for it in world.signals.published}


def test_a_claim_does_not_wait_long_for_a_store_for_its_delivery_comes_back() -> None:
    world = World(scenario("opaque"))
    world.begin()
    before = world.now

    def failing(change: Change) -> None:
        raise StoreUnavailableError(f"throttled: {change.key}")

    world.raw_executions.commit = failing  # type: ignore[method-assign]
    with pytest.raises(StoreUnavailableError):
        world.worker.execute(Order(KEY, "queue:1"))
    assert PATIENCE_MS <= world.now - before < 3 * PATIENCE_MS


def test_a_wake_up_that_comes_early_is_armed_again() -> None:
    world = World(scenario("opaque", Fault.THROTTLE))
    world.begin()
    world.work(world.worker)
    waiting = world.store.executions[KEY].attempt
    assert waiting.waiting
    before = len(world.queue)

    world.worker.execute.resume(KEY, waiting.owner)

    assert len(world.queue) == before + 1
    assert world.store.executions[KEY].attempt == waiting


def test_doubt_ends_when_a_replayed_refusal_speaks_for_every_send() -> None:
    """The provider repeats its first refusal by key, and the worker of a later send is gone: nothing is in doubt."""
    world = played(scenario("provider_key", Fault.LOST, Fault.LOST, Fault.LOST))
    effect = world.store.executions[KEY].action
    assert effect is not None
    sends = tuple(replace(send, absent=True, answer=SendAnswer.UNKNOWN) for send in effect.sends)
    unanswered = replace(effect, sends=(*sends[:-1], replace(sends[-1], answer=None)))

    brief = world.store.executions[KEY].attempt.brief
    step = decide(unanswered, replace(brief, expires_at_epoch=0), world.now, TIMING)

    assert isinstance(step, Fail)
