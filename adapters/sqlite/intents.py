"""Intents in SQLite: the document whose fingerprint names them, stored once."""

import json
import sqlite3

from adapters.sqlite.database import Database
from core.domain.errors import PayloadConflictError
from core.domain.intent import Intent
from core.domain.keys import IntentKey
from ports.wire.intent import parse_intent

IntentRow = tuple[str, str, str, str, str]

_PUT = "INSERT INTO intents VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
_FINGERPRINT = "SELECT fingerprint FROM intents WHERE tenant_id = ? AND account_id = ? AND intent_id = ?"
_GET = "SELECT document FROM intents WHERE tenant_id = ? AND account_id = ? AND intent_id = ?"


class SqliteIntents:
    """The intents port."""

    def __init__(self, database: Database) -> None:
        """Keep the database."""
        self._database = database

    def get(self, key: IntentKey) -> Intent | None:
        """Return the intent."""
        place = (key.tenant_id, key.account_id, key.intent_id)
        found = self._database.read(lambda connection: connection.execute(_GET, place).fetchone())
        return None if found is None else parse_intent(json.loads(found[0]))

    def put(self, intent: Intent) -> None:
        """Store it once."""
        row = row_of(intent)
        self._database.write(lambda connection: put(connection, row))


def row_of(intent: Intent) -> IntentRow:
    """Return what is stored of an intent."""
    key = intent.key
    return key.tenant_id, key.account_id, key.intent_id, intent.fingerprint, intent.text


def put(connection: sqlite3.Connection, row: IntentRow) -> None:
    """Store an intent inside somebody's transaction, by the condition that its id has no other body."""
    if connection.execute(_PUT, row).rowcount == 1:
        return
    (fingerprint,) = connection.execute(_FINGERPRINT, row[:3]).fetchone()
    if fingerprint != row[3]:
        raise PayloadConflictError("This intent id was used before with another body; the first one stands.")
