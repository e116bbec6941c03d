"""One ending of each kind, made by the domain itself."""

from __future__ import annotations

from core.domain.answer import Applied, Hold, NotSent, ObjectRef, Refused, Unknown
from core.domain.contract import EffectContract
from core.domain.errors import ErrorClass
from core.domain.execution import Change
from core.domain.outcome import Outcome
from core.domain.settling import record_answer
from core.domain.signal import Signal
from tests.unit.making import NOW_MS, TIMING, a_draft, prepared, terms_of

Answered = Applied | Refused | NotSent | Unknown

APPLIED = Applied((ObjectRef("crm", "task", "task-7", "https://crm.example.test/task-7"), ObjectRef("crm", "log", "1")))
REFUSED = Refused(ErrorClass.AUTH, "AUTH_FAILED", "The provider does not know us.")


def settled(answer: Answered) -> Change:
    execution = prepared(terms_of(EffectContract.OPAQUE))
    effect = execution.action
    assert effect is not None
    draft = a_draft(execution, now_ms=NOW_MS + 1_500)
    record_answer(draft, effect, 1, answer, TIMING)
    return draft.change()


def outcome_of(change: Change) -> Outcome:
    assert change.outcome is not None
    return change.outcome


def signal_of(change: Change) -> Signal:
    (signal,) = change.signals
    return signal


ENDINGS: list[tuple[Answered, str, str, str]] = [
    (APPLIED, "SUCCEEDED", "ACTION_EXECUTED", "low"),
    (REFUSED, "FAILED", "ACTION_FAILED", "medium"),
    (NotSent(Hold.EXPIRED), "FAILED", "ACTION_FAILED", "medium"),
    (Unknown("reset"), "IN_DOUBT", "ACTION_IN_DOUBT", "high"),
]
