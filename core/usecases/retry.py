"""Retry: open a new run of what is proved not to have happened."""

from core.domain import operating
from core.domain.draft import Draft
from core.domain.execution import Execution
from core.domain.keys import IntentKey
from core.domain.operating import Operator
from core.domain.rehearsing import Act, Asked
from core.usecases.asking import Asking
from core.usecases.transact import Transact
from ports.ids import Ids


class Retry:
    """An operator's verb; a worker sends when it is woken."""

    def __init__(self, transact: Transact, asking: Asking, ids: Ids) -> None:
        """Keep the ports."""
        self._transact = transact
        self._asking = asking
        self._ids = ids

    def __call__(self, key: IntentKey, operator: Operator) -> Execution:
        """Open the run.

        Raises:
            IntentNotFoundError: nothing was ever executed under this key.
            OperatorRefusedError: an effect of this intent may be there.
        """
        asked = self.asked(key, operator)
        return self._asking.woken(self._transact.on(asked.known, asked.transition))

    def asked(self, key: IntentKey, operator: Operator) -> Asked:
        """Return what retrying would be.

        Raises:
            IntentNotFoundError: nothing was ever executed under this key.
        """
        known = self._asking.known(key)
        attempt_id = self._ids.fresh()

        def transition(draft: Draft) -> None:
            operating.retry(draft, operator, attempt_id)

        return Asked(Act.RETRY, known, transition)
