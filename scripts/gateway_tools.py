"""Tools of AgentCore gateway targets: written from the connectors' own tables, committed, checked for drift.

A gateway knows five words of JSON Schema (type, properties, required, items, description); CloudFormation writes
them with capitals.
"""

import argparse
import json
import re
import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adapters.connectors import internal, salesforce_tools
from adapters.connectors.google_calendar import CREATE, DELETE
from adapters.connectors.google_calendar_events import ARGUMENTS, LISTS
from core.domain.proof import PROOF
from entrypoints.schemas import drift, write
from entrypoints.settings.http import HttpSettings

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "infra" / "terraform" / "gateway_tools"
SEEDS = ROOT / "infra" / "terraform" / "registry"
EXAMPLE = ROOT / "examples" / "http_api" / "actonce.toml"
KINDS = ("string", "number", "object", "array", "boolean", "integer")

_PLACE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)[A-Za-z0-9_.]*\}")
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})

BINDING: Mapping[str, str] = {
    "action_intent_id": "The approved action.",
    "tenant_id": "Whose action it is; believed only as the proof says it.",
    "account_id": "The account of the tenant.",
    "idempotency_key": "The effect key: of all calls that bear it, one writes.",
    PROOF: "The executor's signature over this call.",
}
TARGET = {
    "Type": "object",
    "Description": "What the action is about.",
    "Properties": {"entity_type": {"Type": "string"}, "entity_id": {"Type": "string"}},
}
BEFORE = {"Type": "object", "Description": "What was there before, as the before-image tool showed it."}

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Tool:
    """A tool of a connector, under its name in the registry."""

    name: str
    description: str
    arguments: Mapping[str, Schema]
    required: Sequence[str] = ()

    def definition(self) -> Schema:
        """Return it as a gateway takes it; the target's name is not part of it."""
        bound = {name: {"Type": "string", "Description": why} for name, why in BINDING.items()}
        return {
            "Name": self.name.partition(".")[2],
            "Description": self.description,
            "InputSchema": {
                "Type": "object",
                "Properties": {**self.arguments, **bound},
                "Required": sorted([*self.required, *bound]),
            },
        }


@dataclass(frozen=True)
class Reads:
    """The tools by which a tool's doubt is settled, as the seeds of the registry name them."""

    look_ups: set[str] = field(default_factory=set)
    images: set[str] = field(default_factory=set)


def internal_tools() -> list[Tool]:
    """Return the tools of our own notes and tasks."""
    found = []
    for name, tool in internal.TOOLS.items():
        if isinstance(tool, internal.Create):
            fields = {it: _kind("string") for it in tool.needs}
            said = f"Makes a {tool.kind}; {' or '.join(tool.needs)} must say something."
            found.append(Tool(name, said, {**fields, "target": TARGET}))
        else:
            found.append(_removing(name, f"Removes a {tool.kind}."))
    return found


def salesforce() -> list[Tool]:
    """Return the tools of Salesforce."""
    found = []
    for verb, tool in salesforce_tools.TOOLS.items():
        name = f"crm.{verb}"
        match tool:
            case salesforce_tools.CreateTool():
                fields = {**_fields(tool.fields), "target": TARGET}
                found.append(Tool(name, f"Makes a record of type {tool.object_type}.", fields, tool.needs))
            case salesforce_tools.UpdateTool():
                named = {"fields": _kind("object", "Fields by their names.")} if tool.open_ended else {}
                fields = {**_fields(tool.fields), **named, "target": TARGET}
                said = f"Changes the {tool.object_type} that the target names."
                found.append(Tool(name, said, fields, [*named, "target"]))
            case salesforce_tools.DeleteTool():
                found.append(_removing(name, f"Removes a record of type {tool.object_type}."))
    return found


def google_calendar() -> list[Tool]:
    """Return the tools of Google Calendar."""
    fields = {it: {"Type": "array", "Items": _kind("string")} if it in LISTS else _kind("string") for it in ARGUMENTS}
    needed = [name for name, is_needed in ARGUMENTS.items() if is_needed]
    return [
        Tool(CREATE, "Makes a tentative event; nobody is mailed.", fields, needed),
        _removing(DELETE, "Removes an event."),
    ]


