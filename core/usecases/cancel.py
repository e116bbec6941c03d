"""Cancel: stop what has prepared nothing yet."""

from core.domain import operating
from core.domain.claiming import Claim, Order
from core.domain.draft import Draft
from core.domain.errors import IntentNotFoundError, StoreUnavailableError
from core.domain.execution import Execution
from core.domain.keys import IntentKey
from core.domain.operating import Operator
from core.domain.orchestration import name_in, orchestration
from core.domain.rehearsing import Act, Asked
from core.usecases.transact import Transact
from ports.ids import Ids
from ports.intents import Intents
from ports.orchestrator import Orchestrator


class Cancel:
    """An operator's verb; the tombstone of an intent without an attempt stops later deliveries."""

    def __init__(
        self, intents: Intents, transact: Transact, ids: Ids, orchestrator: Orchestrator | None = None
    ) -> None:
        """Keep the ports. ``orchestrator``: what takes the steps, where something does."""
        self._intents = intents
        self._transact = transact
        self._ids = ids
        self._orchestrator = orchestrator

    def __call__(self, key: IntentKey, operator: Operator) -> Execution:
        """Cancel.

        Raises:
            IntentNotFoundError: there is no such intent.
            OperatorRefusedError: it is finished, or its effect is prepared.
        """
        asked = self.asked(key, operator)
        cancelled = self._transact.on(asked.known, asked.transition)
        self._stop(cancelled, operator)
        return cancelled

    def asked(self, key: IntentKey, operator: Operator) -> Asked:
        """Return what cancelling would be.

        Raises:
            IntentNotFoundError: there is no such intent.
        """
        intent = self._intents.get(key)
        if intent is None:
            raise IntentNotFoundError(f"There is no intent {key.intent_id} of this account.")
        by = Claim(f"operator:{operator.name}", self._ids.fresh(), self._ids.fresh())

        def transition(draft: Draft) -> None:
            operating.cancel(draft, intent, operator, by)

        return Asked(Act.CANCEL, self._transact.known(key), transition)

    def _stop(self, cancelled: Execution, operator: Operator) -> None:
        """Stop the steps; where that fails the next one finds that it was cancelled."""
        if self._orchestrator is None:
            return
        attempt = cancelled.attempt
        name = name_in(attempt.owner) or orchestration(Order(attempt.key, attempt.owner)).name
        try:
            self._orchestrator.stop(name, f"Cancelled by {operator.name}.")
        except StoreUnavailableError:
            return
