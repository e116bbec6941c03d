"""Asking: what the operators' verbs share: there must be an execution, and a worker must hear of the ask."""

from core.domain.errors import IntentNotFoundError, StoreUnavailableError
from core.domain.execution import Execution
from core.domain.keys import IntentKey
from ports.executions import Executions
from ports.wake_ups import WakeUps


class Asking:
    """Reads what an operator speaks of, and wakes a worker for what was asked."""

    def __init__(self, executions: Executions, wake_ups: WakeUps) -> None:
        """Keep the ports."""
        self._executions = executions
        self._wake_ups = wake_ups

    def known(self, key: IntentKey) -> Execution:
        """Return the execution.

        Raises:
            IntentNotFoundError: there is none.
        """
        execution = self._executions.load(key)
        if execution is None:
            raise IntentNotFoundError(f"Nothing was executed for the intent {key.intent_id} of this account.")
        return execution

    def woken(self, execution: Execution) -> Execution:
        """Wake a worker; where that fails the stored due date stands, and the sweeper comes by."""
        attempt = execution.attempt
        if attempt.due_at_ms is not None:
            try:
                self._wake_ups.at(attempt.key, attempt.owner, attempt.due_at_ms)
            except StoreUnavailableError:
                return execution
        return execution
