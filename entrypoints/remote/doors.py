"""The doors of an operators' desk that is elsewhere: each asks the HTTP API, and tells what it told."""

from typing import TypeVar

from pydantic import BaseModel
from pydantic import ValidationError as PydanticError

from core.domain.errors import ConfigurationError, IntentNotFoundError, ValidationError
from core.domain.keys import IntentKey, is_id
from core.domain.making import dataclass
from core.domain.operating import Operator
from core.domain.refusing import refusal_chain
from core.domain.switches import Switch
from entrypoints.desk.doors import Came, absent
from entrypoints.desk.switching import switch_of
from entrypoints.remote.asking import Asking, segment, unreadable
from ports.wire.act import (
    ActModel,
    ReasonModel,
    RehearsalModel,
    ResolveModel,
    SwitchChangeModel,
    SwitchesModel,
    SwitchModel,
    UndoModel,
)
from ports.wire.intent import reason
from ports.wire.listing import CountsModel, InboxModel, ListingModel
from ports.wire.service import HealthModel, RegistryModel
from ports.wire.status import StatusModel
from ports.wire.timeline import TimelineModel

MOST_PAGES = 50
"""How many answers are put together for one page, for the API gives short ones where it leaves much out."""
MOST_PLACE_CHARACTERS = 1_024

Model = TypeVar("Model", bound=BaseModel)
Body = TypeVar("Body", bound=BaseModel)


class RemoteViews:
    """Looks at one intent."""

    def __init__(self, asking: Asking) -> None:
        """Keep who asks."""
        self._asking = asking

    def status_of(self, key: IntentKey) -> StatusModel:
        """Return where it stands."""
        return _whole(key, self._look(StatusModel, key, "status"), is_act=False)

    def timeline_of(self, key: IntentKey) -> TimelineModel:
        """Return everything that happened to it; without a status nothing in it tells of which tenant it is."""
        found = self._look(TimelineModel, key, "timeline")
        _same(key, found.action_intent_id, found.account_id, is_act=False)
        if found.status is not None:
            _whole(key, found.status, is_act=False)
        own = f"{key.account_id}/{key.intent_id}"
        if any(it.subject not in {own, refusal_chain(key).subject} for it in found.chains):
            raise unreadable("its ledger is of another intent", is_act=False)
        return found

    def _look(self, model: type[Model], key: IntentKey, what: str) -> Model:
        try:
            return self._asking.look(model, _path(key, what), {"account_id": key.account_id})
        except IntentNotFoundError as error:
            raise absent(key) from error


class RemoteLists:
    """Looks through many, as far as the token lets it see."""

    def __init__(self, asking: Asking) -> None:
        """Keep who asks."""
        self._asking = asking

    def page_of(
        self, tenant_id: str, account_id: str | None, status: str | None, *, limit: int, place: str | None
    ) -> ListingModel:
        """Return up to ``limit`` executions; going on where an answer is short keeps the place right."""
        if place is not None and len(place) > MOST_PLACE_CHARACTERS:
            raise ValidationError("The place was not given out by this listing.")
        found: list[StatusModel] = []
        for _ in range(MOST_PAGES):
            asked = {"account_id": account_id, "status": status, "limit": str(limit - len(found)), "next_token": place}
            page = self._asking.look(ListingModel, "/executions", asked)
            found += [_of_tenant(it, tenant_id, account_id, is_act=False) for it in page.executions]
            place = page.next_token
            if place is not None and len(place) > MOST_PLACE_CHARACTERS:
                raise unreadable("its next_token is too long", is_act=False)
            if place is None or len(found) >= limit:
                break
        if place is None:
            return ListingModel(executions=tuple(found))
        return ListingModel(executions=tuple(found), next_token=place)

    def inbox(self, tenant_id: str | None, *, limit: int) -> InboxModel:
        """Return what waits for an operator."""
        found = self._asking.look(InboxModel, "/in-doubt", {"limit": str(limit)})
        for it in found.executions:
            _of_tenant(it, tenant_id, None, is_act=False)
        return found

    def counts(self, tenant_id: str) -> CountsModel:  # noqa: ARG002 - the token names it
        """Count the newest executions; nothing in the answer tells of which tenant they are."""
        return self._asking.look(CountsModel, "/counts")


