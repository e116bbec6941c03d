"""The registry in DynamoDB: a version, once there, never changes, so it is read once per process."""

import json
from collections.abc import Sequence

from adapters.aws.keys import padded
from adapters.aws.tables import REGISTRY, Tables
from adapters.aws.writes import ABSENT, ConditionFailedError, Item, text
from core.domain.canonical import compact
from core.domain.errors import ConfigurationError, RegistryConflictError, StoreUnavailableError
from core.domain.registry import RegistryEntry
from ports.wire.registry import entry_document, parse_entry


class DynamoRegistry:
    """The registry port; ``document`` holds an entry just as a registry file does, so that Terraform can apply it."""

    def __init__(self, tables: Tables) -> None:
        """Keep the tables."""
        self._tables = tables
        self._known: dict[tuple[str, int], RegistryEntry] = {}

    def entry(self, action_type: str, version: int) -> RegistryEntry | None:
        """Return one version; one that is missing is asked for again the next time."""
        known = self._known.get((action_type, version))
        if known is not None:
            return known
        found = self._tables.get(REGISTRY, _key(action_type, version))
        if found is None:
            return None
        entry = _entry(found)
        self._known[action_type, version] = entry
        return entry

    def apply(self, entry: RegistryEntry) -> bool:
        """Add a version, by the condition that it is not there."""
        item: Item = {**_key(entry.action_type, entry.version), "document": text(compact(entry_document(entry)))}
        try:
            self._tables.put(REGISTRY, item, ABSENT)
        except ConditionFailedError as taken:
            if taken.existing is None or _entry(taken.existing) != entry:
                raise RegistryConflictError(
                    f"{entry.action_type} version {entry.version} exists with other content; publish a new version."
                ) from taken
            return False
        return True

    def entries(self) -> Sequence[RegistryEntry]:
        """Return all, by action type and version."""
        found = (_entry(item) for item in self._tables.scan(REGISTRY))
        return sorted(found, key=lambda it: (it.action_type, it.version))


def _key(action_type: str, version: int) -> Item:
    return {"pk": text(f"ACTION_TYPE#{action_type}"), "sk": text(padded(version))}


def _entry(item: Item) -> RegistryEntry:
    """Return the entry of a row; one that cannot be read decides nothing, least of all that an action has failed."""
    try:
        document = json.loads(item["document"]["S"])
        return parse_entry(document)
    except (KeyError, TypeError, ValueError, AttributeError, ConfigurationError) as fault:
        place = f"{item['pk']['S']} {item['sk']['S']}"
        raise StoreUnavailableError(f"The registry's row {place} cannot be read.") from fault
