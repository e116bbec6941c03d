"""Internal notes and tasks in DynamoDB."""

from adapters.aws import keys
from adapters.aws.tables import OBJECTS, Tables
from adapters.aws.writes import ABSENT, ConditionFailedError, Item, text
from core.domain.errors import StoreUnavailableError


class DynamoInternalObjects:
    """The internal objects port."""

    def __init__(self, tables: Tables) -> None:
        """Keep the tables."""
        self._tables = tables

    def put(self, tenant_id: str, account_id: str, kind: str, object_id: str, fields: str) -> str:
        """Store once; what was there first comes back with the refusal."""
        item: Item = {**_key(tenant_id, account_id, kind, object_id), "fields": text(fields)}
        try:
            self._tables.put(OBJECTS, item, ABSENT)
        except ConditionFailedError as taken:
            if taken.existing is None:
                raise StoreUnavailableError("The stored object is not known.") from taken
            return taken.existing["fields"]["S"]
        return fields

    def get(self, tenant_id: str, account_id: str, kind: str, object_id: str) -> str | None:
        """Return the fields, by a strongly consistent read."""
        found = self._tables.get(OBJECTS, _key(tenant_id, account_id, kind, object_id))
        return None if found is None else found["fields"]["S"]

    def delete(self, tenant_id: str, account_id: str, kind: str, object_id: str) -> bool:
        """Remove; a repeated removal, whose first reply was lost, says that there was none."""
        return self._tables.delete(OBJECTS, _key(tenant_id, account_id, kind, object_id))


def _key(tenant_id: str, account_id: str, kind: str, object_id: str) -> Item:
    return {"pk": text(keys.partition(tenant_id, account_id)), "sk": text(keys.object_sort(kind, object_id))}
