"""Looking through many: pages of executions, what waits for an operator, and how many stand where."""

from collections import Counter
from collections.abc import Container, Sequence

from core.domain.execution import Execution
from core.domain.making import dataclass
from core.domain.operating import resolvable_at
from core.domain.timing import Timing
from ports.clock import Clock
from ports.listings import Listings, Page
from ports.wire.listing import CountsModel, HourModel, InboxModel, ListingModel, ParkedModel
from ports.wire.outcome import iso
from ports.wire.status import StatusModel, status_document

STATUSES = ("SUCCEEDED", "FAILED", "CANCELLED", "IN_DOUBT", "RUNNING")
MOST_ROWS = 100
MOST_COUNTED = 1_000
HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which executions. ``accounts`` None is all of the tenant's; ``most_pages`` bounds how far is read for a page."""

    tenant_id: str
    account_id: str | None = None
    accounts: Container[str] | None = None
    status: str | None = None
    most_pages: int = 1_000


class Listing:
    """Reads of many intents, as documents."""

    def __init__(self, listings: Listings, clock: Clock, timing: Timing) -> None:
        """Keep the ports."""
        self._listings = listings
        self._clock = clock
        self._timing = timing

    def page(self, wanted: Wanted, *, limit: int, place: str | None) -> ListingModel:
        """Return up to ``limit`` executions; going on from page to page, none of which is cut, keeps the place right.

        Raises:
            ValidationError: the place was not given out by this listing.
        """
        now_ms = self._clock.now_ms()
        found: list[StatusModel] = []
        for _ in range(wanted.most_pages):
            page = self._page(wanted, limit - len(found), place)
            found += [it for it in self._statuses(page.executions, now_ms) if _is_wanted(it, wanted)]
            place = page.next_place
            if place is None or len(found) >= limit:
                break
        if place is None:
            return ListingModel(executions=tuple(found))
        return ListingModel(executions=tuple(found), next_token=place)

    def page_of(
        self, tenant_id: str, account_id: str | None, status: str | None, *, limit: int, place: str | None
    ) -> ListingModel:
        """Return up to ``limit`` executions; of all accounts and of any status where it is None."""
        return self.page(Wanted(tenant_id, account_id, status=status), limit=limit, place=place)

    def inbox(self, tenant_id: str | None, accounts: Container[str] | None = None, *, limit: int) -> InboxModel:
        """Return what waits for an operator, newest first, each with why and from when on it may be resolved.

        Tenant None is the whole installation. For some accounts the newest 1,000 of the tenant are looked through.
        """
        most = limit if accounts is None else MOST_COUNTED
        waiting = self._listings.parked(tenant_id, limit=most + 1)
        found = [it for it in waiting[:most] if accounts is None or it.attempt.key.account_id in accounts]
        return InboxModel(
            executions=tuple(self._parked(it) for it in found[:limit]),
            is_partial=len(waiting) > most or len(found) > limit,
        )

    def counts(self, tenant_id: str, accounts: Container[str] | None = None) -> CountsModel:
        """Count the newest executions of a tenant's accounts by status, and by the hour in which they started."""
        now_ms, place = self._clock.now_ms(), None
        by_hour: dict[int, Counter[str]] = {}
        for _ in range(MOST_COUNTED // MOST_ROWS):
            page = self._listings.by_tenant(tenant_id, limit=MOST_ROWS, place=place)
            for it in page.executions:
                if accounts is None or it.attempt.key.account_id in accounts:
                    status = str((status_document(it, None, now_ms) or {})["status"])
                    by_hour.setdefault(it.attempt.started_at_ms // HOUR_MS, Counter())[status] += 1
            place = page.next_place
            if place is None:
                break
        return CountsModel(
            at=iso(now_ms),
            by_status=dict(sum(by_hour.values(), Counter())),
            over_time=tuple(_hour(hour, by_hour[hour]) for hour in sorted(by_hour)),
            is_partial=place is not None,
        )

    def _page(self, wanted: Wanted, limit: int, place: str | None) -> Page:
        if wanted.account_id is None:
            return self._listings.by_tenant(wanted.tenant_id, limit=limit, place=place)
        return self._listings.by_account(wanted.tenant_id, wanted.account_id, limit=limit, place=place)

    def _parked(self, execution: Execution) -> ParkedModel:
        at_ms = resolvable_at(execution, self._timing)
        return ParkedModel.model_validate(
            {
                **(status_document(execution, None, self._clock.now_ms()) or {}),
                "parked": execution.attempt.parked,
                "can_resolve_at": None if at_ms is None else iso(at_ms),
            }
        )

    @staticmethod
    def _statuses(executions: Sequence[Execution], now_ms: int) -> list[StatusModel]:
        return [StatusModel.model_validate(status_document(it, None, now_ms)) for it in executions]


def _is_wanted(status: StatusModel, wanted: Wanted) -> bool:
    is_of_account = wanted.accounts is None or status.account_id in wanted.accounts
    return is_of_account and wanted.status in {None, status.status}


def _hour(hour: int, counted: Counter[str]) -> HourModel:
    return HourModel(
        start=iso(hour * HOUR_MS),
        succeeded=counted["SUCCEEDED"],
        failed=counted["FAILED"],
        cancelled=counted["CANCELLED"],
        in_doubt=counted["IN_DOUBT"],
        running=counted["RUNNING"],
    )
