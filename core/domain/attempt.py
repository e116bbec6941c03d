"""The attempt: who holds an intent, for how long, and what is still open about it."""

from core.domain.choice import Choice
from core.domain.errors import ErrorClass, ExecutionError
from core.domain.intent import ExecutionPolicy
from core.domain.keys import IntentKey
from core.domain.making import dataclass


class AttemptStatus(Choice):
    """Where an attempt stands."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    IN_DOUBT = "IN_DOUBT"


class EffectKind(Choice):
    """What an effect is for: the approved action, or undoing it."""

    ACTION = "action"
    UNDO = "undo"


class CompensationStatus(Choice):
    """How far undoing has come; it moves forward in this order only."""

    NONE = "NONE"
    PENDING = "PENDING"
    FAILED = "FAILED"
    COMPLETED = "COMPLETED"


@dataclass(frozen=True, slots=True)
class Fault:
    """A named error as stored and shown: class, code and a message that is safe outside."""

    error_class: ErrorClass
    error_code: str
    message: str

    @staticmethod
    def of(error: ExecutionError) -> "Fault":
        """Return the stored form of an error."""
        return Fault(error.error_class, error.error_code, error.message)


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The last entry of a ledger chain; sequence 0 and no hash before the first."""

    sequence: int = 0
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Brief:
    """What an execution must still know when the intent is out of reach. ``expires_at_epoch`` in seconds."""

    action_type: str
    registry_version: int | None
    trace_id: str
    decision_trace_id: str
    expires_at_epoch: int
    policy: ExecutionPolicy = ExecutionPolicy()
    approval_source: str | None = None
    auto_executed: bool | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One row per intent. Every stored change raises ``version`` and leaves the ``nonce`` of its transaction.

    Attributes:
        generation: fencing number; raised by every claim and by every operator's act.
        lease_until_ms: while it lasts nobody but ``owner`` may claim.
        run: raised by an operator's retry; ``key_run`` is the run whose effect key is in use.
        attempt_count: automatic and operator's runs so far.
        work: the kind of effect that is open, None when nothing is.
        parked: why nothing more is sent and a person is asked, None when not parked.
        waiting: its owner gave it back until ``due_at_ms``.
        due_at_ms: when somebody must look again, None when nobody must.
        look_ups: spent on the doubt that is open.
        while_stopped: an operator allowed this undo past a closed switch.
        revision: of the outcome; never written twice.
    """

    key: IntentKey
    version: int
    nonce: str
    fingerprint: str
    status: AttemptStatus
    owner: str
    generation: int
    lease_until_ms: int
    run: int
    key_run: int
    attempt_count: int
    attempt_id: str
    brief: Brief
    started_at_ms: int
    work: EffectKind | None = EffectKind.ACTION
    parked: str | None = None
    waiting: bool = False
    due_at_ms: int | None = None
    look_ups: int = 0
    while_stopped: bool = False
    revision: int = 0
    compensation: CompensationStatus = CompensationStatus.NONE
    last_error: Fault | None = None
    head: ChainHead = ChainHead()

    @property
    def is_open(self) -> bool:
        """Tell whether a worker may still act on it without being asked by an operator."""
        return self.work is not None and self.parked is None
