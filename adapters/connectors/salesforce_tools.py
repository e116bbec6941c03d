"""What the tools of Salesforce ask for: one record to be made, changed or removed, read out of frozen arguments."""

import json
import re
from collections.abc import Mapping
from dataclasses import field

from adapters.connectors.salesforce_values import PREFIXES, is_id, is_name
from core.domain.canonical import Json
from core.domain.making import dataclass
from core.domain.request import Request

MOST_FIELDS = 100
MOST_NAMED = 1_500
"""Characters of all names together: they are read by a URL."""

_BINDING = frozenset({"idempotency_key", "action_intent_id", "tenant_id", "account_id", "target"})
_DAY = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")
_VERB = re.compile(r"(?:.*(?:\.|___))?([a-z_]+?)")
_PRIORITIES = {"HIGH": "High", "NORMAL": "Normal", "MEDIUM": "Normal", "LOW": "Low"}
_BY_US = frozenset({"id", "attributes"})

LINKS: Mapping[str, Mapping[str, str]] = {
    "Task": {"Account": "WhatId", "Opportunity": "WhatId", "Contact": "WhoId", "Lead": "WhoId"},
    "Opportunity": {"Account": "AccountId"},
}
"""By which field a new record is linked to the target, by the target's type."""


@dataclass(frozen=True, slots=True)
class Create:
    """A record to be made. Its key goes into the field that the organisation has for it."""

    object_type: str
    fields: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Update:
    """Fields of one record to be changed."""

    object_type: str
    object_id: str
    fields: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Delete:
    """One record to be removed."""

    object_type: str
    object_id: str


@dataclass(frozen=True, slots=True)
class Invalid:
    """Arguments that ask for nothing that can be done. Nothing is sent for them."""

    reason: str


Plan = Create | Update | Delete


@dataclass(frozen=True, slots=True)
class CreateTool:
    """Which argument becomes which field."""

    object_type: str
    fields: Mapping[str, str]
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UpdateTool:
    """``open_ended``: the argument ``fields`` names the fields itself."""

    object_type: str
    fields: Mapping[str, str] = field(default_factory=dict)
    open_ended: bool = False


@dataclass(frozen=True, slots=True)
class DeleteTool:
    """The argument ``object_id`` names the record."""

    object_type: str


_OPPORTUNITY = {"name": "Name", "stage": "StageName", "close_date": "CloseDate", "amount": "Amount"}

TOOLS: Mapping[str, CreateTool | UpdateTool | DeleteTool] = {
    "create_task": CreateTool(
        "Task", {"title": "Subject", "priority": "Priority", "description": "Description"}, ("title",)
    ),
    "delete_task": DeleteTool("Task"),
    "create_opportunity": CreateTool("Opportunity", _OPPORTUNITY, ("name", "stage", "close_date")),
    "update_opportunity": UpdateTool("Opportunity", _OPPORTUNITY),
    "update_account": UpdateTool("Account", open_ended=True),
}
"""By the last part of the tool's name: ``crm.create_task`` and ``gateway___create_task`` are the same."""


def tool_of(name: str) -> CreateTool | UpdateTool | DeleteTool | None:
    """Return the tool of a name, None where there is none."""
    found = _VERB.fullmatch(name)
    return TOOLS.get(found[1]) if found else None


def plan_of(request: Request) -> Plan | Invalid:
    """Return what a request asks for. An argument that nobody reads is refused, not dropped."""
    tool = tool_of(request.tool)
    try:
        arguments = json.loads(request.arguments)
    except (ValueError, RecursionError):
        arguments = None
    if tool is None or not isinstance(arguments, dict):
        return Invalid(f"There is no Salesforce tool {request.tool} for these arguments.")
    own = {name: value for name, value in arguments.items() if name not in _BINDING}
    target = arguments.get("target")
    match tool:
        case CreateTool():
            return _create(tool, own, target)
        case UpdateTool():
            return _update(tool, own, target)
        case DeleteTool():
            return _delete(tool, own)


