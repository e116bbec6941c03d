"""One transition, one transaction: read, decide, commit; decide again when somebody was faster."""

from core.domain.draft import Draft
from core.domain.errors import StoreUnavailableError
from core.domain.execution import Change, Execution, StaleError
from core.domain.keys import IntentKey
from core.domain.rehearsing import Transition
from ports.clock import Clock
from ports.executions import Executions
from ports.ids import Ids

TRIES = 8
COMMIT_TRIES = 64
LEAST_TRIES = 3
"""However long each took: a try after one whose reply was lost learns that it was done."""

FIRST_PAUSE_MS, LONGEST_PAUSE_MS = 50, 5_000
PATIENCE_MS = 5_000
"""How long a store that is out of reach is asked again where nothing was sent yet: the delivery comes back anyway."""

SETTLE_PATIENCE_MS = 120_000
"""The same where an answer would be lost with the worker: a write that is known would turn into doubt."""


class Transact:
    """Applies a transition to an execution, atomically, at most ``TRIES`` times."""

    def __init__(self, executions: Executions, clock: Clock, ids: Ids) -> None:
        """Keep the ports."""
        self._executions = executions
        self._clock = clock
        self._ids = ids

    def __call__(self, key: IntentKey, transition: Transition) -> Execution:
        """Apply to what is stored now.

        Raises:
            StaleError: others were faster every time.
            StoreUnavailableError: nobody knows whether the last commit was done; nothing else was written.
        """
        return self.on(self.known(key), transition)

    def known(self, key: IntentKey) -> Execution | None:
        """Return what is stored now, None where nothing is."""
        return self._executions.load(key)

    def on(self, known: Execution | None, transition: Transition, *, patience_ms: int = PATIENCE_MS) -> Execution:
        """Apply to what the caller knows; when it is stale, to what is there instead."""
        for _ in range(TRIES):
            try:
                return self.once(known, transition, patience_ms=patience_ms)
            except StaleError as stale:
                known = stale.existing
        raise StaleError(known)

    def once(self, known: Execution | None, transition: Transition, *, patience_ms: int = PATIENCE_MS) -> Execution:
        """Apply to what the caller knows, or raise StaleError with what is there."""
        draft = Draft(known, now_ms=self._clock.now_ms(), nonce=self._ids.fresh())
        transition(draft)
        change = draft.change()
        self._commit(change, patience_ms)
        return change.execution

    def _commit(self, change: Change, patience_ms: int) -> None:
        """Commit identical content until it is known to be there; our own nonce on the row means that it is.

        This is the only place that commits again: an adapter's commit tries once.
        """
        begun_ms = self._clock.monotonic_ms()
        for tried in range(COMMIT_TRIES):
            try:
                self._executions.commit(change)
            except StaleError as stale:
                if is_own(stale, change):
                    return
                raise
            except StoreUnavailableError:
                is_late = self._clock.monotonic_ms() - begun_ms >= patience_ms
                is_spent = (is_late and tried + 1 >= LEAST_TRIES) or tried + 1 == COMMIT_TRIES
                if is_spent:
                    raise
                self._pause(tried)
            else:
                return

    def _pause(self, tried: int) -> None:
        # At once the first time, for a reply is lost more often than a store is down; then ever longer.
        if tried > 0:
            self._clock.pause(min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS << (tried - 1)))


def is_own(stale: StaleError, change: Change) -> bool:
    """Tell whether the row that refused a change was written by that very change, whose reply was lost."""
    return stale.existing is not None and stale.existing.attempt.nonce == change.execution.attempt.nonce
