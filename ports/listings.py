"""The listings port: what operators look through."""

from collections.abc import Sequence
from typing import Protocol

from core.domain.execution import Execution
from core.domain.making import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """Executions, newest first. ``next_place`` is where the next page starts, None on the last."""

    executions: Sequence[Execution]
    next_place: str | None = None


class Listings(Protocol):
    """Reads over many executions; bounded, tenant-scoped, and possibly a moment old."""

    def by_account(self, tenant_id: str, account_id: str, *, limit: int, place: str | None) -> Page:
        """Return up to ``limit`` (1 to 100) executions of one account."""
        ...

    def by_tenant(self, tenant_id: str, *, limit: int, place: str | None) -> Page:
        """Return up to ``limit`` (1 to 100) executions of one tenant."""
        ...

    def parked(self, tenant_id: str | None, *, limit: int) -> Sequence[Execution]:
        """Return up to ``limit`` executions that wait for an operator; tenant None is for a whole installation."""
        ...

    def counts(self) -> dict[str, int]:
        """Return how many executions stand in each attempt status."""
        ...

    def tenants(self) -> Sequence[str]:
        """Return the tenants that have executions or intents, sorted."""
        ...
