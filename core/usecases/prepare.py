"""Prepare: freeze what will be sent and store it, before it is sent."""

from collections.abc import Callable

from core.domain.attempt import Attempt, EffectKind
from core.domain.draft import Draft
from core.domain.effect import Effect
from core.domain.execution import Execution, LostError
from core.domain.request import MappedCall, frozen
from core.domain.sending import prepare_first, prepare_next
from core.domain.timing import Timing
from core.usecases.transact import Transact
from ports.connector import Connectors

Claiming = Callable[[Draft], None]


class Prepare:
    """Writes the prepare of one send; the call must follow it, once."""

    def __init__(self, connectors: Connectors, transact: Transact, timing: Timing) -> None:
        """Keep the ports."""
        self._connectors = connectors
        self._transact = transact
        self._timing = timing

    def with_claim(self, call: MappedCall, claiming: Claiming) -> tuple[Execution, Effect]:
        """Claim and prepare in one transaction, for an intent that has no attempt yet.

        Raises:
            StaleError: it has one.
        """

        def transition(draft: Draft) -> None:
            claiming(draft)
            attempt = draft.attempt
            prepare_first(
                draft, call, owner=attempt.owner, generation=attempt.generation, before=None, timing=self._timing
            )

        return self._prepared(self._transact.once(None, transition))

    def first(self, execution: Execution, call: MappedCall) -> tuple[Execution, Effect] | None:
        """Prepare the first send of a claimed attempt; None when the before-image could not be read now.

        Raises:
            LostError: another generation took over.
        """
        attempt = execution.attempt
        before = None
        if call.terms.before_tool is not None:
            before = self._before(execution, call)
            if before is None:
                return None

        def transition(draft: Draft) -> None:
            _check_work(draft, attempt)
            prepare_first(
                draft, call, owner=attempt.owner, generation=attempt.generation, before=before, timing=self._timing
            )

        return self._prepared(self._transact.on(execution, transition))

    def next(self, execution: Execution, effect: Effect, *, absent: bool) -> tuple[Execution, Effect]:
        """Prepare one more send of the frozen request.

        Raises:
            LostError: another generation or send came between.
        """
        attempt = execution.attempt

        def transition(draft: Draft) -> None:
            _check_work(draft, attempt)
            prepare_next(
                draft,
                owner=attempt.owner,
                generation=attempt.generation,
                judged_send_no=effect.send_no,
                absent=absent,
                timing=self._timing,
            )

        return self._prepared(self._transact.on(execution, transition))

    def _before(self, execution: Execution, call: MappedCall) -> str | None:
        connector = self._connectors.offering(call.tool, call.key.tenant_id)
        if connector is None:
            return None
        kind = (execution.attempt.work or EffectKind.ACTION).value
        return connector.before_image(frozen(call, kind, execution.attempt.key_run))

    @staticmethod
    def _prepared(execution: Execution) -> tuple[Execution, Effect]:
        effect = execution.open_effect
        if effect is None:
            raise LostError("Nothing is open on this intent.")
        return execution, effect


def _check_work(draft: Draft, judged: Attempt) -> None:
    """Raise LostError where what was planned is not what is open: an action is never sent in the place of its undo."""
    if draft.attempt.work is not judged.work:
        raise LostError("What is open is another work than was planned.")