class RemoteActs:
    """The operators' verbs. Who acts is told by the token, so of an operator only his reason goes out."""

    def __init__(self, asking: Asking) -> None:
        """Keep who asks."""
        self._asking = asking

    def cancel(self, key: IntentKey, operator: Operator, *, dry_run: bool) -> Came:
        """Cancel what has prepared nothing yet."""
        return self._act(key, "cancel", _body(ReasonModel, reason=operator.reason), dry_run=dry_run)

    def retry(self, key: IntentKey, operator: Operator, *, dry_run: bool) -> Came:
        """Open a new run of what is proved not to have happened."""
        return self._act(key, "retry", _body(ReasonModel, reason=operator.reason), dry_run=dry_run)

    def resolve(self, key: IntentKey, operator: Operator, *, happened: bool, evidence: str, dry_run: bool) -> Came:
        """Settle doubt by the operator's word."""
        body = _body(ResolveModel, happened=happened, evidence=evidence, reason=operator.reason or None)
        return self._act(key, "resolve", body, dry_run=dry_run)

    def undo(self, key: IntentKey, operator: Operator, *, while_stopped: bool, dry_run: bool) -> Came:
        """Ask for the removal of what an effect is proved to have written."""
        body = _body(UndoModel, reason=operator.reason, while_stopped=while_stopped)
        return self._act(key, "undo", body, dry_run=dry_run)

    def _act(self, key: IntentKey, act: str, body: BaseModel, *, dry_run: bool) -> Came:
        path, query = _path(key, act), {"account_id": key.account_id}
        came: Came
        try:
            if dry_run:
                came = self._asking.rehearse(RehearsalModel, path, body, query)
            else:
                came = self._asking.act(ActModel, "POST", path, body, query)
        except IntentNotFoundError as error:
            raise absent(key) from error
        if came.act != act:
            raise unreadable("it is of another act", is_act=not dry_run)
        if isinstance(came, ActModel):
            _same(key, came.action_intent_id, came.account_id, is_act=True)
            _whole(key, came.status, is_act=True)
        return came


class RemoteTurns:
    """The kill switches of the token's tenant, and the global one."""

    def __init__(self, asking: Asking) -> None:
        """Keep who asks."""
        self._asking = asking

    def closed(self, tenant_id: str | None) -> SwitchesModel:
        """Return what is closed and bears on the tenant."""
        found = self._asking.look(SwitchesModel, "/kill-switches")
        if any(it.tenant_id not in {None, tenant_id} for it in found.switches):
            raise unreadable("it is of another tenant", is_act=False)
        if not all(it.action_type is None or is_id(it.action_type) for it in found.switches):
            raise unreadable("what it calls an id is none", is_act=False)
        return found

    def throw(self, switch: Switch, operator: Operator, *, closed: bool) -> SwitchModel:
        """Close or open a switch."""
        scope = "GLOBAL" if switch.tenant_id is None else None
        body = _body(
            SwitchChangeModel, action_type=switch.action_type, scope=scope, closed=closed, reason=operator.reason
        )
        thrown = self._asking.act(SwitchModel, "PUT", "/kill-switches", body)
        if (switch_of(thrown), thrown.closed) != (switch, closed):
            raise unreadable("it is of another switch", is_act=True)
        return thrown


@dataclass(frozen=True, slots=True)
class RemoteDoors:
    """All of them, and that the API is there."""

    asking: Asking

    @property
    def viewing(self) -> RemoteViews:
        """What looks at one intent."""
        return RemoteViews(self.asking)

    @property
    def listing(self) -> RemoteLists:
        """What looks through many."""
        return RemoteLists(self.asking)

    @property
    def acting(self) -> RemoteActs:
        """What acts on one intent."""
        return RemoteActs(self.asking)

    @property
    def switching(self) -> RemoteTurns:
        """What throws kill switches."""
        return RemoteTurns(self.asking)

    def registry(self) -> RegistryModel:
        """Return what is in the registry."""
        return self.asking.look(RegistryModel, "/registry")

    def health(self) -> HealthModel:
        """Return which version answers."""
        return self.asking.look(HealthModel, "/health")


def _body(model: type[Body], **said: object) -> Body:
    """Return what is asked for, within the bounds of the API.

    Raises:
        ConfigurationError: it is out of them; the option is named.
    """
    if said.get("reason") == "":
        raise ConfigurationError("--reason is missing: the API wants to know why.")
    try:
        return model.model_validate(said)
    except PydanticError as fault:
        raise ConfigurationError(f"--{reason(fault)}") from None


def _path(key: IntentKey, what: str) -> str:
    return f"/executions/{segment(key.intent_id)}/{what}"


def _whole(key: IntentKey, status: StatusModel, *, is_act: bool) -> StatusModel:
    _same(key, status.action_intent_id, status.account_id, is_act=is_act)
    return _of_tenant(status, key.tenant_id, key.account_id, is_act=is_act)


def _same(key: IntentKey, intent_id: str, account_id: str, *, is_act: bool) -> None:
    if (intent_id, account_id) != (key.intent_id, key.account_id):
        raise unreadable("it is of another intent", is_act=is_act)


def _of_tenant(status: StatusModel, tenant_id: str | None, account_id: str | None, *, is_act: bool) -> StatusModel:
    """What answers may be a proxy that keeps answers; what it kept for somebody else is not shown.

    Its ids go into commands that are shown to be pasted, so that they must be ids.
    """
    if status.tenant_id != tenant_id or account_id not in {None, status.account_id}:
        raise unreadable("it is of another tenant or account", is_act=is_act)
    if not all(is_id(it) for it in (status.action_intent_id, status.account_id, status.action_type)):
        raise unreadable("what it calls an id is none", is_act=is_act)
    return status
