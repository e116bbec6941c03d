"""Appending to ledger chains, and putting signals into the outbox, inside somebody's transaction."""

import sqlite3
from collections.abc import Iterable
from itertools import chain

from core.domain.attempt import ChainHead
from core.domain.ledger import Chain, LedgerEntry
from core.domain.signal import Signal
from ports.wire.rows import SIGNAL

LedgerRow = tuple[str, str, int, str, int, str, str, str]
OutboxRow = tuple[str, str, str, int, str, str]

_ENTRY = "(?, ?, ?, ?, ?, ?, ?, ?)"
_HEAD = "SELECT sequence, sha256 FROM ledger WHERE tenant_id = ? AND subject = ? ORDER BY sequence DESC LIMIT 1"
_MARK = "INSERT INTO outbox (tenant_id, account_id, intent_id, revision, signal_id, body) VALUES (?, ?, ?, ?, ?, ?)"


def ledger_rows(entries: Iterable[LedgerEntry]) -> list[LedgerRow]:
    """Return what is stored of ledger entries."""
    return [
        (it.chain.tenant_id, it.chain.subject, it.sequence, it.event.value, it.at_ms, it.body, it.previous, it.sha256)
        for it in entries
    ]


def outbox_rows(signals: Iterable[Signal]) -> list[OutboxRow]:
    """Return what is stored of signals."""
    return [
        (it.key.tenant_id, it.key.account_id, it.key.intent_id, it.revision, it.signal_id, SIGNAL.dump(it))
        for it in signals
    ]


def append(connection: sqlite3.Connection, rows: list[LedgerRow]) -> None:
    """Append to chains, by the condition that each place is free."""
    # One statement, for each gives up the interpreter's lock; a transition appends at most a handful.
    if rows:
        connection.execute(f"INSERT INTO ledger VALUES {', '.join([_ENTRY] * len(rows))}", [*chain(*rows)])  # noqa: S608 - made of constants


def put(connection: sqlite3.Connection, rows: list[OutboxRow]) -> None:
    """Mark signals as to be published."""
    for row in rows:
        connection.execute(_MARK, row)


def head(connection: sqlite3.Connection, of: Chain) -> ChainHead:
    """Return the last entry's place and hash."""
    row = connection.execute(_HEAD, (of.tenant_id, of.subject)).fetchone()
    return ChainHead(*row) if row else ChainHead()