def http(settings: HttpSettings, kinds: Mapping[str, str], names: Iterable[str]) -> list[Tool]:
    """Return the tools of a configured API: their arguments are the places in its requests.

    ``kinds`` says of which kind an argument is, where it is no text. A tool that sends all its arguments as they are is
    left out, for nothing says which there are.
    """
    found = []
    for name, tool in settings.tools.items():
        if name not in names or (tool.body is None and tool.method in _WITH_BODY):
            continue
        asked = tool.model_dump_json(include={"path", "query", "headers", "body"}).replace("{{", "")
        places = [it for it in dict.fromkeys(_PLACE.findall(asked)) if it not in BINDING]
        fields = {it: TARGET if it == "target" else _kind(kinds.get(it, "string")) for it in places}
        found.append(Tool(name, f"Calls {settings.system}: {tool.method} {tool.path}", fields))
    return found


def files() -> dict[str, str]:
    """Return the text of every committed file by its name, which is the target's."""
    seeds = [json.loads(it.read_text(encoding="utf-8")) for it in sorted(SEEDS.glob("*.json"))]
    example = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))["connectors"]["shop"]
    read = http(HttpSettings.model_validate(example), {}, ["http.call"])
    tools = [*internal_tools(), *salesforce(), *google_calendar(), *read]
    found: dict[str, list[Schema]] = {}
    for tool in tools:
        listed = found.setdefault(tool.name.partition(".")[0], [])
        listed += [it.definition() for it in (tool, *_readers(tool, _reads(tool.name, seeds)))]
    return {f"{target}.json": _text(definitions) for target, definitions in found.items()}


def _readers(tool: Tool, reads: Reads) -> list[Tool]:
    images = [Tool(it, f"Reads what {tool.name} is about to change.", tool.arguments) for it in sorted(reads.images)]
    asked = {**tool.arguments, "before": BEFORE}
    return images + [
        Tool(it, f"Tells whether what {tool.name} asks for is there.", asked) for it in sorted(reads.look_ups)
    ]


def _reads(tool: str, seeds: Sequence[Mapping[str, Any]]) -> Reads:
    found = Reads()
    for entry in seeds:
        undo = entry["compensation"]
        for name, effect in ((entry["tool"], entry["effect"]), (undo.get("tool"), undo.get("effect") or {})):
            if name == tool:
                found.look_ups.update({effect.get("look_up_tool") or tool} - {tool})
                found.images.update({effect.get("before_tool") or tool} - {tool})
    return found


def _removing(name: str, said: str) -> Tool:
    return Tool(name, said, {"object_id": _kind("string")}, ["object_id"])


def _fields(names: Mapping[str, str]) -> dict[str, Schema]:
    return {it: _kind("number" if it == "amount" else "string") for it in names}


def _kind(name: str, description: str | None = None) -> Schema:
    return {"Type": name} if description is None else {"Type": name, "Description": description}


def _text(definitions: Sequence[Schema]) -> str:
    return json.dumps(definitions, indent=2) + "\n"


def _configured(given: argparse.Namespace) -> str:
    table = tomllib.loads(given.config.read_text(encoding="utf-8"))["connectors"][given.connector]
    kinds = dict(it.split("=", 1) for it in given.kind)
    if stray := sorted(set(kinds.values()) - set(KINDS)):
        raise ValueError(f"{stray[0]} is none of {', '.join(KINDS)}")
    settings = HttpSettings.model_validate(table)
    wanted = [it for it in settings.tools if it.startswith(f"{given.target}.")]
    found = http(settings, kinds, wanted)
    for name in sorted(set(wanted) - {it.name for it in found}):
        print(f"{name} is left out: it sends all its arguments, so write its definition by hand.", file=sys.stderr)
    return _text([it.definition() for it in found])


def main(arguments: Sequence[str]) -> int:
    """Check or write; or print the definitions of one configured API. 1 when the committed ones are not up to date."""
    parser = argparse.ArgumentParser(prog="python -m scripts.gateway_tools", description=__doc__)
    parser.add_argument("--check", action="store_true", help="tell whether the committed definitions are up to date")
    parser.add_argument("--config", type=Path, help="an actonce.toml, whose tools are printed instead")
    parser.add_argument("--connector", help="the name of its connector, of kind http")
    parser.add_argument("--target", help="the beginning of its tools' names, which is the name of the target")
    parser.add_argument("--kind", action="append", default=[], help="argument=integer, where it is no text")
    given = parser.parse_args(arguments)
    if given.config is not None:
        print(_configured(given), end="")
        return 0
    if given.check:
        stale = drift(FOLDER, files())
        print(f"Out of date, run `make schemas`: {', '.join(stale)}" if stale else "The tools are up to date.")
        return 1 if stale else 0
    print(f"Written: {', '.join(write(FOLDER, files())) or 'nothing changed'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
