"""Counting: what deliveries and sweeps brought about, as metrics; only what is news, as far as can be told."""

from core.domain.errors import KillSwitchEnabledError, SwitchUnreadableError
from core.domain.execution import Execution
from core.domain.outcome import OutcomeStatus
from entrypoints import telemetry
from entrypoints.handled import Handled, Verdict
from entrypoints.meters import Meters

NO_ERROR = "NONE"
CLAIM = "CLAIM"


def count_handled(meters: Meters, handled: Handled, begun_ms: int) -> None:
    """Count one delivery, on which work began at ``begun_ms``."""
    meters.add(telemetry.DELIVERIES, verdict=handled.verdict.value)
    if handled.error_code == SwitchUnreadableError.error_code:
        meters.add(telemetry.SWITCH_REFUSALS)
    if handled.verdict is not Verdict.ACKNOWLEDGED or handled.owner is None:
        return
    execution = handled.execution
    if execution is not None and _is_under_way(execution, handled.owner):
        return
    if execution is not None and is_news(execution, handled.owner, begun_ms):
        count_outcome(meters, execution)
    elif handled.is_event:
        meters.add(telemetry.DUPLICATES_AVOIDED, by=CLAIM)


def count_outcome(meters: Meters, execution: Execution) -> None:
    """Count what is told of an execution now."""
    outcome = execution.outcome
    fault = outcome.fault if outcome else None
    status = outcome.status if outcome and execution.attempt.parked is None else OutcomeStatus.IN_DOUBT
    error_class = fault.error_class.value if fault else NO_ERROR
    meters.add(telemetry.ACTIONS, status=status.value, error_class=error_class)
    if fault is not None and fault.error_code == KillSwitchEnabledError.error_code:
        meters.add(telemetry.SWITCH_REFUSALS)


def is_news(execution: Execution, owner: str, begun_ms: int) -> bool:
    """Tell whether this owner's work ended it since then, rather than found it ended.

    A doubt has no date: it is told again when the message that brought it about is redelivered.
    """
    if execution.attempt.parked is not None:
        return execution.attempt.owner == owner
    completed_at_ms = execution.outcome.completed_at_ms if execution.outcome else None
    return not execution.attempt.is_open and completed_at_ms is not None and completed_at_ms >= begun_ms


def _is_under_way(execution: Execution, owner: str) -> bool:
    return execution.attempt.is_open and execution.attempt.owner == owner
