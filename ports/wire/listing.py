"""Listings as they go out: pages of executions, what waits for an operator, and how many stand where."""

from typing import ClassVar

from pydantic import ConfigDict, Field

from ports.wire.outcome import Composed
from ports.wire.status import StatusModel


class ListingModel(Composed):
    """A page of executions, newest first. ``next_token`` is absent on the last; a page may be short of its limit."""

    executions: tuple[StatusModel, ...]
    next_token: str | None = None


class ParkedModel(StatusModel):
    """Where a parked execution stands, why it is parked, and from when on an operator may resolve it."""

    parked: str
    can_resolve_at: str | None


class InboxModel(Composed):
    """What waits for an operator, newest first; ``is_partial`` where more waits than was looked through or fits."""

    executions: tuple[ParkedModel, ...]
    is_partial: bool


class HourModel(Composed):
    """How many executions that started within one hour stand in each status."""

    model_config: ClassVar[ConfigDict] = ConfigDict(populate_by_name=True, defer_build=True)

    start: str = Field(alias="from")
    succeeded: int = Field(alias="SUCCEEDED")
    failed: int = Field(alias="FAILED")
    cancelled: int = Field(alias="CANCELLED")
    in_doubt: int = Field(alias="IN_DOUBT")
    running: int = Field(alias="RUNNING")


class CountsModel(Composed):
    """How many of the newest executions stand in each status; ``is_partial`` where there are older ones."""

    at: str
    by_status: dict[str, int]
    over_time: tuple[HourModel, ...]
    is_partial: bool
