"""Acting on one intent: an operator's verbs and their dry runs, and what is told of each."""

from core.domain.execution import Execution
from core.domain.rehearsing import Act, Asked, Rehearsal
from core.usecases.cancel import Cancel
from core.usecases.rehearse import Rehearse
from core.usecases.resolve import Resolve
from core.usecases.retry import Retry
from core.usecases.undo import Undo
from ports.clock import Clock
from ports.wire.act import ActModel, RehearsalModel
from ports.wire.outcome import StatusModel, status_document

_TOLD = {
    Act.CANCEL: "Nothing was sent, and nothing will be.",
    Act.RETRY: "A worker sends it now, where one runs.",
    Act.RESOLVE: "",
    Act.UNDO: "The undo is asked for. A worker sends it now, where one runs.",
}


class Acting:
    """The four verbs; each is refused with an OperatorRefusedError unless it is proved safe."""

    def __init__(
        self, cancel: Cancel, retry: Retry, resolve: Resolve, undo: Undo, rehearse: Rehearse, clock: Clock
    ) -> None:
        """Keep the use cases."""
        self.cancel = cancel
        self.retry = retry
        self.resolve = resolve
        self.undo = undo
        self._rehearse = rehearse
        self._clock = clock

    def rehearsed(self, asked: Asked) -> Rehearsal:
        """Return what would come of an act, having written nothing."""
        return self._rehearse(asked)

    def told(self, act: Act, execution: Execution) -> ActModel:
        """Return what is told of an act that was done."""
        attempt = execution.attempt
        status = status_document(execution, None, self._clock.now_ms())
        return ActModel(
            action_intent_id=attempt.key.intent_id,
            account_id=attempt.key.account_id,
            act=act.value,
            status=StatusModel.model_validate(status),
            told=summary(act, execution),
        )


def summary(act: Act, execution: Execution, hint: str | None = None) -> str:
    """Return an act in one line; ``hint`` in the place of what follows from it."""
    attempt = execution.attempt
    follows = _TOLD[act] if hint is None else hint
    return f"{attempt.key}: {attempt.status.value}, run {attempt.run}. {follows}".rstrip()


def rehearsal_model(rehearsal: Rehearsal) -> RehearsalModel:
    """Return the wire form of a dry run."""
    return RehearsalModel(
        act=rehearsal.act.value,
        allowed=rehearsal.allowed,
        would_repeat_a_write=rehearsal.would_repeat_a_write,
        reason=rehearsal.reason,
    )
