"""Artifacts in SQLite, named by their content."""

from adapters.sqlite.database import Database
from core.domain.canonical import text_digest
from core.domain.errors import StoreUnavailableError
from core.domain.keys import IntentKey
from ports.artifacts import MAX_ARTIFACT_BYTES

_PUT = "INSERT INTO artifacts VALUES (?, ?) ON CONFLICT DO NOTHING"
_GET = "SELECT content FROM artifacts WHERE reference = ?"


class SqliteArtifacts:
    """The artifacts port."""

    def __init__(self, database: Database) -> None:
        """Keep the database."""
        self._database = database

    def put(self, key: IntentKey, content: str) -> str:
        """Store under the name of the content."""
        if len(content.encode()) > MAX_ARTIFACT_BYTES:
            raise StoreUnavailableError(f"The artifact is over {MAX_ARTIFACT_BYTES} bytes.")
        reference = f"{key.tenant_id}/{key.intent_id}/{text_digest(content)}"
        self._database.write(lambda connection: connection.execute(_PUT, (reference, content)))
        return reference

    def get(self, reference: str) -> str | None:
        """Return the text."""
        found = self._database.read(lambda connection: connection.execute(_GET, (reference,)).fetchone())
        return None if found is None else str(found[0])
