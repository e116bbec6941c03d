"""The schemas of events for EventBridge's schema registry, which takes JSON Schema draft 4 and nothing newer.

Written from the models like those in docs/schemas, committed, and checked for drift. A keyword that draft 4 cannot say
stops the conversion: a schema that says less than the model is written by nobody unawares.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from core.domain.canonical import Json
from entrypoints.schemas import drift as newer_drift
from entrypoints.schemas import schemas
from entrypoints.schemas import write as write_newer

FOLDER = Path(__file__).resolve().parents[1] / "infra" / "terraform" / "schemas"
EVENTS = ("approved-event.v1", "signal.v1")
DIALECT = "http://json-schema.org/draft-04/schema#"
DEFINITIONS, DEFINITIONS_THEN = "#/$defs/", "#/definitions/"

NAMED = frozenset({"$defs", "properties"})
LISTED = frozenset({"allOf", "anyOf", "oneOf"})
NESTED = frozenset({"additionalProperties", "items", "not"})
ANNOTATIONS = frozenset({"default", "description", "title"})
UNCHANGED = ANNOTATIONS | {
    "enum",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "pattern",
    "required",
    "type",
    "uniqueItems",
}


class UnsayableError(ValueError):
    """Draft 4 has no words for a keyword."""


def event_schema(text: str) -> str:
    """Return the schema of an event, to which EventBridge adds fields of its own, so that others are allowed there."""
    newer = json.loads(text)
    newer.pop("$schema")
    newer.pop("additionalProperties", None)
    return json.dumps({"$schema": DIALECT, **draft_4(newer)}, indent=2, sort_keys=True) + "\n"


def draft_4(schema: Mapping[str, Json]) -> dict[str, Json]:
    """Return the schema in the words of draft 4.

    Raises:
        UnsayableError: there are none.
    """
    said: dict[str, Json] = {}
    for keyword, value in schema.items():
        said |= _said(keyword, value)
    # Draft 4 looks at nothing beside a reference.
    rest = schema.keys() - ANNOTATIONS - NAMED - {"$ref"}
    if "$ref" in schema and rest:
        raise UnsayableError(f"$ref beside {', '.join(sorted(rest))}")
    return said


def _said(keyword: str, value: Json) -> dict[str, Json]:
    if keyword in UNCHANGED:
        return {keyword: value}
    if keyword == "$ref" and isinstance(value, str) and value.startswith(DEFINITIONS):
        return {keyword: value.replace(DEFINITIONS, DEFINITIONS_THEN)}
    if keyword == "const":
        return {"enum": [value]}
    if keyword in NAMED and isinstance(value, dict):
        named: dict[str, Json] = {name: _nested(keyword, it) for name, it in value.items()}
        return {"definitions" if keyword == "$defs" else keyword: named}
    if keyword in LISTED and isinstance(value, list):
        return {keyword: [_nested(keyword, it) for it in value]}
    if keyword in NESTED:
        return {keyword: value if isinstance(value, bool) else _nested(keyword, value)}
    raise UnsayableError(keyword)


def _nested(keyword: str, value: Json) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise UnsayableError(keyword)
    return draft_4(value)


def drift(folder: Path) -> list[str]:
    """Return the names of files that are missing, different or left over."""
    return newer_drift(folder, _wanted())


def write(folder: Path) -> list[str]:
    """Write every schema, and return the names of what changed."""
    return write_newer(folder, _wanted())


def _wanted() -> dict[str, str]:
    newer = schemas()
    return {f"{name}.json": event_schema(newer[f"{name}.schema.json"]) for name in EVENTS}


def main(arguments: Sequence[str]) -> int:
    """Check or write; return 1 when the committed schemas are not those of the models."""
    parser = argparse.ArgumentParser(prog="python -m entrypoints.event_schemas", description=__doc__)
    parser.add_argument("--check", action="store_true", help="tell whether the committed schemas are up to date")
    if parser.parse_args(arguments).check:
        stale = drift(FOLDER)
        print(f"Out of date, run `make schemas`: {', '.join(stale)}" if stale else "The event schemas are up to date.")
        return 1 if stale else 0
    print(f"Written: {', '.join(write(FOLDER)) or 'nothing changed'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
