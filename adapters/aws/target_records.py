"""Target records in DynamoDB: beside the executor's effects, in the layer of the target."""

from adapters.aws import keys
from adapters.aws.items import effect_item, effect_of, readable
from adapters.aws.tables import EFFECTS, Tables
from adapters.aws.writes import ABSENT, Condition, ConditionFailedError, Item, number, text
from core.domain.errors import StoreUnavailableError
from core.domain.serving import RecordMovedError, RecordPlace, TargetRecord


class DynamoTargetRecords:
    """The target records port."""

    def __init__(self, tables: Tables) -> None:
        """Keep the tables."""
        self._tables = tables

    def read(self, place: RecordPlace) -> TargetRecord | None:
        found = self._tables.get(EFFECTS, _key(place))
        return None if found is None else _record_of(found)

    def keep(self, record: TargetRecord) -> None:
        try:
            self._tables.put(EFFECTS, _item(record), _follows(record.version))
        except ConditionFailedError as refused:
            held = None if refused.existing is None else _record_of(refused.existing)
            if held is not None and (held.version, held.nonce) == (record.version, record.nonce):
                return
            raise RecordMovedError(held) from refused


def _follows(version: int) -> Condition:
    if version == 1:
        return ABSENT
    return Condition("#version = :judged", {"#version": "version"}, {":judged": number(version - 1)})


def _key(place: RecordPlace) -> Item:
    partition = keys.partition_of(place.key)
    return {"pk": text(partition), "sk": text(keys.target_sort(place.tool, place.effect_key))}


def _item(record: TargetRecord) -> Item:
    return {
        **effect_item(record.effect),
        **_key(record.place),
        "intent_id": text(record.place.key.intent_id),
        "version": number(record.version),
        "nonce": text(record.nonce),
    }


@readable
def _record_of(item: Item) -> TargetRecord:
    effect = effect_of({**item, "sk": text(keys.effect_sort(item["intent_id"]["S"], 1, "action"))})
    if item["sk"]["S"] != keys.target_sort(effect.request.tool, effect.request.effect_key):
        raise StoreUnavailableError("A row of a target has a key of another form.")
    return TargetRecord(effect, int(item["version"]["N"]), item["nonce"]["S"])
