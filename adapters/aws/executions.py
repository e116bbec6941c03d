"""Executions in DynamoDB: claim, prepare and settle are one transaction each, or one conditional put.

The condition is the attempt's version, and the attempt is the first write of every transaction. The row that refuses
a change comes back with the refusal, so that a commit whose reply was lost knows itself without a read.
"""

import heapq
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice

from adapters.aws import items, keys, schema
from adapters.aws.chains import Chains, ledger_write
from adapters.aws.intents import check_same, free_for, intent_item
from adapters.aws.tables import ATTEMPTS, EFFECTS, INTENTS, LEDGER, OUTBOX, OUTCOMES, Tables
from adapters.aws.writes import ABSENT, CancelledError, Condition, ConditionFailedError, Item, Write, number, text
from core.domain.attempt import EffectKind
from core.domain.errors import StoreUnavailableError
from core.domain.execution import Change, Execution, Refusal, StaleError
from core.domain.keys import IntentKey
from core.domain.refusing import refusal_chain, refusal_entry, refusal_signal

KINDS = tuple(sorted(kind.value for kind in EffectKind))
RUNS_AT_ONCE = 4
"""The effects of so many runs fit into one read: a row has at most 400 KB, and a transaction at most 4 MB."""

TRIES = 8


class DynamoExecutions:
    """The executions port."""

    def __init__(self, tables: Tables, commits: Tables | None = None) -> None:
        """Keep the tables; ``commits`` are the same, through a client that tries once."""
        self._tables = tables
        self._commits = commits or tables
        self._chains = Chains(tables)

    def load(self, key: IntentKey) -> Execution | None:
        """Return the execution as it stands at one moment, for its rows are read in one transaction."""
        for _ in range(TRIES):
            attempt, outcome, *effects = self._tables.snapshot(
                [(ATTEMPTS, items.attempt_key(key)), (OUTCOMES, items.outcome_key(key)), *_effects(key, range(1, 2))]
            )
            if attempt is None:
                return None
            later = self._later_runs(key, attempt)
            if later is not None:
                return _execution(attempt, [*effects, *later], outcome)
        raise StoreUnavailableError("The execution changes faster than it can be read.")

    def commit(self, change: Change) -> None:
        """Write the whole change in one transaction, or nothing of it."""
        writes = _writes(change)
        try:
            if len(writes) == 1:
                self._commits.put(ATTEMPTS, writes[0].item, writes[0].condition)
            else:
                self._commits.transact(writes, _name(change), waits_s=())
        except ConditionFailedError as refused:
            raise self._stale(change, refused.existing) from refused
        except CancelledError as cancelled:
            if 0 in cancelled.failed:
                raise self._stale(change, cancelled.failed[0]) from cancelled
            self._commit_without_intent(change, writes, cancelled)

    def refuse(self, refusal: Refusal) -> bool:
        """Append to the side chain and the outbox, once."""
        chain = refusal_chain(refusal.key)
        marker: Item = {
            "pk": text(keys.chain_partition(chain)),
            "sk": text(f"{keys.REFUSED}{refusal.refusal_id}"),
            "at": number(refusal.at_ms),
        }
        return self._chains.append(
            chain,
            lambda head: refusal_entry(refusal, head),
            lambda entry: [Write(OUTBOX, items.signal_item(refusal_signal(refusal, entry)))],
            once=Write(LEDGER, marker, ABSENT),
        )

    def due(self, now_ms: int, limit: int) -> Sequence[IntentKey]:
        """Return the keys that are due, the longest first, from an index that may be a moment old.

        A shard that cannot be read hides nothing of the others: what is missing is found the next time.
        """
        found: list[list[tuple[int, IntentKey]]] = []
        trouble: StoreUnavailableError | None = None
        for shard in keys.shards():
            try:
                found.append(self._due_of(shard, now_ms, limit))
            except StoreUnavailableError as error:
                trouble = error
        due = [key for _, key in islice(heapq.merge(*found), limit)]
        if trouble is not None and not due:
            raise trouble
        return due

    def _due_of(self, shard: str, now_ms: int, limit: int) -> list[tuple[int, IntentKey]]:
        rows = self._tables.query(
            {
                "TableName": self._tables.name(ATTEMPTS),
                "IndexName": schema.DUE,
                "KeyConditionExpression": "due_shard = :shard AND due_at <= :now",
                "ExpressionAttributeValues": {":shard": text(shard), ":now": number(now_ms)},
                "Limit": limit,
            },
            most=limit,
        )
        # Rows of one moment come in no order that another shard would share.
        return sorted(_readable_dues(rows))

    def _later_runs(self, key: IntentKey, attempt: Item) -> list[Item | None] | None:
        """Return the effects of every run after the first, None where the attempt moved on meanwhile."""
        last = items.attempt_of(attempt).run
        found: list[Item | None] = []
        for first in range(2, last + 1, RUNS_AT_ONCE):
            runs = range(first, min(first + RUNS_AT_ONCE, last + 1))
            same, *effects = self._tables.snapshot([(ATTEMPTS, items.attempt_key(key)), *_effects(key, runs)])
            if same is None or same["version"] != attempt["version"]:
                return None
            found += effects
        return found

    def _stale(self, change: Change, existing: Item | None) -> StaleError:
        """Return what is there instead; where it is this very change, that is known without a read."""
        if existing is not None and existing["nonce"]["S"] == change.execution.attempt.nonce:
            return StaleError(change.execution)
        return StaleError(self.load(change.key))

    def _commit_without_intent(self, change: Change, writes: Sequence[Write], cancelled: CancelledError) -> None:
        """Commit the rest where the intent that is there is the same one, as upstream wrote it."""
        places = [place for place, write in enumerate(writes) if write.table == INTENTS]
        if change.intent is None or places != list(cancelled.failed):
            raise StoreUnavailableError("The ledger holds an entry that its attempt does not know of.") from cancelled
        check_same(change.intent, cancelled.failed[places[0]])
        rest = [write for write in writes if write.table != INTENTS]
        try:
            # Other rows under another name; the nonce on them stays that of the change.
            self._commits.transact(rest, f"{_name(change)}/again", waits_s=())
        except CancelledError as again:
            raise self._stale(change, again.failed.get(0)) from again


