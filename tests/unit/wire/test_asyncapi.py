"""The committed AsyncAPI document is that of the models, and keeps the rules of AsyncAPI 3.0 that need no network."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource

from core.domain.signal import SignalType
from entrypoints import asyncapi
from entrypoints.schemas import FOLDER

Row = dict[str, Any]
SIDES = {"takeApprovedAction": ("receive", {"ACTION_APPROVED"}), "tellOutcome": ("send", {*SignalType})}
NAME = re.compile(r"[A-Za-z0-9_.-]+")
RUNTIME = re.compile(r"\$message\.(header|payload)#(/[^/]+)+")


@pytest.fixture(scope="module")
def document() -> Row:
    found: Row = json.loads(asyncapi.FILE.read_text(encoding="utf-8"))
    return found


def references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(found := value.get("$ref"), str):
            yield found
        for it in value.values():
            yield from references(it)
    elif isinstance(value, list):
        for it in value:
            yield from references(it)


def at(document: Row, pointer: str) -> Row:
    found: Any = document
    for part in pointer.removeprefix("#/").split("/"):
        found = found[part]
    return found  # type: ignore[no-any-return]


def whole(document: Row, found: Row) -> Row:
    """What a reference leads to, through others, or the thing itself."""
    for _ in range(4):
        if set(found) != {"$ref"}:
            return found
        found = at(document, found["$ref"])
    raise AssertionError(found)


def test_the_committed_document_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert asyncapi.main(["--check"]) == 0
    assert "up to date" in capsys.readouterr().out


def test_a_document_that_is_not_that_of_the_models_is_out_of_date_until_it_is_written(tmp_path: Path) -> None:
    file = tmp_path / "asyncapi.json"
    assert asyncapi.main(["--check"], file) == 1
    file.write_text("{}", encoding="utf-8")
    assert asyncapi.main(["--check"], file) == 1
    assert asyncapi.main([], file) == 0
    assert asyncapi.main(["--check"], file) == 0


def test_it_says_what_it_is(document: Row) -> None:
    assert document["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= document["info"].keys()
    assert document.keys() <= {
        "asyncapi", "id", "info", "servers", "defaultContentType", "channels", "operations", "components",
    }  # fmt: skip
    assert all({"host", "protocol"} <= it.keys() for it in document["servers"].values())
    for server in document["servers"].values():
        assert set(re.findall(r"{(\w+)}", server["host"])) == server["variables"].keys()


def test_every_reference_leads_somewhere(document: Row) -> None:
    found = set(references(document))
    assert len(found) > 10
    for reference in found:
        if reference.startswith("#/"):
            assert at(document, reference)
        else:
            assert (asyncapi.FILE.parent / reference).resolve().parent == FOLDER
            assert (asyncapi.FILE.parent / reference).is_file()


def test_names_of_parts_are_of_the_characters_that_are_allowed(document: Row) -> None:
    parts = [document["channels"], document["operations"], document["servers"], *document["components"].values()]
    assert [name for part in parts for name in part if not NAME.fullmatch(name)] == []


def test_an_operation_names_a_channel_of_the_root_and_messages_of_that_channel(document: Row) -> None:
    assert document["operations"].keys() == SIDES.keys()
    for name, operation in document["operations"].items():
        action, messages = SIDES[name]
        channel = operation["channel"]["$ref"]
        assert re.fullmatch(r"#/channels/[^/]+", channel)
        assert operation["action"] == action
        assert {it["$ref"].rpartition("/")[0] for it in operation["messages"]} == {f"{channel}/messages"}
        assert {whole(document, it)["name"] for it in operation["messages"]} == messages


def test_a_message_has_a_payload_in_a_named_format_and_where_to_find_its_intent(document: Row) -> None:
    for channel in document["channels"].values():
        for name, message in channel["messages"].items():
            found = whole(document, message)
            assert found["name"] == name
            assert found["payload"].keys() == {"schemaFormat", "schema"}
            assert found["payload"]["schemaFormat"] == "application/schema+json;version=2020-12"
            assert RUNTIME.fullmatch(found["correlationId"]["location"])
            assert found["summary"]


@pytest.mark.parametrize("name", ["ACTION_APPROVED", *SignalType])
def test_the_example_of_a_message_is_valid_by_its_own_schema_and_by_no_other(document: Row, name: str) -> None:
    messages = document["components"]["messages"]
    (example,) = (it["payload"] for it in messages[name]["examples"])
    valid = {other for other in messages if validator(messages[other]["payload"]["schema"]).is_valid(example)}
    assert valid == {name}
    data = example["detail"]["data"]
    assert data["action_intent_id"] == at(example, "detail/data/action_intent_id")


def validator(schema: Row) -> jsonschema.Draft202012Validator:
    base = asyncapi.FILE.parent.as_uri() + "/"
    files = FOLDER.glob("*.schema.json")
    resources = [
        (f"{base}schemas/{it.name}", Resource.from_contents(json.loads(it.read_text(encoding="utf-8")))) for it in files
    ]
    absolute = {"$id": f"{base}message", "$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return jsonschema.Draft202012Validator(absolute, registry=Registry().with_resources(resources))
