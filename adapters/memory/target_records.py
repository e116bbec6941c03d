"""Target records in memory."""

import threading

from core.domain.serving import RecordMovedError, RecordPlace, TargetRecord

_Name = tuple[str, str, str, str]


class MemoryTargetRecords:
    """The target records port."""

    def __init__(self) -> None:
        """Start empty."""
        self._lock = threading.Lock()
        self._records: dict[_Name, TargetRecord] = {}

    def read(self, place: RecordPlace) -> TargetRecord | None:
        with self._lock:
            return self._records.get(_name(place))

    def keep(self, record: TargetRecord) -> None:
        with self._lock:
            held = self._records.get(_name(record.place))
            if held is not None and (held.version, held.nonce) == (record.version, record.nonce):
                return
            if (held.version if held else 0) != record.version - 1:
                raise RecordMovedError(held)
            self._records[_name(record.place)] = record


def _name(place: RecordPlace) -> _Name:
    return place.key.tenant_id, place.key.account_id, place.tool, place.effect_key
