"""Seal: says of each day that is over, and of each tenant, what its ledger held, signed and kept elsewhere."""

from collections import deque
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from core.domain.errors import ExecutionError, LedgerUnreadableError, SealedOtherwiseError
from core.domain.making import dataclass
from core.domain.sealing import DayHead, SignedHead, day_of, ends_ms, last_due, pieces_of, root_of, starts_ms
from core.domain.timing import Timing
from ports.clock import Clock
from ports.head_signer import HeadSigner
from ports.ledger import Ledger
from ports.ledger_heads import LedgerHeads
from ports.ledger_rolls import LedgerRolls

MOST_DAYS = 1_000
EVER_MS = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Sealed:
    """What one run did: days sealed over all tenants, tenants that were left for trouble, and what is still open.

    ``oldest_open`` is the earliest day that may be sealed and is not; None where nothing is.
    """

    days: int
    troubles: tuple[tuple[str, ExecutionError], ...] = ()
    oldest_open: date | None = None


class Seal:
    """Catches up day by day, a day of each tenant in turn, bounded; two at once keep one head, the first."""

    def __init__(
        self, ledger: Ledger, heads: LedgerHeads, rolls: LedgerRolls, signer: HeadSigner, clock: Clock, timing: Timing
    ) -> None:
        """Keep the parts."""
        self._ledger = ledger
        self._heads = heads
        self._rolls = rolls
        self._signer = signer
        self._clock = clock
        self._timing = timing

    def __call__(
        self,
        tenants: Sequence[str] | None = None,
        *,
        limit: int = MOST_DAYS,
        is_over: Callable[[], bool] = lambda: False,
    ) -> Sealed:
        """Seal up to ``limit`` days of these tenants (None: of all); ``is_over`` is asked before each.

        Raises:
            StoreUnavailableError: it could not be learned whose ledgers there are.
        """
        due = last_due(self._clock.now_ms(), self._timing.seal_margin_ms)
        troubles: list[tuple[str, ExecutionError]] = []
        known = sorted({*self._ledger.tenants(), *self._heads.tenants()}) if tenants is None else tenants
        waiting: dict[str, tuple[date, str]] = {}
        for tenant_id in known:
            try:
                first = self._next(tenant_id)
            except ExecutionError as trouble:
                troubles.append((tenant_id, trouble))
            else:
                if first is not None and first[0] <= due:
                    waiting[tenant_id] = first
        stuck: list[date] = []
        turns: deque[str] = deque()
        days = 0
        while waiting and days < limit and not is_over():
            if not turns:
                # A day each, so that one old stamp, and the many days since, keep nobody else waiting.
                turns.extend(sorted(waiting, key=lambda it: (waiting[it][0], it)))
            tenant_id = turns.popleft()
            day, previous = waiting.pop(tenant_id)
            try:
                head = self._seal(tenant_id, day, previous)
            except ExecutionError as trouble:
                troubles.append((tenant_id, trouble))
                stuck.append(day)
                continue
            days += 1
            if day < due:
                waiting[tenant_id] = day + timedelta(days=1), head.head.sha256
        left = [*stuck, *(day for day, _ in waiting.values())]
        return Sealed(days, tuple(troubles), min(left, default=due if troubles else None))

    def _next(self, tenant_id: str) -> tuple[date, str] | None:
        """Return the first day that is not sealed and the hash it follows; None where nothing was ever written.

        Raises:
            LedgerUnreadableError: the newest head is none that could be there, and sealing on would go by it.
        """
        newest = self._heads.newest(tenant_id)
        if newest is not None:
            if newest.head.tenant_id != tenant_id:
                raise LedgerUnreadableError(f"The newest head of {tenant_id} is of another tenant.")
            if ends_ms(newest.head.day) > self._clock.now_ms():
                raise LedgerUnreadableError(
                    f"The newest head of {tenant_id} is of {newest.head.day}, which is not over."
                )
            return newest.head.day + timedelta(days=1), newest.head.sha256
        first = next(self._ledger.between(tenant_id, 0, EVER_MS), None)
        if first is None:
            return None
        try:
            return day_of(first.at_ms), ""
        except (OverflowError, ValueError) as fault:
            raise LedgerUnreadableError(f"{first.entry_id} is stamped on no day.") from fault

    def _seal(self, tenant_id: str, day: date, previous: str) -> SignedHead:
        """Keep the roll, then the head that names it: whoever sees a head can read its roll.

        Raises:
            SealedOtherwiseError: somebody sealed it before, and it has changed since.
        """
        pieces: list[str] = []
        entries = 0
        since_ms, before_ms = starts_ms(day), ends_ms(day)
        for piece, lines in pieces_of(self._ledger.between(tenant_id, since_ms, before_ms)):
            pieces.append(self._rolls.keep(tenant_id, piece))
            entries += lines
        head = DayHead(tenant_id, day, entries, root_of(pieces), tuple(pieces), previous)
        standing = self._heads.keep(SignedHead(head, self._signer.sign(head.content)))
        if standing.head != head:
            raise SealedOtherwiseError(
                f"{day} of {tenant_id} was sealed with other content: run actonce ledger verify."
            )
        return standing