def _writes(change: Change) -> list[Write]:
    attempt = items.attempt_item(change.execution.attempt)
    expected = change.expected_version
    # A first claim: nobody was here before. Any other change: nobody was here since the caller read.
    is_unchanged = Condition("#version = :expected", {"#version": "version"}, {":expected": number(expected)})
    writes = [Write(ATTEMPTS, attempt, is_unchanged if expected else ABSENT)]
    if change.intent is not None:
        writes.append(Write(INTENTS, intent_item(change.intent), free_for(change.intent)))
    writes += [Write(EFFECTS, items.effect_item(effect)) for effect in change.effects]
    if change.outcome is not None:
        writes.append(Write(OUTCOMES, items.outcome_item(change.outcome)))
    writes += ledger_write(change.entries)
    writes += [Write(OUTBOX, items.signal_item(signal)) for signal in change.signals]
    return writes


def _readable_dues(rows: Iterator[Item]) -> Iterator[tuple[int, IntentKey]]:
    for row in rows:
        # A row that is not ours has nobody who could settle it.
        with suppress(StoreUnavailableError):
            yield int(row["due_at"]["N"]), keys.key_of(row["pk"]["S"], row["sk"]["S"])


def _name(change: Change) -> str:
    attempt = change.execution.attempt
    return f"{attempt.key}/{attempt.version}/{attempt.nonce}"


def _effects(key: IntentKey, runs: range) -> Iterator[tuple[str, Item]]:
    return ((EFFECTS, items.effect_key(key, run, kind)) for run in runs for kind in KINDS)


def _execution(attempt: Item, effects: Sequence[Item | None], outcome: Item | None) -> Execution:
    return Execution(
        items.attempt_of(attempt),
        tuple(items.effect_of(it) for it in effects if it is not None),
        None if outcome is None else items.outcome_of(outcome),
    )
