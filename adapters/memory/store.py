"""Executions, intents, outbox and ledger in memory: the same contract as every other store."""

import threading
from collections.abc import Iterator, Sequence

from core.domain.attempt import ChainHead
from core.domain.draft import chain_of
from core.domain.errors import PayloadConflictError
from core.domain.execution import Change, Execution, Refusal, StaleError
from core.domain.intent import Intent
from core.domain.keys import IntentKey
from core.domain.ledger import Chain, LedgerEntry
from core.domain.outcome import Outcome
from core.domain.refusing import refusal_chain, refusal_entry, refusal_signal
from core.domain.signal import Signal
from ports.listings import Page


class MemoryStore:
    """The rows that one transaction may touch, and the lock that makes it one."""

    def __init__(self) -> None:
        """Start empty."""
        self.lock = threading.RLock()
        self.intents: dict[IntentKey, Intent] = {}
        self.executions: dict[IntentKey, Execution] = {}
        self.outcomes: list[Outcome] = []
        self.chains: dict[Chain, list[LedgerEntry]] = {}
        self.outbox: dict[tuple[IntentKey, str, int], Signal] = {}
        self.refusals: set[tuple[IntentKey, str]] = set()

    def put_intent(self, intent: Intent) -> None:
        """Store an intent by the condition that its id has no other body."""
        known = self.intents.setdefault(intent.key, intent)
        if known.fingerprint != intent.fingerprint:
            raise PayloadConflictError("This intent id was used before with another body; the first one stands.")

    def append(self, entry: LedgerEntry) -> None:
        """Append to a chain, by the condition that the place is free."""
        chain = self.chains.setdefault(entry.chain, [])
        if entry.sequence != len(chain) + 1:
            raise LookupError(f"ledger place {entry.entry_id} is taken")
        chain.append(entry)

    def head(self, chain: Chain) -> ChainHead:
        """Return the last entry's place and hash."""
        entries = self.chains.get(chain)
        return ChainHead(entries[-1].sequence, entries[-1].sha256) if entries else ChainHead()

    def put_signal(self, signal: Signal) -> None:
        """Mark a signal as to be published."""
        self.outbox[signal.key, signal.signal_id, signal.revision] = signal


class MemoryExecutions:
    """The executions port."""

    def __init__(self, store: MemoryStore) -> None:
        """Keep the store."""
        self._store = store

    def load(self, key: IntentKey) -> Execution | None:
        """Return the execution."""
        with self._store.lock:
            return self._store.executions.get(key)

    def commit(self, change: Change) -> None:
        """Write the whole change, or nothing of it."""
        store = self._store
        with store.lock:
            existing = store.executions.get(change.key)
            if (existing.attempt.version if existing else 0) != change.expected_version:
                raise StaleError(existing)
            if change.intent is not None:
                store.put_intent(change.intent)
            store.executions[change.key] = change.execution
            if change.outcome is not None:
                store.outcomes.append(change.outcome)
            for entry in change.entries:
                store.append(entry)
            for signal in change.signals:
                store.put_signal(signal)

    def refuse(self, refusal: Refusal) -> bool:
        """Append to the side chain, once."""
        store = self._store
        with store.lock:
            if (refusal.key, refusal.refusal_id) in store.refusals:
                return False
            store.refusals.add((refusal.key, refusal.refusal_id))
            entry = refusal_entry(refusal, store.head(refusal_chain(refusal.key)))
            store.append(entry)
            store.put_signal(refusal_signal(refusal, entry))
            return True

    def due(self, now_ms: int, limit: int) -> Sequence[IntentKey]:
        """Return the keys that are due, the longest first."""
        with self._store.lock:
            rows = [
                (it.attempt.due_at_ms, it.attempt.key)
                for it in self._store.executions.values()
                if it.attempt.due_at_ms is not None and it.attempt.due_at_ms <= now_ms
            ]
        return [key for _, key in sorted(rows)[:limit]]


class MemoryIntents:
    """The intents port."""

    def __init__(self, store: MemoryStore) -> None:
        """Keep the store."""
        self._store = store

    def get(self, key: IntentKey) -> Intent | None:
        """Return the intent."""
        with self._store.lock:
            return self._store.intents.get(key)

    def put(self, intent: Intent) -> None:
        """Store it once."""
        with self._store.lock:
            self._store.put_intent(intent)


