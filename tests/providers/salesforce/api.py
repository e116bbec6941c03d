"""Salesforce's REST API, as its developer guide documents it: what the fake answers to each request.

What people do (POST /people): {"do": "add", "type", "fields"}, {"do": "edit", "type", "id", "fields", "seconds"},
{"do": "remove", "type", "id"}, {"do": "purge", "type", "id"}, {"do": "expire"} (all tokens), {"do": "limit",
"requests"} (so many are left today; -1 for any number), {"do": "instance", "url"} (what a token's answer names),
{"do": "automate", "fields"} (a flow that sets them in each new task that a client makes).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import unquote

from tests.providers.faults import Fault
from tests.providers.messages import Call, Reply
from tests.providers.salesforce.oauth import PATH, Office
from tests.providers.salesforce.schema import KEY, Field
from tests.providers.salesforce.soql import parsed
from tests.providers.salesforce.store import Record, Store
from tests.providers.salesforce.words import Refusal, errors, limited, missing, no_column, no_session, unavailable
from tests.providers.shelf import PEOPLE, Shelf

_PATH = re.compile(r"/services/data/v(\d\d)\.0/(.+)")
OLDEST, NEWEST, NAMES_CREATED = 31, 68, 46
ANYHOW = -1


class SalesforceApi:
    """One organisation."""

    def __init__(self, shelf: Shelf, office: Office, schema: Mapping[str, Mapping[str, Field]]) -> None:
        self.shelf = shelf
        self._office = office
        self._store = Store(shelf, schema)
        self._left = ANYHOW

    def token(self, call: Call) -> Reply | None:
        return self._office.answer(call) if call.path == PATH else None

    def is_write(self, call: Call) -> bool:
        return call.method in {"POST", "PATCH", "DELETE"}

    def handle(self, call: Call) -> Reply:
        if not self._office.is_good(call):
            return no_session()
        if self._left == 0:
            return limited()
        self._left -= self._left > 0
        try:
            return self._routed(call)
        except Refusal as refusal:
            return refusal.reply

    def spoken(self, fault: Fault, call: Call) -> Reply:
        match fault.name:
            case "throttle":
                return limited(fault.seconds)
            case "unavailable" | "error_after":
                return unavailable(fault.seconds or None)
            case "refuse":
                return errors(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "The organisation does not want this.")
            case "unauthorized":
                return no_session()
            case "echo":
                said = f"Not understood: {call.headers.get('authorization')} {self._office.sent}"
                return errors(400, "JSON_PARSER_ERROR", said)
            case _:
                return errors(500, "UNKNOWN_EXCEPTION", "An unexpected error occurred. ErrorId: 1234-5678 (-90)")

    def mix_up(self, call: Call) -> Reply:
        _, parts = _place(call)
        object_type, key = parts[1], parts[3]
        other = {"Subject": "Theirs"} if object_type == "Task" else {"Name": "Theirs"}
        found = self._store.matches(object_type, KEY, key)
        if found:
            object_id = self._store.change(object_type, next(iter(found)), other, PEOPLE)
        else:
            rest = {} if object_type == "Task" else {"StageName": "Closed Lost", "CloseDate": "2020-01-01"}
            object_id = self._store.make(object_type, {**other, **rest, KEY: key}, PEOPLE)
        return Reply(200, {"id": object_id, "success": True, "errors": [], "created": False})

    def people(self, wish: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            return {"id": self._wish(wish)}
        except Refusal as refusal:
            raise ValueError(str(refusal.reply.document)) from refusal

    def _wish(self, wish: Mapping[str, Any]) -> str:
        match wish["do"]:
            case "add":
                return self._store.make(wish["type"], wish["fields"], PEOPLE)
            case "edit":
                return self._store.change(wish["type"], wish["id"], wish["fields"], PEOPLE, wish.get("seconds", 0.0))
            case "remove":
                return self._store.remove(wish["type"], wish["id"], PEOPLE)
            case "purge":
                self._store.purge(wish["type"], wish["id"])
            case "expire":
                self._office.expire()
            case "limit":
                self._left = int(wish["requests"])
            case "instance":
                self._office.instance_url = str(wish["url"])
            case "automate":
                self._store.automation = dict(wish["fields"])
            case other:
                raise ValueError(f"nobody does {other!r}")
        return ""

    def _routed(self, call: Call) -> Reply:
        version, parts = _place(call)
        match parts:
            case ["sobjects", object_type, name, value]:
                return self._by_key(call, version, object_type, (name, value))
            case _ if call.method == "GET":
                return self._read(call, parts)
            case _:
                return self._written(call, parts)

    def _read(self, call: Call, parts: list[str]) -> Reply:
        match parts:
            case ["sobjects", object_type, "describe"]:
                return self._describe(object_type)
            case ["query" | "queryAll" as which]:
                return self._query(call, with_deleted=which == "queryAll")
            case ["sobjects", object_type, object_id]:
                return self._row(call, object_type, *self._store.live(object_type, object_id))
            case _:
                raise missing()

    def _written(self, call: Call, parts: list[str]) -> Reply:
        match (call.method, *parts):
            case ("POST", "sobjects", object_type):
                object_id = self._store.make(object_type, call.document)
                return Reply(201, {"id": object_id, "success": True, "errors": []})
            case ("PATCH", "sobjects", object_type, object_id):
                return self._change(call, object_type, object_id)
            case ("DELETE", "sobjects", object_type, object_id):
                self._store.remove(object_type, object_id)
                return Reply(204)
            case _:
                raise missing()

    def _describe(self, object_type: str) -> Reply:
        fields = [it.described() for it in self._store.fields(object_type).values()]
        can = dict.fromkeys(("createable", "updateable", "deletable", "queryable"), True)
        return Reply(200, {"name": object_type, **can, "fields": fields})

    def _row(self, call: Call, object_type: str, object_id: str, record: Record) -> Reply:
        names = call.query["fields"].split(",") if "fields" in call.query else [*record]
        return Reply(200, self._shown(object_type, object_id, record, names))

    def _change(self, call: Call, object_type: str, object_id: str) -> Reply:
        _, held = self._store.live(object_type, object_id)
        if (since := call.headers.get("if-unmodified-since")) is not None:
            try:
                until = parsedate_to_datetime(since)
            except ValueError:
                raise Refusal(400, "INVALID_ARGUMENT_TYPE", "Invalid If-Unmodified-Since") from None
            if datetime.fromisoformat(held["LastModifiedDate"]) > until:
                return Reply(412)
        self._store.change(object_type, object_id, call.document)
        return Reply(204)

    def _by_key(self, call: Call, version: int, object_type: str, key: tuple[str, str]) -> Reply:
        if call.method not in {"GET", "PATCH"}:
            raise Refusal(405, "METHOD_NOT_ALLOWED", f"HTTP Method '{call.method}' not allowed. Allowed are GET,PATCH")
        found = self._store.matches(object_type, *key)
        if len(found) > 1:
            return Reply(300, [f"/services/data/v{version}.0/sobjects/{object_type}/{it}" for it in found])
        if call.method == "GET":
            if not found:
                raise missing()
            object_id, record = next(iter(found.items()))
            return self._row(call, object_type, object_id, record)
        body = call.document
        if isinstance(body, dict) and {it.lower() for it in body} & {"id", key[0].lower()}:
            raise Refusal(400, "INVALID_FIELD", f"The {key[0]} field should not be specified in the sobject data.")
        return self._upsert(version, object_type, key, next(iter(found), None), body)

    def _upsert(self, version: int, object_type: str, key: tuple[str, str], held: str | None, body: Any) -> Reply:  # noqa: ANN401
        if held is None:
            object_id = self._store.make(object_type, {**body, key[0]: key[1]} if isinstance(body, dict) else body)
        else:
            object_id = self._store.change(object_type, held, body)
            if version < NAMES_CREATED:
                return Reply(204)
        said = {"id": object_id, "success": True, "errors": []}
        named = {} if version < NAMES_CREATED else {"created": held is None}
        return Reply(201 if held is None else 200, {**said, **named})

    def _query(self, call: Call, *, with_deleted: bool) -> Reply:
        query = parsed(call.query.get("q", ""))
        if query.object_type not in self._store.schema:
            raise Refusal(400, "INVALID_TYPE", f"sObject type '{query.object_type}' is not supported.")
        rows = self.shelf.all_seen(query.object_type)
        found = {it: row for it, row in rows.items() if with_deleted or not row["IsDeleted"]}
        if query.field is not None:
            field = self._field(query.object_type, query.field)
            if not field.filterable:
                message = f"field '{field.name}' can not be filtered in a query call"
                raise Refusal(400, "INVALID_FIELD", message)
            value = query.value.lower()
            found = {it: row for it, row in found.items() if str(row.get(field.name) or "").lower() == value}
        shown = [self._shown(query.object_type, it, row, query.columns) for it, row in found.items()][: query.limit]
        return Reply(200, {"totalSize": len(shown), "done": True, "records": shown})

    def _shown(self, object_type: str, object_id: str, record: Record, names: object) -> dict[str, Any]:
        attributes = {"type": object_type, "url": f"/services/data/v61.0/sobjects/{object_type}/{object_id}"}
        fields = [self._field(object_type, it) for it in names] if isinstance(names, list | tuple) else []
        return {"attributes": attributes, **{it.name: record.get(it.name) for it in fields}, "Id": object_id}

    def _field(self, object_type: str, name: str) -> Field:
        for field in self._store.fields(object_type).values():
            if field.name.lower() == name.lower():
                return field
        raise no_column(name, object_type)


def _place(call: Call) -> tuple[int, list[str]]:
    found = _PATH.fullmatch(call.path)
    if found is None or int(found[1]) > NEWEST:
        raise missing()
    if int(found[1]) < OLDEST:
        raise Refusal(410, "UNSUPPORTED_API_VERSION", "This version of the API is retired.")
    return int(found[1]), [unquote(it) for it in found[2].split("/")]
