"""The routes that act: an operator's verbs, each ledgered with who, why and how he knows."""

from collections.abc import Callable
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body

from core.domain.keys import IntentKey
from core.domain.operating import Operator
from core.domain.switches import Switch
from entrypoints.api.answers import BadRequestError, told
from entrypoints.api.claims import Caller, ForbiddenError, Role
from entrypoints.api.looking import seen_by
from entrypoints.api.parameters import AccountAsked, DryRun, Intent
from entrypoints.desk.desk import Desk
from ports.wire.act import ReasonModel, ResolveModel, SwitchChangeModel, UndoModel

TRUE = "true"
Why = Annotated[ReasonModel, Body(description="Why; it goes into the ledger.")]
Found = Annotated[ResolveModel, Body(description="What was found, and how that is known.")]
Removing = Annotated[UndoModel, Body(description="Why, and whether past a closed switch.")]
Turn = Annotated[SwitchChangeModel, Body(description="Which switch, which way, and why.")]


class Doing:
    """Each method is a route."""

    def __init__(self, desk: Desk, caller: Callable[[], Caller]) -> None:
        """Keep the desk; ``caller`` gives the one that was admitted."""
        self._desk = desk
        self._caller = caller

    def cancel(
        self, action_intent_id: Intent, account_id: AccountAsked, body: Why, dry_run: DryRun = "false"
    ) -> Response[str]:
        """Cancel what has prepared nothing yet."""
        key, operator = self._key(account_id, action_intent_id), self._operator(body.reason)
        return told(self._desk.acting.cancel(key, operator, dry_run=dry_run == TRUE))

    def retry(
        self, action_intent_id: Intent, account_id: AccountAsked, body: Why, dry_run: DryRun = "false"
    ) -> Response[str]:
        """Open a new run of what is proved not to have happened."""
        key, operator = self._key(account_id, action_intent_id), self._operator(body.reason)
        return told(self._desk.acting.retry(key, operator, dry_run=dry_run == TRUE))

    def resolve(
        self, action_intent_id: Intent, account_id: AccountAsked, body: Found, dry_run: DryRun = "false"
    ) -> Response[str]:
        """Settle doubt by the operator's word; what the provider says later outranks it."""
        key, operator = self._key(account_id, action_intent_id), self._operator(body.reason or "")
        came = self._desk.acting.resolve(
            key, operator, happened=body.happened, evidence=body.evidence, dry_run=dry_run == TRUE
        )
        return told(came)

    def undo(
        self, action_intent_id: Intent, account_id: AccountAsked, body: Removing, dry_run: DryRun = "false"
    ) -> Response[str]:
        """Ask for the removal of what an effect is proved to have written."""
        key, operator = self._key(account_id, action_intent_id), self._operator(body.reason)
        came = self._desk.acting.undo(key, operator, while_stopped=body.while_stopped, dry_run=dry_run == TRUE)
        return told(came)

    def throw_switch(self, body: Turn) -> Response[str]:
        """Close or open a kill switch of the caller's tenant, or the global one."""
        caller = self._caller()
        switch = Switch(caller.tenant_id, body.action_type)
        if body.scope == "GLOBAL":
            if caller.role is not Role.INSTALLATION_OPERATOR:
                raise ForbiddenError
            if body.action_type is not None:
                raise BadRequestError("action_type", "there is no global switch of one action type")
            switch = Switch()
        return told(self._desk.switching.throw(switch, self._operator(body.reason), closed=body.closed))

    def _key(self, account_id: str, intent_id: str) -> IntentKey:
        return seen_by(self._caller(), self._desk, account_id, intent_id).key

    def _operator(self, reason: str) -> Operator:
        name = self._caller().subject
        if name is None:
            raise ForbiddenError
        return Operator(name, reason)
