"""Acting on one intent: an operator's verbs and their dry runs, and what is told of each."""

from core.domain.execution import Execution
from core.domain.keys import IntentKey
from core.domain.operating import Operator
from core.domain.rehearsing import Act, Rehearsal
from core.usecases.cancel import Cancel
from core.usecases.rehearse import Rehearse
from core.usecases.resolve import Resolve
from core.usecases.retry import Retry
from core.usecases.undo import Undo
from ports.wire.act import ActModel, RehearsalModel
from ports.wire.outcome import StatusModel, status_document

_TOLD = {
    Act.CANCEL: "Nothing was sent, and nothing will be.",
    Act.RETRY: "A worker sends it now, where one runs.",
    Act.RESOLVE: "",
    Act.UNDO: "The undo is asked for. A worker sends it now, where one runs.",
}

Came = Execution | Rehearsal
"""What came of an act: what is stored now, or what would have come of it."""


class Acting:
    """The four verbs. Each raises OperatorRefusedError unless it is proved safe; a dry run says so instead."""

    def __init__(self, cancel: Cancel, retry: Retry, resolve: Resolve, undo: Undo, rehearse: Rehearse) -> None:
        """Keep the use cases."""
        self._cancel = cancel
        self._retry = retry
        self._resolve = resolve
        self._undo = undo
        self._rehearse = rehearse

    def cancel(self, key: IntentKey, operator: Operator, *, dry_run: bool) -> Came:
        """Cancel what has prepared nothing yet."""
        verb = self._cancel
        return self._rehearse(verb.asked(key, operator)) if dry_run else verb(key, operator)

    def retry(self, key: IntentKey, operator: Operator, *, dry_run: bool) -> Came:
        """Open a new run of what is proved not to have happened."""
        verb = self._retry
        return self._rehearse(verb.asked(key, operator)) if dry_run else verb(key, operator)

    def resolve(self, key: IntentKey, operator: Operator, *, happened: bool, evidence: str, dry_run: bool) -> Came:
        """Settle doubt by an operator's word."""
        verb = self._resolve
        if dry_run:
            return self._rehearse(verb.asked(key, operator, happened=happened, evidence=evidence))
        return verb(key, operator, happened=happened, evidence=evidence)

    def undo(self, key: IntentKey, operator: Operator, *, while_stopped: bool, dry_run: bool) -> Came:
        """Ask for the removal of what an effect is proved to have written."""
        verb = self._undo
        if dry_run:
            return self._rehearse(verb.asked(key, operator, while_stopped=while_stopped))
        return verb(key, operator, while_stopped=while_stopped)


def act_model(act: Act, came: Came, now_ms: int) -> ActModel | RehearsalModel:
    """Return the wire form of what came of an act."""
    if isinstance(came, Rehearsal):
        return RehearsalModel(
            act=act.value,
            allowed=came.allowed,
            would_repeat_a_write=came.would_repeat_a_write,
            reason=came.reason,
        )
    key = came.attempt.key
    return ActModel(
        action_intent_id=key.intent_id,
        account_id=key.account_id,
        act=act.value,
        status=StatusModel.model_validate(status_document(came, None, now_ms)),
        told=summary(act, came),
    )


def summary(act: Act, execution: Execution, hint: str | None = None) -> str:
    """Return an act in one line; ``hint`` in the place of what follows from it."""
    attempt = execution.attempt
    follows = _TOLD[act] if hint is None else hint
    return f"{attempt.key}: {attempt.status.value}, run {attempt.run}. {follows}".rstrip()
