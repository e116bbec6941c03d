"""The fake's records: made, changed, removed and found, with the stamps that every change moves on."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tests.providers.salesforce.checking import accepted, complete
from tests.providers.salesforce.schema import Field, id_of, known_id
from tests.providers.salesforce.words import Refusal, deleted, missing
from tests.providers.shelf import API, CREATE, DELETE, PEOPLE, UPDATE, Shelf

Record = Mapping[str, Any]


class Store:
    """Every write is checked whole before any of it is logged."""

    def __init__(self, shelf: Shelf, schema: Mapping[str, Mapping[str, Field]]) -> None:
        self.shelf = shelf
        self.schema = schema
        self.automation: dict[str, Any] = {}

    def fields(self, object_type: str) -> Mapping[str, Field]:
        if object_type not in self.schema:
            raise missing()
        return self.schema[object_type]

    def live(self, object_type: str, given: str) -> tuple[str, Record]:
        """Return the id and the record of an id as it was given; a Refusal where there is none."""
        object_id = known_id(given)
        if object_id is None:
            raise missing(f"Provided external ID field does not exist or is not accessible: {given}")
        record = self.shelf.now((object_type, object_id))
        if record is None:
            raise missing()
        if record["IsDeleted"]:
            raise deleted()
        return object_id, record

    def matches(self, object_type: str, name: str, value: str) -> dict[str, Record]:
        """Return what has a value in an external id field."""
        field = self.fields(object_type).get(name)
        if field is None or not field.external_id:
            raise missing(f"Provided external ID field does not exist or is not accessible: {name}")
        found = self.all_now(object_type)
        wanted = value.lower()
        return {
            it: row for it, row in found.items() if (row.get(name) or "").lower() == wanted and not row["IsDeleted"]
        }

    def all_now(self, object_type: str) -> dict[str, Record]:
        names = {line["object_id"] for line in self.shelf.lines if line["object_type"] == object_type}
        found = {name: self.shelf.now((object_type, name)) for name in names}
        return {name: row for name, row in found.items() if row is not None}

    def make(self, object_type: str, body: Any, by: str = API) -> str:  # noqa: ANN401
        record = self._checked(object_type, body, {})
        self._unique(object_type, record, None)
        object_id = id_of(object_type, len(self.shelf.lines) + 1)
        stamp = _stamp(0)
        blank = dict.fromkeys(self.fields(object_type))
        stamps = {"CreatedDate": stamp, "LastModifiedDate": stamp, "SystemModstamp": stamp}
        flow = self.automation if object_type == "Task" and by == API else {}
        whole = {**blank, **record, **flow, **stamps, "Id": object_id, "IsDeleted": False}
        self.shelf.write(CREATE, (object_type, object_id), whole, by)
        return object_id

    def change(self, object_type: str, given: str, body: Any, by: str = API, seconds: float = 0.0) -> str:  # noqa: ANN401
        object_id, held = self.live(object_type, given)
        record = self._checked(object_type, body, held)
        self._unique(object_type, record, object_id)
        stamp = max(_stamp(seconds), held["LastModifiedDate"])
        whole = {**held, **record, "LastModifiedDate": stamp, "SystemModstamp": stamp}
        self.shelf.write(UPDATE, (object_type, object_id), whole, by)
        return object_id

    def remove(self, object_type: str, given: str, by: str = API) -> str:
        object_id, held = self.live(object_type, given)
        stamp = max(_stamp(0), held["LastModifiedDate"])
        whole = {**held, "IsDeleted": True, "LastModifiedDate": stamp, "SystemModstamp": stamp}
        self.shelf.write(DELETE, (object_type, object_id), whole, by)
        return object_id

    def purge(self, object_type: str, object_id: str) -> None:
        """Empty the bin of one record."""
        self.shelf.write(DELETE, (object_type, object_id), None, PEOPLE)

    def _checked(self, object_type: str, body: Any, held: Record) -> dict[str, Any]:  # noqa: ANN401
        schema = self.fields(object_type)
        fields = accepted(object_type, schema, body, self._is_there)
        complete(schema, {**held, **fields})
        return fields

    def _unique(self, object_type: str, record: Record, own_id: str | None) -> None:
        for name, value in record.items():
            if value is None or not self.fields(object_type)[name].unique:
                continue
            others = [it for it in self.matches(object_type, name, value) if it != own_id]
            if others:
                message = f"duplicate value found: {name} duplicates value on record with id: {others[0]}"
                raise Refusal(400, "DUPLICATE_VALUE", message)

    def _is_there(self, object_type: str, object_id: str) -> bool:
        record = self.shelf.now((object_type, object_id))
        return record is not None and not record["IsDeleted"]


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(int(time.time() + seconds), UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
