"""What operators ask for and are told through the HTTP API."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from ports.wire.intent import Id, Incoming
from ports.wire.outcome import Composed
from ports.wire.status import StatusModel

Act = Literal["cancel", "retry", "resolve", "undo"]
# Line breaks and tabs are part of what a person writes; what else steers a terminal is not.
Words = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+$"
Reason = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=Words)]
Evidence = Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=Words)]


class ReasonModel(Incoming):
    """Why an operator acts; it goes into the ledger."""

    reason: Reason


class ResolveModel(Incoming):
    """What an operator found at the provider, and how he knows."""

    happened: bool
    evidence: Evidence
    reason: Reason | None = None


class UndoModel(Incoming):
    """Why a write is to be removed, and whether past a closed kill switch."""

    reason: Reason
    while_stopped: bool = False


class SwitchChangeModel(Incoming):
    """Which kill switch is to be closed or opened, and why; without a scope it is one of the caller's tenant."""

    action_type: Id | None = None
    scope: Literal["GLOBAL"] | None = None
    closed: bool
    reason: Reason


class ActModel(Composed):
    """What an operator did."""

    action_intent_id: str
    account_id: str
    act: Act
    status: StatusModel
    told: str


class RehearsalModel(Composed):
    """What an act would do. ``would_repeat_a_write``: a send could land beside an effect that is not disproved."""

    act: Act
    allowed: bool
    would_repeat_a_write: bool
    reason: str


class SwitchModel(Composed):
    """One kill switch; null stands for every tenant, and for every action type."""

    scope: Literal["GLOBAL", "TENANT", "ACTION_TYPE"]
    tenant_id: str | None
    action_type: str | None
    closed: bool = Field(description="Closed means that nothing new is sent.")


class SwitchesModel(Composed):
    """The switches that are closed and bear on one tenant."""

    switches: tuple[SwitchModel, ...]