class MemoryOutbox:
    """The outbox port."""

    def __init__(self, store: MemoryStore) -> None:
        """Keep the store."""
        self._store = store

    def pending(self, limit: int) -> Sequence[Signal]:
        """Return unpublished signals, oldest first."""
        with self._store.lock:
            return list(self._store.outbox.values())[:limit]

    def published(self, signals: Sequence[Signal]) -> None:
        """Remove their marks."""
        with self._store.lock:
            for signal in signals:
                self._store.outbox.pop((signal.key, signal.signal_id, signal.revision), None)


class MemoryLedger:
    """The ledger port."""

    def __init__(self, store: MemoryStore) -> None:
        """Keep the store."""
        self._store = store

    def entries(self, chain: Chain) -> Sequence[LedgerEntry]:
        """Return a whole chain."""
        with self._store.lock:
            return list(self._store.chains.get(chain, ()))

    def chains(self, tenant_id: str | None) -> Iterator[tuple[Chain, ChainHead | None]]:
        """Yield every chain with the head that its attempt remembers."""
        with self._store.lock:
            heads = {
                Chain(it.attempt.key.tenant_id, chain_of(it.attempt)): it.attempt.head
                for it in self._store.executions.values()
            }
            found = [(chain, heads.get(chain)) for chain in {*self._store.chains, *heads}]
        for chain, head in sorted(found, key=lambda it: (it[0].tenant_id, it[0].subject)):
            if tenant_id in {None, chain.tenant_id}:
                yield chain, head

    def between(self, tenant_id: str, since_ms: int, before_ms: int) -> Iterator[LedgerEntry]:
        """Yield a tenant's entries by stamp, chain and sequence."""
        with self._store.lock:
            found = [it for chain, rows in self._store.chains.items() if chain.tenant_id == tenant_id for it in rows]
        within = (it for it in found if since_ms <= it.at_ms < before_ms)
        yield from sorted(within, key=lambda it: (it.at_ms, it.chain.subject, it.sequence))

    def tenants(self) -> Sequence[str]:
        """Return the tenants that have entries."""
        with self._store.lock:
            return sorted({chain.tenant_id for chain in self._store.chains})


class MemoryListings:
    """The listings port; a place is the number of rows to skip."""

    def __init__(self, store: MemoryStore) -> None:
        """Keep the store."""
        self._store = store

    def by_account(self, tenant_id: str, account_id: str, *, limit: int, place: str | None) -> Page:
        """Return executions of one account, newest first."""
        return self._page(self._rows(tenant_id, account_id), limit, place)

    def by_tenant(self, tenant_id: str, *, limit: int, place: str | None) -> Page:
        """Return executions of one tenant, newest first."""
        return self._page(self._rows(tenant_id, None), limit, place)

    def parked(self, tenant_id: str | None, *, limit: int) -> Sequence[Execution]:
        """Return what waits for an operator."""
        return [it for it in self._rows(tenant_id, None) if it.attempt.parked is not None][:limit]

    def counts(self) -> dict[str, int]:
        """Count by status."""
        counted: dict[str, int] = {}
        for it in self._rows(None, None):
            counted[it.attempt.status.value] = counted.get(it.attempt.status.value, 0) + 1
        return counted

    def tenants(self) -> Sequence[str]:
        """Return the tenants that occur."""
        with self._store.lock:
            return sorted({key.tenant_id for key in (*self._store.executions, *self._store.intents)})

    def _rows(self, tenant_id: str | None, account_id: str | None) -> list[Execution]:
        with self._store.lock:
            rows = [
                it
                for it in self._store.executions.values()
                if tenant_id in {None, it.attempt.key.tenant_id} and account_id in {None, it.attempt.key.account_id}
            ]
        return sorted(rows, key=lambda it: (it.attempt.started_at_ms, it.attempt.key), reverse=True)

    @staticmethod
    def _page(rows: list[Execution], limit: int, place: str | None) -> Page:
        start = int(place or 0)
        has_more = start + limit < len(rows)
        return Page(rows[start : start + limit], str(start + limit) if has_more else None)
