"""Appending to ledger chains whose head no row keeps: refusals and switches."""

from collections.abc import Callable, Sequence

from adapters.aws import items, keys
from adapters.aws.tables import LEDGER, Tables
from adapters.aws.writes import ABSENT, CancelledError, Update, Write, text
from core.domain.attempt import ChainHead
from core.domain.errors import StoreUnavailableError
from core.domain.ledger import Chain, LedgerEntry

TRIES = 8

Compose = Callable[[LedgerEntry], Sequence[Write | Update]]


class Chains:
    """Ledger chains, and the transactions that append to them."""

    def __init__(self, tables: Tables) -> None:
        """Keep the tables."""
        self._tables = tables

    def append(
        self, chain: Chain, seal: Callable[[ChainHead], LedgerEntry], compose: Compose, *, once: Write | None = None
    ) -> bool:
        """Append an entry, with what ``compose`` writes beside it, in one transaction.

        Somebody who appends at the same moment takes the place: the head is read again, and the entry made anew.
        ``once`` is a row that must not be there yet; False where it is, and nothing was written.

        Raises:
            StoreUnavailableError: others were faster every time, or the store is out of reach.
        """
        for _ in range(TRIES):
            entry = seal(self.head(chain))
            first: list[Write | Update] = [once] if once is not None else []
            writes = [*first, ledger_write([entry])[0], *compose(entry)]
            try:
                self._tables.transact(writes, entry.sha256)
            except CancelledError as cancelled:
                if once is not None and 0 in cancelled.failed:
                    return False
            else:
                return True
        raise StoreUnavailableError("Others append to this chain faster than this process can.")

    def head(self, chain: Chain) -> ChainHead:
        """Return the last entry's place and hash, by a strongly consistent read."""
        newest = self._tables.query(
            {
                "TableName": self._tables.name(LEDGER),
                "KeyConditionExpression": "pk = :pk AND begins_with(sk, :sk)",
                "ExpressionAttributeValues": {":pk": text(keys.chain_partition(chain)), ":sk": text(keys.SEQUENCE)},
                "ConsistentRead": True,
                "ScanIndexForward": False,
                "Limit": 1,
            },
            most=1,
        )
        for item in newest:
            last = items.entries_of(chain, item)[-1]
            return ChainHead(last.sequence, last.sha256)
        return ChainHead()


def ledger_write(entries: Sequence[LedgerEntry]) -> list[Write]:
    """Return the writes that append entries, by the condition that their place is free."""
    return [Write(LEDGER, item, ABSENT) for item in items.ledger_items(entries)]