def _create(tool: CreateTool, own: Mapping[str, Json], target: Json) -> Create | Invalid:
    missing = [name for name in tool.needs if own.get(name) in (None, "")]
    if missing:
        return Invalid(f"A new {tool.object_type} needs {missing[0]}.")
    fields = _fields(own, tool.fields)
    if isinstance(fields, Invalid) or target is None:
        return fields if isinstance(fields, Invalid) else Create(tool.object_type, fields)
    link = _linked(tool.object_type, target)
    return link if isinstance(link, Invalid) else Create(tool.object_type, fields | link)


def _update(tool: UpdateTool, own: Mapping[str, Json], target: Json) -> Update | Invalid:
    found = _target(target)
    if found is None or found[0] != tool.object_type:
        return Invalid(f"The target must be the {tool.object_type} to be changed, by its id.")
    fields = _open_ended(own) if tool.open_ended else _fields(own, tool.fields)
    if isinstance(fields, Invalid):
        return fields
    return Update(tool.object_type, found[1], fields) if fields else Invalid("There is nothing to change.")


def _delete(tool: DeleteTool, own: Mapping[str, Json]) -> Delete | Invalid:
    object_id = own.get("object_id")
    if set(own) != {"object_id"} or not isinstance(object_id, str) or not is_id(object_id, tool.object_type):
        return Invalid(f"object_id must be the id of the {tool.object_type} to be removed, and nothing else is taken.")
    return Delete(tool.object_type, object_id)


def _fields(own: Mapping[str, Json], names: Mapping[str, str]) -> dict[str, Json] | Invalid:
    fields: dict[str, Json] = {}
    for argument, value in own.items():
        name = names.get(argument)
        if name is None:
            return Invalid(f"There is no argument {argument!r:.80}.")
        if not _is_scalar(value) or (name == "CloseDate" and not _is_day(value)):
            return Invalid(f"The argument {argument} is of no type that {name} takes.")
        fields[name] = _PRIORITIES.get(value.upper(), value) if name == "Priority" and isinstance(value, str) else value
    return fields


def _open_ended(own: Mapping[str, Json]) -> dict[str, Json] | Invalid:
    given = own.get("fields")
    if set(own) != {"fields"} or not isinstance(given, dict) or len(given) > MOST_FIELDS:
        return Invalid(f"fields must be an object of at most {MOST_FIELDS} fields, and nothing else is taken.")
    for name, value in given.items():
        if not is_name(name) or name.lower() in _BY_US or not _is_scalar(value):
            return Invalid(f"{name!r:.80} is no field that can be changed to this value.")
    if len({name.lower() for name in given}) != len(given):
        return Invalid("A field is named twice.")
    if len(",".join(given)) > MOST_NAMED:
        return Invalid("The names of the fields are too long to be read back.")
    return dict(given)


def _linked(object_type: str, target: Json) -> dict[str, Json] | Invalid:
    found = _target(target)
    field_name = LINKS[object_type].get(found[0]) if found else None
    if found is None or field_name is None:
        kinds = ", ".join(LINKS[object_type])
        return Invalid(f"A {object_type} is linked to one of {kinds}, by its id; the target is none of them.")
    return {field_name: found[1]}


def _target(target: Json) -> tuple[str, str] | None:
    """Return the object type and id of a target, None where it is none that Salesforce could have."""
    if not isinstance(target, dict):
        return None
    kind, object_id = target.get("entity_type"), target.get("entity_id")
    object_type = next((it for it in PREFIXES if isinstance(kind, str) and it.lower() == kind.lower()), None)
    if object_type is None or not isinstance(object_id, str) or not is_id(object_id, object_type):
        return None
    return object_type, object_id


def _is_scalar(value: Json) -> bool:
    return value is None or isinstance(value, bool | int | float | str)


def _is_day(value: Json) -> bool:
    return isinstance(value, str) and _DAY.fullmatch(value) is not None
