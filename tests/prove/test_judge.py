from __future__ import annotations

import pytest

from benchmarks.effect_correctness.contracts import Contract
from benchmarks.effect_correctness.faults import CELLS, FIRST, SECOND, Cell, Fault
from benchmarks.effect_correctness.goal import goal
from benchmarks.effect_correctness.judge import Status, Told, Truth, Verdict, judge, last_word

LOST_REPLY = Cell(Fault.REPLY_LOST, Contract.PROVIDER_KEY)
SWAP = Cell(Fault.SWAP, Contract.PROVIDER_KEY)
STOP = Cell(Fault.STOP, Contract.PROVIDER_KEY)
READ = Cell(Fault.REPLY_LOST, Contract.READ_ONLY)
STOPPED_READ = Cell(Fault.STOP, Contract.READ_ONLY)

CASES = [
    (LOST_REPLY, [FIRST], Status.SUCCEEDED, Verdict.EXACT),
    (LOST_REPLY, [FIRST], Status.FAILED, Verdict.FALSE_FAILURE),
    (LOST_REPLY, [FIRST], Status.NOTHING, Verdict.FALSE_FAILURE),
    (LOST_REPLY, [FIRST], Status.IN_DOUBT, Verdict.SURFACED),
    (LOST_REPLY, [], Status.IN_DOUBT, Verdict.SURFACED),
    (LOST_REPLY, [], Status.SUCCEEDED, Verdict.FALSE_SUCCESS),
    (LOST_REPLY, [SECOND], Status.SUCCEEDED, Verdict.FALSE_SUCCESS),
    (LOST_REPLY, [], Status.FAILED, Verdict.LOST),
    (LOST_REPLY, [], Status.NOTHING, Verdict.LOST),
    (LOST_REPLY, [FIRST, FIRST], Status.SUCCEEDED, Verdict.DUPLICATED),
    (LOST_REPLY, [FIRST, FIRST], Status.IN_DOUBT, Verdict.DUPLICATED),
    (LOST_REPLY, [FIRST, SECOND], Status.FAILED, Verdict.DUPLICATED),
    (STOP, [], Status.FAILED, Verdict.EXACT),
    (STOP, [], Status.SUCCEEDED, Verdict.FALSE_SUCCESS),
    (STOP, [], Status.NOTHING, Verdict.LOST),
    (STOP, [FIRST], Status.SUCCEEDED, Verdict.DUPLICATED),
]


@pytest.mark.parametrize(("cell", "writes", "first", "verdict"), CASES)
def test_what_was_written_and_what_was_told_give_the_verdict(
    cell: Cell, writes: list[str], first: Status, verdict: Verdict
) -> None:
    assert judge(cell, Truth(tuple(writes), calls=max(1, len(writes))), Told(first)) is verdict


def test_every_verdict_can_occur() -> None:
    assert {verdict for _, _, _, verdict in CASES} == set(Verdict)


@pytest.mark.parametrize(
    ("calls", "first", "verdict"),
    [
        (1, Status.SUCCEEDED, Verdict.EXACT),
        (3, Status.SUCCEEDED, Verdict.EXACT),
        (0, Status.SUCCEEDED, Verdict.FALSE_SUCCESS),
        (1, Status.FAILED, Verdict.LOST),
    ],
)
def test_a_read_may_be_repeated_but_not_made_up(calls: int, first: Status, verdict: Verdict) -> None:
    assert judge(READ, Truth((), calls), Told(first)) is verdict


def test_a_read_after_stop_is_too_much() -> None:
    assert judge(STOPPED_READ, Truth((), calls=1), Told(Status.SUCCEEDED)) is Verdict.DUPLICATED
    assert judge(STOPPED_READ, Truth((), calls=0), Told(Status.FAILED)) is Verdict.EXACT


@pytest.mark.parametrize(
    ("second", "verdict"),
    [
        (Status.REFUSED, Verdict.EXACT),
        (Status.FAILED, Verdict.EXACT),
        (Status.SUCCEEDED, Verdict.FALSE_SUCCESS),
        (Status.NOTHING, Verdict.LOST),
        (None, Verdict.LOST),
    ],
)
def test_another_body_must_be_turned_away_aloud(second: Status | None, verdict: Verdict) -> None:
    assert judge(SWAP, Truth((FIRST,), calls=1), Told(Status.SUCCEEDED, second)) is verdict


def test_the_gravest_of_several_words_counts() -> None:
    assert last_word([Status.SUCCEEDED, Status.FAILED]) is Status.FAILED
    assert last_word([Status.SUCCEEDED, Status.IN_DOUBT]) is Status.IN_DOUBT
    assert last_word([Status.NOTHING, Status.SUCCEEDED]) is Status.SUCCEEDED
    assert last_word([Status.NOTHING]) is Status.NOTHING
    assert last_word([]) is Status.NOTHING


def test_only_an_opaque_effect_may_be_surfaced_and_only_where_nobody_can_know() -> None:
    surfaced = {cell for cell in CELLS if goal(cell) is Verdict.SURFACED}

    assert {cell.contract for cell in surfaced} == {Contract.OPAQUE}
    assert len(surfaced) == 5
    assert {goal(cell) for cell in set(CELLS) - surfaced} == {Verdict.EXACT}
