"""The signal: the event sent downstream, written in the same transaction as what it tells."""

from core.domain.choice import Choice
from core.domain.keys import IntentKey
from core.domain.making import dataclass
from core.domain.outcome import Outcome


class SignalType(Choice):
    """The five events that leave this system."""

    ACTION_EXECUTED = "ACTION_EXECUTED"
    ACTION_FAILED = "ACTION_FAILED"
    ACTION_IN_DOUBT = "ACTION_IN_DOUBT"
    ACTION_UNDONE = "ACTION_UNDONE"
    ACTION_REFUSED = "ACTION_REFUSED"


SEVERITY = {
    SignalType.ACTION_EXECUTED: "low",
    SignalType.ACTION_UNDONE: "low",
    SignalType.ACTION_FAILED: "medium",
    SignalType.ACTION_REFUSED: "medium",
    SignalType.ACTION_IN_DOUBT: "high",
}


@dataclass(frozen=True, slots=True)
class Signal:
    """One event to publish. Readers drop repeats by (tenant, account, id) and ignore a lower revision."""

    signal_id: str
    type: SignalType
    key: IntentKey
    revision: int
    at_ms: int
    trace_id: str
    decision_trace_id: str
    outcome: Outcome | None = None
    reason: str | None = None
    error_code: str | None = None

    @property
    def severity(self) -> str:
        """low, medium or high."""
        return SEVERITY[self.type]


def signal_id(key: IntentKey, type_: SignalType, run: int, *, undo: bool = False) -> str:
    """Return the deterministic id of a signal."""
    name = f"exec-{key.intent_id}-{key.account_id}-{type_.value}"
    if undo:
        name += "-undo"
    return name if run <= 1 else f"{name}-{run}"
