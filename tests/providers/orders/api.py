"""A plain JSON API of a shop, of the kind that is spoken to by configuration alone.

| request | what it does |
|---|---|
| POST /v1/orders | makes an order under an id of the shop's own; every request makes another one |
| GET /v1/orders?reference= | searches by reference |
| GET, PATCH, DELETE /v1/orders/{id} | 404 for one that never was, 410 for one that was removed |
| PUT, GET, DELETE /v1/shipments/{id} | the caller's id; 201 when it is new, 200 when it was there |
| POST /v1/invoices | 400 without Idempotency-Key, 422 for a known key with another body, else the first answer again |
| POST /v1/letters | sends one; nobody can find it again |
| GET /v1/news?q= | reads |

Keys are those of draft-ietf-httpapi-idempotency-key-header-07; an answer that is repeated says Idempotent-Replayed.

What people do: {"do": "make", "type": "order" or "shipment"} returns an id; {"do": "edit" or "remove", "id": ...}.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import count
from typing import Any
from urllib.parse import unquote

from tests.providers.faults import Fault
from tests.providers.messages import Call, Reply
from tests.providers.shelf import CREATE, DELETE, PEOPLE, UPDATE, Shelf

KEY = re.compile(r'"([\x20-\x21\x23-\x5b\x5d-\x7e]+)"')
PLACE = re.compile(r"/v1/(orders|shipments|invoices|letters|news)(?:/([^/]+))?")
NEEDED = {"orders": {"reference", "item", "quantity"}, "shipments": {"address"}, "invoices": {"amount", "currency"}}
CHANGEABLE = {"quantity", "note"}
REMOVED = {"removed": True}
numbers = count(1)


def error(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> Reply:
    return Reply(status, {"error": {"code": code, "message": message}}, headers or {})


NOT_FOUND = error(404, "NOT_FOUND", "There is no such thing.")
GONE = error(410, "GONE", "It was removed.")


class Shop:
    """Orders, shipments, invoices and letters."""

    def __init__(self, shelf: Shelf, token: str) -> None:
        self.shelf = shelf
        self._token = token
        self._answers: dict[str, tuple[bytes, Reply]] = {}

    def token(self, call: Call) -> Reply | None:
        return None

    def is_write(self, call: Call) -> bool:
        return call.method != "GET"

    def handle(self, call: Call) -> Reply:
        if call.headers.get("authorization") != f"Bearer {self._token}":
            return error(401, "UNAUTHORIZED", "Who are you?")
        place = PLACE.fullmatch(call.path)
        if place is None:
            return NOT_FOUND
        kind, object_id = place[1], unquote(place[2]) if place[2] else None
        if object_id is None:
            return self._of_all(kind, call)
        return self._of_one((kind, object_id), call)

    def spoken(self, fault: Fault, call: Call) -> Reply:
        later = {"Retry-After": f"{fault.seconds:g}"}
        match fault.name:
            case "throttle":
                return error(429, "TOO_MANY", "Not so fast.", later)
            case "unavailable":
                return error(503, "CLOSED", "Come back later.", later)
            case "refuse":
                return error(422, "OUT_OF_STOCK", "There is none left.")
            case "unauthorized":
                return error(401, "UNAUTHORIZED", "Who are you?")
            case "echo":
                return error(400, "BAD_REQUEST", f"Cannot read {call.headers.get('authorization')}")
            case _:
                return error(500, "OOPS", "Something broke.")

    def mix_up(self, call: Call) -> Reply:
        place = PLACE.fullmatch(call.path)
        if place is None or place[2] is None:
            return NOT_FOUND
        other = {"id": unquote(place[2]), "address": "Somebody else's", "version": 1}
        self.shelf.write(UPDATE, (place[1], unquote(place[2])), other, PEOPLE)
        return Reply(200, other)

    def people(self, wish: Mapping[str, Any]) -> Mapping[str, Any]:
        match wish["do"]:
            case "make":
                object_id = f"people-{next(numbers)}"
                made = {"id": object_id, "quantity": 1, "item": "tea", "address": "Here", "version": 1}
                self.shelf.write(CREATE, (f"{wish['type']}s", object_id), made, PEOPLE)
                return {"id": object_id}
            case "edit":
                name, fields = self._named(wish["id"])
                changes = {"address": "Edited", "item": "coffee", "version": fields["version"] + 1}
                self.shelf.write(UPDATE, name, {**fields, **changes}, PEOPLE)
            case "remove":
                name, _ = self._named(wish["id"])
                self.shelf.write(DELETE, name, REMOVED, PEOPLE)
            case other:
                raise ValueError(f"people cannot {other}")
        return {}

    def _named(self, object_id: str) -> tuple[tuple[str, str], Mapping[str, Any]]:
        for kind in ("orders", "shipments"):
            if (fields := self.shelf.now((kind, object_id))) is not None:
                return (kind, object_id), fields
        raise ValueError(f"there is no {object_id}")

    def _of_all(self, kind: str, call: Call) -> Reply:
        match call.method, kind:
            case "POST", "invoices":
                return self._keyed(call)
            case "POST", "orders" | "letters":
                return self._made(kind, f"{kind}-{len(self.shelf.lines) + 1}", call)
            case "GET", "orders":
                held = self.shelf.all_seen(kind).values()
                wanted = [it for it in held if it != REMOVED and it.get("reference") == call.query.get("reference")]
                return Reply(200, {"orders": wanted, "total": len(wanted)})
            case "GET", "news":
                return Reply(200, {"articles": [{"title": f"News about {call.query.get('q')}"}]})
            case _:
                return error(405, "NO_SUCH_METHOD", "Not here.")

    def _of_one(self, name: tuple[str, str], call: Call) -> Reply:
        held = self.shelf.seen(name) if call.method == "GET" else self.shelf.now(name)
        if call.method == "PUT" and name[0] == "shipments":
            return self._put(name, held, call)
        if held is None or held == REMOVED:
            return NOT_FOUND if held is None else GONE
        match call.method:
            case "GET":
                return Reply(200, held)
            case "DELETE":
                self.shelf.write(DELETE, name, REMOVED)
                return Reply(204)
            case "PATCH":
                return self._patched(name, held, call)
            case _:
                return error(405, "NO_SUCH_METHOD", "Not here.")

    def _made(self, kind: str, object_id: str, call: Call) -> Reply:
        given = call.document
        if not isinstance(given, dict) or not NEEDED.get(kind, set()) <= given.keys():
            return error(400, "BAD_REQUEST", "Something is missing.")
        link = f"https://shop.example.com/{kind}/{object_id}"
        fields = {**given, "id": object_id, "version": 1, "links": {"self": link}}
        self.shelf.write(CREATE, (kind, object_id), fields)
        return Reply(201, fields)

    def _keyed(self, call: Call) -> Reply:
        key = KEY.fullmatch(call.headers.get("idempotency-key", ""))
        if key is None:
            return error(400, "KEY_MISSING", "Idempotency-Key is a quoted text.")
        if key[1] in self._answers:
            body, first = self._answers[key[1]]
            if body != call.body:
                return error(422, "KEY_MISMATCH", "This key came with another body.")
            return Reply(first.status, first.document, {"Idempotent-Replayed": "true"})
        reply = self._made("invoices", f"invoices-{len(self.shelf.lines) + 1}", call)
        if reply.status == 201:
            self._answers[key[1]] = (call.body, reply)
        return reply

    def _put(self, name: tuple[str, str], held: Mapping[str, Any] | None, call: Call) -> Reply:
        given = call.document
        if not isinstance(given, dict) or not NEEDED["shipments"] <= given.keys():
            return error(400, "BAD_REQUEST", "Something is missing.")
        if held is None or held == REMOVED:
            made = {**given, "id": name[1], "version": 1}
            self.shelf.write(CREATE, name, made)
            return Reply(201, made)
        fields = {**held, **given}
        if fields != held:
            fields["version"] = held["version"] + 1
            self.shelf.write(UPDATE, name, fields)
        return Reply(200, fields)

    def _patched(self, name: tuple[str, str], held: Mapping[str, Any], call: Call) -> Reply:
        given = call.document
        if not isinstance(given, dict) or not given.keys() <= CHANGEABLE:
            return error(400, "BAD_REQUEST", "That cannot be changed.")
        fields = {**held, **given, "version": held["version"] + 1}
        self.shelf.write(UPDATE, name, fields)
        return Reply(200, fields)
