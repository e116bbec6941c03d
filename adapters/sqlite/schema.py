"""The tables of the embedded store, and how a file comes to have them."""

import sqlite3

from core.domain.errors import ConfigurationError

APPLICATION_ID = 0x0AC70CE1
"""Marks a file as ours."""

# Long rows are kept by rowid, at the end of their table: in a tree by key they would split and spill pages everywhere.
_FIRST = (
    """CREATE TABLE intents (
        tenant_id TEXT NOT NULL, account_id TEXT NOT NULL, intent_id TEXT NOT NULL,
        fingerprint TEXT NOT NULL, document TEXT NOT NULL,
        PRIMARY KEY (tenant_id, account_id, intent_id))""",
    """CREATE TABLE attempts (
        tenant_id TEXT NOT NULL, account_id TEXT NOT NULL, intent_id TEXT NOT NULL,
        version INTEGER NOT NULL, status TEXT NOT NULL, started_at_ms INTEGER NOT NULL,
        due_at_ms INTEGER, is_parked INTEGER NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (tenant_id, account_id, intent_id))""",
    "CREATE INDEX attempts_by_account ON attempts (tenant_id, account_id, started_at_ms, intent_id)",
    "CREATE INDEX attempts_by_tenant ON attempts (tenant_id, started_at_ms, account_id, intent_id, status)",
    "CREATE INDEX attempts_due ON attempts (due_at_ms) WHERE due_at_ms IS NOT NULL",
    "CREATE INDEX attempts_parked ON attempts (tenant_id, started_at_ms) WHERE is_parked",
    """CREATE TABLE effects (
        tenant_id TEXT NOT NULL, account_id TEXT NOT NULL, intent_id TEXT NOT NULL,
        run INTEGER NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (tenant_id, account_id, intent_id, run, kind))""",
    """CREATE TABLE outcomes (
        tenant_id TEXT NOT NULL, account_id TEXT NOT NULL, intent_id TEXT NOT NULL,
        revision INTEGER NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (tenant_id, account_id, intent_id, revision))""",
    """CREATE TABLE refusals (
        tenant_id TEXT NOT NULL, account_id TEXT NOT NULL, intent_id TEXT NOT NULL,
        refusal_id TEXT NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (tenant_id, account_id, intent_id, refusal_id)) WITHOUT ROWID""",
    """CREATE TABLE ledger (
        tenant_id TEXT NOT NULL, subject TEXT NOT NULL, sequence INTEGER NOT NULL,
        event TEXT NOT NULL, at_ms INTEGER NOT NULL, body TEXT NOT NULL,
        previous TEXT NOT NULL, sha256 TEXT NOT NULL,
        PRIMARY KEY (tenant_id, subject, sequence))""",
    """CREATE TABLE outbox (
        place INTEGER PRIMARY KEY, tenant_id TEXT NOT NULL, account_id TEXT NOT NULL, intent_id TEXT NOT NULL,
        revision INTEGER NOT NULL, signal_id TEXT NOT NULL, body TEXT NOT NULL,
        UNIQUE (tenant_id, account_id, intent_id, revision, signal_id))""",
    """CREATE TABLE registry (
        action_type TEXT NOT NULL, version TEXT NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (action_type, version)) WITHOUT ROWID""",
    """CREATE TABLE switches (
        tenant_id TEXT NOT NULL, action_type TEXT NOT NULL, is_enabled INTEGER NOT NULL,
        PRIMARY KEY (tenant_id, action_type)) WITHOUT ROWID""",
    """CREATE TABLE messages (
        place INTEGER PRIMARY KEY, message_id TEXT NOT NULL, body TEXT NOT NULL,
        visible_at_ms INTEGER NOT NULL, receive_count INTEGER NOT NULL, sent_at_ms INTEGER NOT NULL)""",
    "CREATE INDEX messages_visible ON messages (visible_at_ms)",
    """CREATE TABLE dead_letters (
        place INTEGER PRIMARY KEY, message_id TEXT NOT NULL, body TEXT NOT NULL,
        reason TEXT NOT NULL, at_ms INTEGER NOT NULL)""",
    "CREATE TABLE artifacts (reference TEXT PRIMARY KEY, content TEXT NOT NULL)",
    """CREATE TABLE internal_objects (
        tenant_id TEXT NOT NULL, account_id TEXT NOT NULL, kind TEXT NOT NULL, object_id TEXT NOT NULL,
        fields TEXT NOT NULL,
        PRIMARY KEY (tenant_id, account_id, kind, object_id))""",
    f"PRAGMA application_id = {APPLICATION_ID}",
)

_SECOND = ("CREATE INDEX ledger_by_time ON ledger (tenant_id, at_ms, subject, sequence)",)

STEPS = (_FIRST, _SECOND)
"""Step n brings a file from version n to n + 1; a step that was released is never changed."""


def migrate(connection: sqlite3.Connection, path: str) -> None:
    """Bring a file to this version's tables; several processes may try at once.

    Raises:
        ConfigurationError: the file is not ours, or a newer version wrote it.
    """
    if _version(connection, path) == len(STEPS):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for step in STEPS[_version(connection, path) :]:
            for statement in step:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(STEPS)}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _version(connection: sqlite3.Connection, path: str) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    # Read last: whoever made the tables, in between or before, wrote it in the same transaction.
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    if application_id != APPLICATION_ID and (version or tables):
        raise ConfigurationError(f"{path} is a database of something else. Point the store at another file.")
    if version > len(STEPS):
        raise ConfigurationError(
            f"{path} was written by a newer actonce (schema {version}; this one knows {len(STEPS)}). "
            "Install that version or a later one, or point the store at another file."
        )
    return int(version)
