"""The effect: the one external write of a run, its frozen request, and every send it took."""

from core.domain.answer import ObjectRef
from core.domain.attempt import EffectKind, Fault
from core.domain.changing import changed
from core.domain.choice import Choice
from core.domain.contract import EffectContract, Terms
from core.domain.making import dataclass
from core.domain.request import Request


class SendAnswer(Choice):
    """What is recorded of one send."""

    APPLIED = "APPLIED"
    REFUSED = "REFUSED"
    NOT_SENT = "NOT_SENT"
    UNKNOWN = "UNKNOWN"


class EffectState(Choice):
    """What is known of the write: open, there as asked, there but wrong, proved absent."""

    OPEN = "OPEN"
    APPLIED = "APPLIED"
    FLAWED = "FLAWED"
    UNAPPLIED = "UNAPPLIED"


class Evidence(Choice):
    """How we know."""

    RESPONSE = "RESPONSE"
    KEY_REPLAY = "KEY_REPLAY"
    READ_BACK = "READ_BACK"
    OPERATOR = "OPERATOR"


@dataclass(frozen=True, slots=True)
class Send:
    """One call of the tool. ``absent`` says that a later proof showed it changed nothing.

    ``retry_after_ms`` is the wait that the answer asked for; ``spent`` whether it counts against the policy.
    """

    number: int
    generation: int
    prepared_at_ms: int
    deadline_ms: int
    answer: SendAnswer | None = None
    answered_at_ms: int = 0
    fault: Fault | None = None
    retryable: bool = True
    retry_after_ms: int = 0
    spent: bool = True
    absent: bool = False

    @property
    def is_unproved(self) -> bool:
        """Tell whether this send may have changed something."""
        return not self.absent and self.answer not in {SendAnswer.REFUSED, SendAnswer.NOT_SENT}


@dataclass(frozen=True, slots=True)
class Effect:
    """One row per tenant, account, intent, run and kind. ``before`` is the frozen before-image, JSON text.

    ``key_since_ms`` is when its effect key was first prepared, in whatever run.
    ``undoes_run`` is the run whose effect an undo removes; 0 for an action.
    ``opened_after`` is the send after which an operator opened it again; the policy counts from there.
    """

    kind: EffectKind
    run: int
    key_run: int
    request: Request
    sends: tuple[Send, ...] = ()
    state: EffectState = EffectState.OPEN
    evidence: Evidence | None = None
    refs: tuple[ObjectRef, ...] = ()
    response: str | None = None
    artifact_ref: str | None = None
    before: str | None = None
    opened_after: int = 0
    key_since_ms: int = 0
    undoes_run: int = 0

    @property
    def is_unsent(self) -> bool:
        """Tell whether nothing was prepared since it was opened."""
        return self.send_no == self.opened_after

    @property
    def terms(self) -> Terms:
        """The effect contract, as frozen."""
        return self.request.terms

    @property
    def last(self) -> Send:
        """The latest send; an effect row is written with its first."""
        return self.sends[-1]

    @property
    def send_no(self) -> int:
        """The number of the latest send."""
        return self.last.number if self.sends else 0

    @property
    def unproved(self) -> tuple[Send, ...]:
        """The sends that may have changed something; a read changes nothing."""
        if self.terms.contract is EffectContract.READ_ONLY:
            return ()
        return tuple(send for send in self.sends if send.is_unproved)

    @property
    def spent(self) -> int:
        """The sends that count against the policy."""
        return sum(send.spent for send in self.sends if send.number > self.opened_after)

    def with_send(self, send: Send) -> "Effect":
        """Return the effect with this send added, or put in the place of the one with its number."""
        if send.number > self.send_no:
            return changed(self, sends=(*self.sends, send))
        return changed(self, sends=tuple(send if old.number == send.number else old for old in self.sends))
