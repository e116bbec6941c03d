"""Start: read the intent and claim it."""

from core.domain.claiming import Claim, Order, check_same, claim
from core.domain.draft import Draft
from core.domain.errors import IntentNotFoundError, PayloadConflictError
from core.domain.execution import Execution, Refusal
from core.domain.intent import Intent
from core.domain.keys import IntentKey
from core.domain.ledger import LedgerEvent
from core.domain.timing import Timing
from core.usecases.transact import Transact
from ports.clock import Clock
from ports.executions import Executions
from ports.ids import Ids
from ports.intents import Intents


class Start:
    """Claims an intent for an owner; a same id with another body is turned away and touches nothing."""

    def __init__(
        self, intents: Intents, executions: Executions, transact: Transact, clock: Clock, ids: Ids, timing: Timing
    ) -> None:
        """Keep the ports."""
        self._intents = intents
        self._executions = executions
        self._transact = transact
        self._clock = clock
        self._ids = ids
        self._timing = timing

    def __call__(self, order: Order) -> Execution:
        """Claim, and return the execution as it stands then.

        Raises:
            IntentNotFoundError: no intent under this key, yet.
            PayloadConflictError: the id was used with another body; refused, ledgered and signalled.
            AlreadyFinishedError, ExecutionAlreadyInProgressError: acknowledge the delivery.
        """
        intent = self.intent(order)
        by = self.claim_of(order)

        def transition(draft: Draft) -> None:
            claim(draft, intent, by, self._timing)
            draft.intent = order.intent

        try:
            return self._transact.on(None, transition)
        except PayloadConflictError as conflict:
            self.refuse(order, conflict)
            raise

    def intent(self, order: Order) -> Intent:
        """Return the intent that the order embeds, or the stored one by a strong read.

        Raises:
            IntentNotFoundError: there is none.
        """
        intent = order.intent or self._intents.get(order.key)
        if intent is None:
            raise IntentNotFoundError(f"There is no intent {order.key.intent_id} of this account.")
        return intent

    def claim_of(self, order: Order) -> Claim:
        """Return who claims, with fresh ids."""
        return Claim(
            owner=order.owner,
            attempt_id=self._ids.fresh(),
            trace_id=self._ids.fresh(),
            approval_source=order.approval_source,
            auto_executed=order.auto_executed,
        )

    def check_same(self, order: Order, existing: Execution) -> None:
        """Refuse an order whose embedded intent is not the one that was executed.

        Raises:
            PayloadConflictError: refused, ledgered and signalled.
        """
        if order.intent is None:
            return
        try:
            check_same(Draft(existing, now_ms=0, nonce=""), order.intent.fingerprint)
        except PayloadConflictError as conflict:
            self.refuse(order, conflict)
            raise

    def refuse(self, order: Order, conflict: PayloadConflictError) -> None:
        """Write the refusal to the side chain, with its signal, once for each different body."""
        body = order.intent.fingerprint if order.intent else ""
        self._executions.refuse(
            Refusal(
                refusal_id=f"{conflict.error_code}:{body}",
                key=order.key,
                event=LedgerEvent.PAYLOAD_CONFLICT,
                code=conflict.error_code,
                reason=conflict.message,
                at_ms=self._clock.now_ms(),
                trace_id=order.intent.trace_id if order.intent else "",
            )
        )

    def refuse_missing(self, key: IntentKey) -> None:
        """Say that an intent never appeared: a refusal without an attempt."""
        missing = IntentNotFoundError(f"The intent {key.intent_id} did not appear in time.")
        self._executions.refuse(
            Refusal(
                refusal_id=missing.error_code,
                key=key,
                event=LedgerEvent.ACTION_FAILED,
                code=missing.error_code,
                reason=missing.message,
                at_ms=self._clock.now_ms(),
            )
        )
