"""What a help desk does: tickets, bills and letters, by tools.

| tool | what it does |
|---|---|
| desk.open_ticket | opens one under the key that it is given; the same key again is the same ticket |
| desk.find_ticket | whether the ticket of a key is there, as it was asked for |
| desk.close_ticket, desk.check_closed | removes one by its id, and whether it is gone |
| desk.change_ticket | sets the state of one; each change raises its version |
| desk.get_ticket, desk.check_ticket | its before-image, and whether it is as it was asked for |
| desk.bill | bills once for a key, and repeats its first answer |
| desk.write_letter | sends one; nobody can find it again |
| desk.read_news | reads |
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.providers.shelf import CREATE, DELETE, PEOPLE, UPDATE, Shelf

Arguments = Mapping[str, Any]
Envelope = dict[str, Any]

TEXT: Mapping[str, Any] = {"type": "string"}
NUMBER: Mapping[str, Any] = {"type": "number"}
IMAGE: Mapping[str, Any] = {"type": "object"}
BOUND = ("idempotency_key", "action_intent_id", "tenant_id", "account_id")
REMOVED = {"removed": True}


def schema(*required: str, **others: Mapping[str, Any]) -> Mapping[str, Any]:
    kinds = {"amount": NUMBER, **others}
    names = (*required, *others, *BOUND)
    return {
        "type": "object",
        "properties": {name: dict(kinds.get(name, TEXT)) for name in names},
        "required": [*required, *BOUND],
        "additionalProperties": False,
    }


SCHEMAS: Mapping[str, Mapping[str, Any]] = {
    "desk.open_ticket": schema("title"),
    "desk.find_ticket": schema("title"),
    "desk.close_ticket": schema("object_id"),
    "desk.check_closed": schema("object_id"),
    "desk.change_ticket": schema("ticket_id", "state"),
    "desk.get_ticket": schema("ticket_id", "state"),
    "desk.check_ticket": schema("ticket_id", "state", before=IMAGE),
    "desk.bill": schema("amount"),
    "desk.write_letter": schema("text"),
    "desk.read_news": schema("about"),
}
READS = frozenset({"desk.find_ticket", "desk.check_closed", "desk.get_ticket", "desk.check_ticket", "desk.read_news"})


def done(kind: str | None = None, object_id: str = "", **more: Any) -> Envelope:  # noqa: ANN401 - JSON
    refs = [] if kind is None else [{"system": "desk", "object_type": kind, "object_id": object_id}]
    return {"success": True, "external_object_refs": refs, **more}


def refused(code: str, message: str) -> Envelope:
    return {
        "success": False,
        "error_class": "VALIDATION",
        "error_code": code,
        "error_message": message,
        "not_applied": True,
    }


def state(said: str, object_id: str = "", **more: Any) -> Envelope:  # noqa: ANN401 - JSON
    return done("ticket", object_id, state=said, **more) if said == "HAPPENED" else done(state=said, **more)


OTHERWISE = state("CANNOT_TELL", changed_otherwise=True)


class Tools:
    """The desk's own work. What is needed of the arguments the protocol has looked at."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self._bills: dict[str, tuple[str, Envelope]] = {}
        self._doing: Mapping[str, Callable[[Arguments], Envelope]] = {
            "desk.open_ticket": self._open,
            "desk.find_ticket": self._find,
            "desk.close_ticket": self._close,
            "desk.check_closed": self._check_closed,
            "desk.change_ticket": self._change,
            "desk.get_ticket": self._get,
            "desk.check_ticket": self._check,
            "desk.bill": self._bill,
            "desk.write_letter": self._letter,
            "desk.read_news": lambda given: done(articles=[f"News about {given['about']}"]),
        }

    def do(self, tool: str, given: Arguments) -> Envelope:
        return self._doing[tool](given)

    def people(self, wish: Mapping[str, Any]) -> Mapping[str, Any]:
        if wish["do"] == "make":
            object_id = f"people-{len(self.shelf.lines) + 1}"
            made = {"title": "By people", "state": "NEW", "version": 1}
            self.shelf.write(CREATE, ("ticket", object_id), made, PEOPLE)
            return {"id": object_id}
        name = ("ticket", str(wish["id"]))
        held = self.shelf.now(name)
        if held is None:
            raise KeyError(wish["id"])
        if wish["do"] == "edit":
            edited = {**held, "title": "Theirs", "state": "THEIRS", "version": held.get("version", 0) + 1}
            self.shelf.write(UPDATE, name, edited, PEOPLE)
        else:
            self.shelf.write(DELETE, name, REMOVED, PEOPLE)
        return {}

    def _open(self, given: Arguments) -> Envelope:
        name = ("ticket", given["idempotency_key"])
        held = self.shelf.now(name)
        if held is not None:
            return done(*name) if held.get("title") == given["title"] else {"success": False, "error_code": "TAKEN"}
        self.shelf.write(CREATE, name, {"title": given["title"], "state": "NEW", "version": 1})
        return done(*name)

    def _find(self, given: Arguments) -> Envelope:
        held = self.shelf.seen(("ticket", given["idempotency_key"]))
        if held is None:
            return state("NOT_HAPPENED")
        is_ours = held.get("title") == given["title"]
        return state("HAPPENED", given["idempotency_key"]) if is_ours else OTHERWISE

    def _close(self, given: Arguments) -> Envelope:
        name = ("ticket", given["object_id"])
        held = self.shelf.now(name)
        if held is None:
            return refused("NO_SUCH_TICKET", "There is no such ticket.")
        if held != REMOVED:
            self.shelf.write(DELETE, name, REMOVED)
        return done(*name)

    def _check_closed(self, given: Arguments) -> Envelope:
        held = self.shelf.seen(("ticket", given["object_id"]))
        is_gone = held is None or held == REMOVED
        return state("HAPPENED", given["object_id"]) if is_gone else state("NOT_HAPPENED")

    def _change(self, given: Arguments) -> Envelope:
        name = ("ticket", given["ticket_id"])
        held = self.shelf.now(name)
        if held is None or held == REMOVED:
            return refused("NO_SUCH_TICKET", "There is no such ticket.")
        self.shelf.write(UPDATE, name, {**held, "state": given["state"], "version": held["version"] + 1})
        return done(*name)

    def _get(self, given: Arguments) -> Envelope:
        held = self.shelf.seen(("ticket", given["ticket_id"]))
        if held is None or held == REMOVED:
            return refused("NO_SUCH_TICKET", "There is no such ticket.")
        return done(image=dict(held))

    def _check(self, given: Arguments) -> Envelope:
        held, before = self.shelf.seen(("ticket", given["ticket_id"])), given["before"]
        if held == before:
            return state("NOT_HAPPENED")
        wanted = {**before, "state": given["state"], "version": before["version"] + 1}
        return state("HAPPENED", given["ticket_id"]) if held == wanted else OTHERWISE

    def _bill(self, given: Arguments) -> Envelope:
        key, asked = given["idempotency_key"], json.dumps(given, sort_keys=True)
        if key in self._bills:
            first, answer = self._bills[key]
            return {**answer, "replayed": True} if first == asked else {"success": False, "error_code": "KEY_MISMATCH"}
        name = ("bill", f"bill-{len(self.shelf.lines) + 1}")
        self.shelf.write(CREATE, name, {"amount": given["amount"]})
        self._bills[key] = (asked, done(*name))
        return done(*name)

    def _letter(self, given: Arguments) -> Envelope:
        name = ("letter", f"letter-{len(self.shelf.lines) + 1}")
        self.shelf.write(CREATE, name, {"text": given["text"]})
        return done(*name)
