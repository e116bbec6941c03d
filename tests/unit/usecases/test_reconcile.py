"""Reconcile settles what somebody has seen, and nothing that came since."""

from __future__ import annotations

from core.domain.answer import Refused
from core.domain.attempt import AttemptStatus
from core.domain.errors import ErrorClass
from core.domain.operating import Operator
from core.domain.sending import Sending
from tests.unit.orchestrating import Bench


def test_a_retry_that_came_since_it_was_seen_is_not_failed_for_having_prepared_nothing() -> None:
    bench = Bench()
    seen = bench.claimed()
    bench.tool.answers = [Refused(ErrorClass.VALIDATION, "NO", "No.")]
    assert bench.advance.sent(seen, Sending()).attempt.status is AttemptStatus.FAILED
    retried = bench.retry(seen.attempt.key, Operator("ada", "it was mended"))
    assert bench.reconcile(seen) == retried
    assert (bench.attempt.status, bench.attempt.run) == (AttemptStatus.RUNNING, 2)


def test_what_has_prepared_nothing_is_failed_where_nobody_went_on() -> None:
    bench = Bench()
    settled = bench.reconcile(bench.claimed())
    assert settled is not None
    assert settled.attempt.status is AttemptStatus.FAILED
    assert bench.reconcile(settled) == settled
