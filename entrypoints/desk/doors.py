"""The doors of an operators' desk: what may be asked of it, here or behind the HTTP API; answers are documents."""

from typing import Protocol

from core.domain.errors import IntentNotFoundError
from core.domain.keys import IntentKey
from core.domain.operating import Operator
from core.domain.switches import Switch
from ports.wire.act import ActModel, RehearsalModel, SwitchesModel, SwitchModel
from ports.wire.listing import CountsModel, InboxModel, ListingModel
from ports.wire.service import RegistryModel
from ports.wire.status import StatusModel
from ports.wire.timeline import TimelineModel

Came = ActModel | RehearsalModel
"""What came of an act: what is stored now, or what would have come of it."""


class Views(Protocol):
    """Looks at one intent. Raises IntentNotFoundError where nothing is there."""

    def status_of(self, key: IntentKey) -> StatusModel:
        """Return where it stands."""
        ...

    def timeline_of(self, key: IntentKey) -> TimelineModel:
        """Return its ledger, checked, its effects and what can be done about it."""
        ...


class Lists(Protocol):
    """Looks through many."""

    def page_of(
        self, tenant_id: str, account_id: str | None, status: str | None, *, limit: int, place: str | None
    ) -> ListingModel:
        """Return up to ``limit`` executions, newest first; of all accounts and of any status where it is None.

        Raises:
            ValidationError: the place was not given out by this listing.
        """
        ...

    def inbox(self, tenant_id: str | None, *, limit: int) -> InboxModel:
        """Return what waits for an operator, newest first; tenant None is the whole installation."""
        ...

    def counts(self, tenant_id: str) -> CountsModel:
        """Count the newest executions by status, and by the hour in which they started."""
        ...


class Acts(Protocol):
    """The operators' verbs. Each raises OperatorRefusedError unless it is proved safe; a dry run says so instead."""

    def cancel(self, key: IntentKey, operator: Operator, *, dry_run: bool) -> Came:
        """Cancel what has prepared nothing yet."""
        ...

    def retry(self, key: IntentKey, operator: Operator, *, dry_run: bool) -> Came:
        """Open a new run of what is proved not to have happened."""
        ...

    def resolve(self, key: IntentKey, operator: Operator, *, happened: bool, evidence: str, dry_run: bool) -> Came:
        """Settle doubt by an operator's word."""
        ...

    def undo(self, key: IntentKey, operator: Operator, *, while_stopped: bool, dry_run: bool) -> Came:
        """Ask for the removal of what an effect is proved to have written."""
        ...


class Turns(Protocol):
    """The kill switches."""

    def closed(self, tenant_id: str | None) -> SwitchesModel:
        """Return what is closed and bears on a tenant; None is the whole installation.

        Raises:
            SwitchUnreadableError: it could not be read, which counts as closed.
        """
        ...

    def throw(self, switch: Switch, operator: Operator, *, closed: bool) -> SwitchModel:
        """Close or open a switch: durable and ledgered when this returns."""
        ...


class Doors(Protocol):
    """All of them."""

    @property
    def viewing(self) -> Views:
        """What looks at one intent."""
        ...

    @property
    def listing(self) -> Lists:
        """What looks through many."""
        ...

    @property
    def acting(self) -> Acts:
        """What acts on one intent."""
        ...

    @property
    def switching(self) -> Turns:
        """What throws kill switches."""
        ...

    def registry(self) -> RegistryModel:
        """Return what is in the registry."""
        ...


def absent(key: IntentKey) -> IntentNotFoundError:
    """Return how it is said that outcome, attempt and intent are all absent."""
    return IntentNotFoundError(f"There is no intent {key.intent_id} of this account.")
