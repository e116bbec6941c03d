"""The routes that look: documents of the caller's own tenant and accounts."""

from collections.abc import Callable

from aws_lambda_powertools.event_handler import Response

from core.domain.errors import ValidationError
from core.domain.keys import IntentKey
from entrypoints.api.answers import BadRequestError, told
from entrypoints.api.claims import Caller, ForbiddenError
from entrypoints.api.parameters import Account, AccountAsked, AccountOrAll, Intent, Limit, NextToken, Status
from entrypoints.desk.desk import Desk
from entrypoints.desk.listing import Wanted
from entrypoints.desk.viewing import Seen
from ports.wire.listing import ListingModel

MOST_PAGES = 20


class Looking:
    """Each method is a route."""

    def __init__(self, desk: Desk, caller: Callable[[], Caller]) -> None:
        """Keep the desk; ``caller`` gives the one that was admitted."""
        self._desk = desk
        self._caller = caller

    def status(self, action_intent_id: Intent, account_id: AccountAsked) -> Response[str]:
        """Say where an intent stands, with the evidence."""
        return told(self._desk.status(seen_by(self._caller(), self._desk, account_id, action_intent_id)))

    def timeline(self, action_intent_id: Intent, account_id: AccountAsked) -> Response[str]:
        """Show everything that happened to an intent, and whether its record is whole."""
        seen = seen_by(self._caller(), self._desk, account_id, action_intent_id)
        return told(self._desk.viewing.timeline(seen))

    def account_executions(self, account_id: Account, limit: Limit = 50, next_token: NextToken = None) -> Response[str]:
        """List the executions of an account, newest first."""
        return told(self._page(account_id, None, limit, next_token))

    def executions(
        self,
        status: Status = None,
        account_id: AccountOrAll = None,
        limit: Limit = 50,
        next_token: NextToken = None,
    ) -> Response[str]:
        """List the executions of the caller's accounts, newest first; a page may be short of its limit."""
        return told(self._page(account_id, status, limit, next_token))

    def in_doubt(self, limit: Limit = 50) -> Response[str]:
        """List what waits for an operator, newest first."""
        caller, listing = self._caller(), self._desk.listing
        return told(listing.inbox(caller.tenant_id, caller.accounts, limit=limit))

    def counts(self) -> Response[str]:
        """Count the newest executions of the caller's accounts, by status and over time."""
        caller = self._caller()
        return told(self._desk.listing.counts(caller.tenant_id, caller.accounts))

    def kill_switches(self) -> Response[str]:
        """List the closed switches that bear on the caller's tenant."""
        return told(self._desk.switching.closed(self._caller().tenant_id))

    def registry(self) -> Response[str]:
        """List what each action type calls, and how that call can be made safe."""
        return told(self._desk.registry())

    def _page(self, account_id: str | None, status: str | None, limit: int, place: str | None) -> ListingModel:
        caller = self._caller()
        if account_id is not None and account_id not in caller.accounts:
            raise ForbiddenError
        wanted = Wanted(caller.tenant_id, account_id, caller.accounts, status, MOST_PAGES)
        try:
            return self._desk.listing.page(wanted, limit=limit, place=place)
        except ValidationError as refused:
            raise BadRequestError("next_token", "was not given out for this listing") from refused


def seen_by(caller: Caller, desk: Desk, account_id: str, intent_id: str) -> Seen:
    """Read an intent and judge only then, so that what is forbidden and what is absent take the same reads.

    Raises:
        ForbiddenError: the account is not the caller's.
        IntentNotFoundError: nothing is there.
    """
    seen = desk.viewing.seen(IntentKey(caller.tenant_id, account_id, intent_id))
    if not caller.may_see(seen.key):
        raise ForbiddenError
    return desk.present(seen)
