"""A call says no more than the fake's own log; every fault times every tool."""

from __future__ import annotations

from core.domain.answer import Answer, Applied, Hold, NotSent, Refused, Unknown
from core.domain.contract import SAME_OBJECT, EffectContract
from tests.conformance.expecting import ALLOWED, APPLIED, CALM_MS, LATE_S, RETRY_AFTER_S, seconds_of, timeout_of
from tests.conformance.routed import Routed
from tests.conformance.scene import SHUT, CountingGate, Given, Scene, ShutGate, request_of, scene
from tests.conformance.selecting import about, both, can, is_write
from tests.conformance.subject import Fault, Kind, Stand

WAIT_S = 3.0
QUIET_S = 0.1


def is_borne_out(answer: Answer, at: Scene) -> None:
    """Hold what was answered against the log."""
    written = at.written()
    if isinstance(answer, Applied) and at.case.kind is not Kind.READ:
        assert [at.stand.is_of(write, at.request) for write in written] == [True]
        assert written[0].object_id in [ref.object_id for ref in answer.refs]
    if isinstance(answer, Refused | NotSent) or at.case.kind is Kind.READ:
        assert written == []


def test_a_call_without_a_fault_is_applied_once_and_names_its_object(given: Given, stand: Stand) -> None:
    at = scene(stand, given.case)
    answer = at.call()
    assert isinstance(answer, Applied)
    assert answer.flaw is None
    assert not answer.replayed
    is_borne_out(answer, at)


def test_no_fault_makes_a_call_say_what_the_log_denies(given: Given, stand: Stand, fault: Fault) -> None:
    at = scene(stand, given.case, timeout_ms=timeout_of(fault))
    stand.fail(at.request, fault, reads=given.case.kind is Kind.READ, seconds=seconds_of(fault))

    answer = at.answered()

    assert isinstance(answer, ALLOWED[fault]), answer
    is_borne_out(answer, at)
    writes = fault in APPLIED and given.case.kind is not Kind.READ
    assert len(at.written(wait_s=WAIT_S if writes else QUIET_S)) == int(writes)
    is_borne_out(answer, at)


@about(lambda _: True, {Fault.SILENCE_BEFORE, Fault.SILENCE_AFTER, Fault.DRIP, Fault.LATE_REPLY})
def test_a_call_that_nobody_answers_in_time_says_that_it_timed_out(given: Given, stand: Stand, fault: Fault) -> None:
    at = scene(stand, given.case, timeout_ms=timeout_of(fault))
    stand.fail(at.request, fault, reads=given.case.kind is Kind.READ, seconds=seconds_of(fault))
    answer = at.answered()
    assert isinstance(answer, Unknown)
    assert answer.timed_out


@about(can(Fault.THROTTLE))
def test_a_throttle_keeps_the_wait_that_was_asked_for(given: Given, stand: Stand) -> None:
    at = scene(stand, given.case)
    stand.fail(at.request, Fault.THROTTLE, reads=given.case.kind is Kind.READ, seconds=RETRY_AFTER_S)
    answer = at.call()
    assert isinstance(answer, NotSent)
    assert (answer.hold, answer.retry_after_ms) == (Hold.THROTTLED, RETRY_AFTER_S * 1000)


@about(can(Fault.REDIRECT))
def test_a_redirect_is_followed_by_no_verb(given: Given, stand: Stand) -> None:
    at = scene(stand, given.case)
    for reads in (False, True):
        stand.fail(at.request, Fault.REDIRECT, reads=reads)
    at.call()
    at.look_up()
    at.connector.before_image(at.request)
    assert stand.strays() == 0


def test_a_closed_gate_sends_nothing(given: Given, stand: Stand) -> None:
    at = scene(stand, given.case)
    earlier = stand.asked()
    assert at.call(ShutGate()) == SHUT
    assert stand.asked() == earlier
    assert at.written(wait_s=QUIET_S) == []


def test_the_gate_is_asked_once_before_the_api_sees_anything(given: Given, stand: Stand) -> None:
    at = scene(stand, given.case)
    gate, earlier = CountingGate(stand), stand.asked()
    assert isinstance(at.call(gate), Applied)
    assert (gate.asked, gate.seen_by_api) == (1, earlier)
    assert stand.asked() <= earlier + 1


@about(can(Fault.REDIRECT))
def test_where_nobody_listens_nothing_was_sent(given: Given, stand: Stand) -> None:
    assert stand.unreachable is not None
    at = scene(stand, given.case)
    answer = Routed(stand.unreachable).call(at.request, CountingGate(), None)
    assert isinstance(answer, NotSent)
    assert answer.hold is Hold.UNREACHABLE


@about(lambda case: case.undo is not None)
def test_what_was_made_is_removed_by_the_tool_that_undoes_it(given: Given, stand: Stand) -> None:
    at, undo = scene(stand, given.case), given.case.undo
    assert undo is not None
    made = at.call()
    assert isinstance(made, Applied)
    request = request_of(undo.tool, undo.terms, {undo.argument: made.refs[0].object_id}, kind="UNDO")
    answer = at.call(request=request)
    assert isinstance(answer, Applied)
    assert [(write.kind, write.object_id) for write in at.written()[1:]] == [(Kind.DELETE, made.refs[0].object_id)]


@about(lambda case: is_write(case) and case.terms.contract in SAME_OBJECT)
def test_the_same_send_again_lands_on_the_same_object(given: Given, stand: Stand) -> None:
    at = scene(stand, given.case)
    assert isinstance(at.call(), Applied)
    again = at.call()
    assert isinstance(again, Applied | Unknown)
    assert len({write.object_id for write in at.written()}) == 1
    assert [write.kind for write in at.written()].count(given.case.kind) == 1


@about(both(lambda case: is_write(case) and case.terms.contract in SAME_OBJECT, can(Fault.LATE_APPLY)))
def test_a_late_first_send_and_a_second_one_land_on_the_same_object(given: Given, stand: Stand) -> None:
    at = scene(stand, given.case, timeout_ms=timeout_of(Fault.LATE_APPLY))
    stand.fail(at.request, Fault.LATE_APPLY, seconds=LATE_S)
    assert isinstance(at.answered(), Unknown)
    assert isinstance(at.within(CALM_MS).call(), Applied | Unknown)
    at.written(wait_s=LATE_S + QUIET_S, least=2)
    assert len({write.object_id for write in at.written()}) == 1
    assert [write.kind for write in at.written()].count(given.case.kind) == 1


@about(both(lambda case: case.terms.contract is EffectContract.PROVIDER_KEY, can(Fault.DROP_AFTER)))
def test_a_provider_that_holds_the_key_replays_what_was_lost(given: Given, stand: Stand) -> None:
    at = scene(stand, given.case)
    stand.fail(at.request, Fault.DROP_AFTER)
    assert isinstance(at.call(), Unknown)
    again = at.call()
    assert isinstance(again, Applied)
    assert again.replayed
    is_borne_out(again, at)
