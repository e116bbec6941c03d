"""A look-up tells what is so, by reading alone; whatever it cannot read it cannot tell."""

from __future__ import annotations

import time

from core.domain.answer import CannotTell, Finding, Happened, NotHappened, Unknown
from core.domain.contract import LOOKED_UP, SAME_OBJECT
from tests.conformance.expecting import APPLIED, CALM_MS, LAG_S, LATE_S, READ_FAULTS, seconds_of, timeout_of
from tests.conformance.scene import Given, Scene, scene
from tests.conformance.selecting import about, both, can, is_looked_up, is_write
from tests.conformance.subject import Fault, Kind, Stand

WAIT_S = 3.0
DOUBTFUL = {fault for fault in Fault if fault not in {Fault.COLLISION, Fault.MIXED_UP}}


def names_what_was_written(finding: Finding, at: Scene) -> bool:
    """Of what is gone nobody need name more than that it is gone."""
    ids = set() if at.case.kind is Kind.DELETE else {write.object_id for write in at.written()}
    return isinstance(finding, Happened) and ids <= {ref.object_id for ref in finding.refs}


@about(is_looked_up)
def test_before_anything_is_sent_nothing_has_happened(given: Given, stand: Stand) -> None:
    assert scene(stand, given.case).look_up() == NotHappened()


@about(is_looked_up, DOUBTFUL)
def test_after_every_fault_a_look_up_says_what_the_log_says(given: Given, stand: Stand, fault: Fault) -> None:
    at = scene(stand, given.case, timeout_ms=timeout_of(fault))
    stand.fail(at.request, fault, seconds=seconds_of(fault))
    at.answered()
    written = at.written(wait_s=WAIT_S if fault in APPLIED else 0.0)
    found = at.within(CALM_MS).look_up()
    if written:
        assert names_what_was_written(found, at), found
    else:
        assert found == NotHappened()


@about(both(is_looked_up, can(Fault.LATE_APPLY)))
def test_what_is_applied_late_is_seen_by_a_later_look_up(given: Given, stand: Stand) -> None:
    at = scene(stand, given.case, timeout_ms=timeout_of(Fault.LATE_APPLY))
    stand.fail(at.request, Fault.LATE_APPLY, seconds=LATE_S)
    assert isinstance(at.answered(), Unknown)
    early = at.within(CALM_MS).look_up()
    assert isinstance(early, NotHappened) or at.written()
    assert at.written(wait_s=WAIT_S)
    assert names_what_was_written(at.within(CALM_MS).look_up(), at)


@about(lambda case: is_write(case) and case.terms.contract not in LOOKED_UP)
def test_a_tool_without_a_look_up_cannot_tell(given: Given, stand: Stand) -> None:
    at = scene(stand, given.case)
    at.call()
    assert isinstance(at.look_up(), CannotTell)


@about(both(is_looked_up, lambda case: case.people and case.kind is Kind.CREATE, can(Fault.DROP_AFTER)))
def test_what_people_edited_is_not_taken_for_absent(given: Given, stand: Stand) -> None:
    at = scene(stand, given.case)
    stand.fail(at.request, Fault.DROP_AFTER)
    at.call()
    stand.edit(at.written(wait_s=WAIT_S)[0].object_id)
    found = at.look_up()
    if given.case.stays_ours:
        assert names_what_was_written(found, at)
    else:
        assert isinstance(found, CannotTell)
        assert found.changed_otherwise


@about(both(is_looked_up, lambda case: case.people and case.kind is Kind.UPDATE, can(Fault.DROP_BEFORE)))
def test_an_object_that_people_changed_since_is_not_ours_to_judge(given: Given, stand: Stand) -> None:
    at = scene(stand, given.case)
    stand.fail(at.request, Fault.DROP_BEFORE)
    at.call()
    stand.edit(stand.object_of(at.request))
    found = at.look_up()
    assert isinstance(found, CannotTell)
    assert found.changed_otherwise


@about(both(is_looked_up, lambda case: case.people and case.kind is Kind.CREATE, can(Fault.DROP_AFTER)))
def test_what_people_removed_is_not_said_to_be_there(given: Given, stand: Stand) -> None:
    at = scene(stand, given.case)
    stand.fail(at.request, Fault.DROP_AFTER)
    at.call()
    stand.remove(at.written(wait_s=WAIT_S)[0].object_id)
    found = at.look_up()
    assert isinstance(found, CannotTell) or (given.case.forgets and found == NotHappened())


@about(both(is_looked_up, lambda case: case.people and case.kind is Kind.DELETE))
def test_what_people_removed_first_is_removed(given: Given, stand: Stand) -> None:
    at = scene(stand, given.case)
    stand.remove(stand.object_of(at.request))
    assert isinstance(at.look_up(), Happened)
    at.call()
    assert at.written() == []


@about(both(is_looked_up, lambda case: case.lags, can(Fault.DROP_AFTER)))
def test_what_the_index_does_not_show_yet_is_seen_after_the_settle_delay(given: Given, stand: Stand) -> None:
    at = scene(stand, given.case)
    stand.fail(at.request, Fault.DROP_AFTER)
    at.call()
    assert at.written(wait_s=WAIT_S)
    stand.lag(LAG_S)
    early = at.look_up()
    assert not isinstance(early, Happened) or names_what_was_written(early, at)
    assert given.case.terms.settle_delay_ms >= LAG_S * 1000
    time.sleep(LAG_S)
    assert names_what_was_written(at.look_up(), at)


@about(
    lambda case: is_looked_up(case) and case.kind is Kind.CREATE and case.terms.contract in SAME_OBJECT,
    {Fault.COLLISION, Fault.MIXED_UP},
)
def test_somebody_elses_object_under_our_id_is_not_taken_for_ours(given: Given, stand: Stand, fault: Fault) -> None:
    at = scene(stand, given.case)
    stand.fail(at.request, fault)
    at.call()
    found = at.look_up()
    assert isinstance(found, CannotTell)
    assert found.changed_otherwise


@about(is_looked_up, READ_FAULTS)
def test_no_fault_makes_a_look_up_say_what_is_not_so(given: Given, stand: Stand, fault: Fault) -> None:
    for applied in (False, True):
        at = scene(stand, given.case)
        if applied:
            at.call()
        stand.fail(at.request, fault, reads=True, seconds=seconds_of(fault))
        found = at.within(timeout_of(fault)).look_up()
        stand.calm()
        assert isinstance(found, CannotTell), found
        assert not found.changed_otherwise


@about(lambda case: case.terms.before_tool is not None, READ_FAULTS)
def test_no_fault_makes_a_before_image_of_something_else(given: Given, stand: Stand, fault: Fault) -> None:
    at = scene(stand, given.case).within(timeout_of(fault))
    stand.fail(at.request, fault, reads=True, seconds=seconds_of(fault))
    assert at.connector.before_image(at.request) is None
    assert at.connector.before_image(at.request) == at.before
