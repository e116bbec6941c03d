"""Cancel: stop what has prepared nothing yet."""

from core.domain import operating
from core.domain.claiming import Claim
from core.domain.draft import Draft
from core.domain.errors import IntentNotFoundError
from core.domain.execution import Execution
from core.domain.keys import IntentKey
from core.domain.operating import Operator
from core.usecases.transact import Transact
from ports.ids import Ids
from ports.intents import Intents


class Cancel:
    """An operator's verb; the tombstone of an intent without an attempt stops later deliveries."""

    def __init__(self, intents: Intents, transact: Transact, ids: Ids) -> None:
        """Keep the ports."""
        self._intents = intents
        self._transact = transact
        self._ids = ids

    def __call__(self, key: IntentKey, operator: Operator) -> Execution:
        """Cancel.

        Raises:
            IntentNotFoundError: there is no such intent.
            OperatorRefusedError: it is finished, or its effect is prepared.
        """
        intent = self._intents.get(key)
        if intent is None:
            raise IntentNotFoundError(f"There is no intent {key.intent_id} of this account.")
        by = Claim(f"operator:{operator.name}", self._ids.fresh(), self._ids.fresh())

        def transition(draft: Draft) -> None:
            operating.cancel(draft, intent, operator, by)

        return self._transact(key, transition)
