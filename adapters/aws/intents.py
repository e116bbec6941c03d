"""Intents in DynamoDB: those that upstream wrote, attribute by attribute, and those that came inside an event."""

from collections.abc import Mapping, Sequence

from adapters.aws import keys
from adapters.aws.tables import INTENTS, Tables
from adapters.aws.writes import Condition, ConditionFailedError, Item, text
from core.domain.canonical import Json
from core.domain.errors import InvalidEventError, PayloadConflictError, StoreUnavailableError
from core.domain.intent import Intent
from core.domain.keys import IntentKey
from ports.wire.intent import IntentModel, parse_intent, read_intent

TAKEN = "This intent id was used before with another body; the first one stands."


class DynamoIntents:
    """The intents port."""

    def __init__(self, tables: Tables) -> None:
        """Keep the tables."""
        self._tables = tables

    def get(self, key: IntentKey) -> Intent | None:
        """Return the intent, by a strongly consistent read under its tenant and account."""
        found = self._tables.get(INTENTS, intent_key(key))
        return None if found is None else stored_intent(key, found)

    def put(self, intent: Intent) -> None:
        """Store it once."""
        try:
            self._tables.put(INTENTS, intent_item(intent), free_for(intent))
        except ConditionFailedError as taken:
            check_same(intent, taken.existing)


def intent_key(key: IntentKey) -> Item:
    """Return the key of an intent."""
    return {"pk": text(keys.partition_of(key)), "sk": text(keys.intent_sort(key.intent_id))}


def intent_item(intent: Intent) -> Item:
    """Return what is stored of an intent that came inside an event."""
    return {
        **intent_key(intent.key),
        "fingerprint": text(intent.fingerprint),
        "document": text(intent.text),
    }


def free_for(intent: Intent) -> Condition:
    """Return the condition that the id is free, or has this very body."""
    # Two clauses: nobody stored this id yet; or a redelivery, or a publisher, stores the same body again.
    is_new, is_same = "attribute_not_exists(pk)", "#fingerprint = :fingerprint"
    return Condition(
        f"{is_new} OR {is_same}", {"#fingerprint": "fingerprint"}, {":fingerprint": text(intent.fingerprint)}
    )


def check_same(intent: Intent, existing: Item | None) -> None:
    """Compare with the row that has the id: what upstream wrote attribute by attribute bears no fingerprint.

    Raises:
        PayloadConflictError: it has another body.
        StoreUnavailableError: the row is not known.
    """
    if existing is None:
        raise StoreUnavailableError("The stored intent is not known.")
    if stored_intent(intent.key, existing).fingerprint != intent.fingerprint:
        raise PayloadConflictError(TAKEN)


def stored_intent(key: IntentKey, item: Item) -> Intent:
    """Return the intent of a row, whoever wrote it.

    Raises:
        InvalidEventError: the row is no intent, or not the one of its key.
    """
    try:
        intent = read_intent(item["document"]["S"]) if "document" in item else parse_intent(_columns(item))
    except ValueError as fault:
        raise InvalidEventError("The stored intent is not JSON.") from fault
    if intent.key != key:
        raise InvalidEventError("The stored intent has other ids than its key.")
    return intent


def _columns(item: Item) -> Mapping[str, object]:
    # Columns of the publisher's own (indexes, an expiry for TTL) are none of our business.
    return {name: plain(item[name]) for name in IntentModel.model_fields if name in item}


def plain(value: Mapping[str, object]) -> Json:
    """Return the JSON value of an attribute that somebody else wrote.

    Raises:
        ValueError: it is binary or a set, which JSON has not.
    """
    (kind, inner), *_ = value.items()
    if kind == "NULL":
        return None
    if kind in {"S", "BOOL"}:
        return inner if isinstance(inner, str | bool) else None
    if kind == "N":
        digits = str(inner)
        return int(digits) if digits.lstrip("-").isdigit() else float(digits)
    if kind == "M" and isinstance(inner, Mapping):
        return {str(name): plain(it) for name, it in inner.items()}
    if kind == "L" and isinstance(inner, Sequence):
        return [plain(it) for it in inner]
    raise ValueError(f"an attribute of type {kind} has no JSON form")
