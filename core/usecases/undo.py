"""Undo: remove what an effect is proved to have written."""

from core.domain import operating
from core.domain.draft import Draft
from core.domain.execution import Execution
from core.domain.keys import IntentKey
from core.domain.operating import Operator
from core.domain.registry import CompensationMode
from core.domain.rehearsing import Act, Asked
from core.domain.timing import Timing
from core.usecases.asking import Asking
from core.usecases.gate import Switchboard
from core.usecases.transact import Transact
from core.usecases.validate import Validate


class Undo:
    """An operator's verb; a worker calls the compensating tool when it is woken."""

    def __init__(
        self, transact: Transact, asking: Asking, validate: Validate, board: Switchboard, timing: Timing
    ) -> None:
        """Keep the ports."""
        self._timing = timing
        self._transact = transact
        self._asking = asking
        self._validate = validate
        self._board = board

    def __call__(self, key: IntentKey, operator: Operator, *, while_stopped: bool = False) -> Execution:
        """Ask for the removal.

        Raises:
            IntentNotFoundError: nothing was ever executed under this key.
            OperatorRefusedError: nothing is proved written, something is open, or a switch is closed.
            SwitchUnreadableError: the switches could not be read.
        """
        asked = self.asked(key, operator, while_stopped=while_stopped)
        return self._asking.woken(self._transact.on(asked.known, asked.transition))

    def asked(self, key: IntentKey, operator: Operator, *, while_stopped: bool = False) -> Asked:
        """Return what undoing would be.

        Raises:
            IntentNotFoundError: nothing was ever executed under this key.
            SwitchUnreadableError: the switches could not be read.
        """
        known = self._asking.known(key)
        brief = known.attempt.brief
        entry = self._validate.pinned(brief.action_type, brief.registry_version)
        # A write that is undone by hand has a mode, but no tool.
        mode = entry.compensation.mode if entry.compensation.tool else CompensationMode.NONE
        is_stopped = self._board.reading(key.tenant_id).stops(brief.action_type) is not None

        def transition(draft: Draft) -> None:
            operating.undo(
                draft,
                operator,
                mode=mode,
                is_stopped=is_stopped,
                while_stopped=while_stopped,
                timing=self._timing,
            )

        return Asked(Act.UNDO, known, transition)
