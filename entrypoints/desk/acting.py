"""Acting on one intent: an operator's verbs and their dry runs, and what is told of each."""

from core.domain.execution import Execution
from core.domain.keys import IntentKey
from core.domain.operating import Operator
from core.domain.rehearsing import Act, Asked
from core.usecases.cancel import Cancel
from core.usecases.rehearse import Rehearse
from core.usecases.resolve import Resolve
from core.usecases.retry import Retry
from core.usecases.undo import Undo
from entrypoints.desk.doors import Came
from ports.clock import Clock
from ports.wire.act import ActModel, RehearsalModel
from ports.wire.status import StatusModel, status_document

_TOLD = {
    Act.CANCEL: "Nothing was sent, and nothing will be.",
    Act.RETRY: "A worker sends it now, where one runs.",
    Act.RESOLVE: "",
    Act.UNDO: "The undo is asked for. A worker sends it now, where one runs.",
}


class Acting:
    """The four verbs. Each raises OperatorRefusedError unless it is proved safe; a dry run says so instead."""

    def __init__(
        self, cancel: Cancel, retry: Retry, resolve: Resolve, undo: Undo, rehearse: Rehearse, clock: Clock
    ) -> None:
        """Keep the use cases."""
        self._cancel = cancel
        self._retry = retry
        self._resolve = resolve
        self._undo = undo
        self._rehearse = rehearse
        self._clock = clock

    def cancel(self, key: IntentKey, operator: Operator, *, dry_run: bool) -> Came:
        """Cancel what has prepared nothing yet."""
        verb = self._cancel
        return self._rehearsed(verb.asked(key, operator)) if dry_run else self._done(Act.CANCEL, verb(key, operator))

    def retry(self, key: IntentKey, operator: Operator, *, dry_run: bool) -> Came:
        """Open a new run of what is proved not to have happened."""
        verb = self._retry
        return self._rehearsed(verb.asked(key, operator)) if dry_run else self._done(Act.RETRY, verb(key, operator))

    def resolve(self, key: IntentKey, operator: Operator, *, happened: bool, evidence: str, dry_run: bool) -> Came:
        """Settle doubt by an operator's word."""
        verb = self._resolve
        if dry_run:
            return self._rehearsed(verb.asked(key, operator, happened=happened, evidence=evidence))
        return self._done(Act.RESOLVE, verb(key, operator, happened=happened, evidence=evidence))

    def undo(self, key: IntentKey, operator: Operator, *, while_stopped: bool, dry_run: bool) -> Came:
        """Ask for the removal of what an effect is proved to have written."""
        verb = self._undo
        if dry_run:
            return self._rehearsed(verb.asked(key, operator, while_stopped=while_stopped))
        return self._done(Act.UNDO, verb(key, operator, while_stopped=while_stopped))

    def _rehearsed(self, asked: Asked) -> RehearsalModel:
        came = self._rehearse(asked)
        return RehearsalModel(
            act=asked.act.value,
            allowed=came.allowed,
            would_repeat_a_write=came.would_repeat_a_write,
            reason=came.reason,
        )

    def _done(self, act: Act, execution: Execution) -> ActModel:
        attempt = execution.attempt
        follows = _TOLD[act]
        return ActModel(
            action_intent_id=attempt.key.intent_id,
            account_id=attempt.key.account_id,
            act=act.value,
            status=StatusModel.model_validate(status_document(execution, None, self._clock.now_ms())),
            told=f"{attempt.key}: {attempt.status.value}, run {attempt.run}. {follows}".rstrip(),
        )
