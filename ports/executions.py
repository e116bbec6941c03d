"""The executions port: where the effect protocol's transactions land."""

from collections.abc import Sequence
from typing import Protocol

from core.domain.execution import Change, Execution, Refusal
from core.domain.keys import IntentKey


class Executions(Protocol):
    """Attempts, effects, outcomes, ledger and outbox of every intent.

    Claim, prepare and settle are made by ``core.domain`` as changes; ``commit`` makes each one atomic and durable
    (ADR 0001). A crash can only fall between verbs. Any verb may raise StoreUnavailableError: throttled, timed out
    or cut off, after which a write may or may not have been done.
    """

    def load(self, key: IntentKey) -> Execution | None:
        """Return the execution by a strongly consistent read, None where there is none."""
        ...

    def commit(self, change: Change) -> None:
        """Write the whole change in one transaction, or nothing of it.

        Attempt, effects, outcome, ledger entries, outbox signals and, where given, the intent.

        Raises:
            StaleError: the stored version is not the expected one; carries the execution as it is now.
            PayloadConflictError: the change carries an intent whose id is taken by another body.
        """
        ...

    def refuse(self, refusal: Refusal) -> bool:
        """Append a refusal to the intent's side chain and its signal to the outbox, atomically.

        Returns True the first time, False when this ``refusal_id`` was written before. Touches nothing else.
        """
        ...

    def due(self, now_ms: int, limit: int) -> Sequence[IntentKey]:
        """Return up to ``limit`` keys whose ``due_at_ms`` is at or before ``now_ms``, the longest due first."""
        ...
