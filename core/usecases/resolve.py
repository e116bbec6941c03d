"""Resolve: settle doubt by an operator's word."""

from core.domain import operating
from core.domain.draft import Draft
from core.domain.execution import Execution
from core.domain.keys import IntentKey
from core.domain.operating import Operator
from core.domain.rehearsing import Act, Asked
from core.domain.timing import Timing
from core.usecases.asking import Asking
from core.usecases.transact import Transact


class Resolve:
    """An operator's verb; the provider's evidence outranks it, whenever it arrives."""

    def __init__(self, transact: Transact, asking: Asking, timing: Timing) -> None:
        """Keep the ports."""
        self._transact = transact
        self._asking = asking
        self._timing = timing

    def __call__(self, key: IntentKey, operator: Operator, *, happened: bool, evidence: str) -> Execution:
        """Settle.

        Raises:
            IntentNotFoundError: nothing was ever executed under this key.
            OperatorRefusedError: nothing is in doubt, or the last call may still be under way.
        """
        asked = self.asked(key, operator, happened=happened, evidence=evidence)
        return self._transact.on(asked.known, asked.transition)

    def asked(self, key: IntentKey, operator: Operator, *, happened: bool, evidence: str) -> Asked:
        """Return what resolving would be.

        Raises:
            IntentNotFoundError: nothing was ever executed under this key.
        """
        known = self._asking.known(key)

        def transition(draft: Draft) -> None:
            operating.resolve(draft, operator, happened=happened, evidence=evidence, timing=self._timing)

        return Asked(Act.RESOLVE, known, transition)
