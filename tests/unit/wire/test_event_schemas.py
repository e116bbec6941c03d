"""The schemas for EventBridge's registry: draft 4, and saying neither more nor less than the models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from entrypoints.event_schemas import EVENTS, FOLDER, UnsayableError, draft_4, drift, main, write
from entrypoints.schemas import schemas

MOST_CHARACTERS = 100_000
BY_EVENTBRIDGE = {"id": "1", "account": "111122223333", "time": "2026-01-01T00:00:00Z", "region": "eu-west-1"}
APPROVED: dict[str, Any] = {
    "source": "cc-native",
    "detail-type": "ACTION_APPROVED",
    "detail": {"data": {"action_intent_id": "i-1", "tenant_id": "t", "account_id": "a"}},
}


def committed(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found


def test_the_committed_event_schemas_are_up_to_date() -> None:
    assert drift(FOLDER) == []


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_schema_is_draft_4_and_small_enough(name: str) -> None:
    Draft4Validator.check_schema(committed(name))

    assert committed(name)["$schema"] == "http://json-schema.org/draft-04/schema#"
    assert len((FOLDER / f"{name}.json").read_text(encoding="utf-8")) <= MOST_CHARACTERS


def test_an_event_passes_with_what_eventbridge_adds() -> None:
    assert Draft4Validator(committed("approved-event.v1")).is_valid(APPROVED | BY_EVENTBRIDGE)


@pytest.mark.parametrize("id_", ["", "a b", "x" * 129, None, 7])
def test_an_event_with_an_odd_id_does_not_pass(id_: object) -> None:
    data = {**APPROVED["detail"]["data"], "action_intent_id": id_}

    assert not Draft4Validator(committed("approved-event.v1")).is_valid({**APPROVED, "detail": {"data": data}})


def test_a_signal_without_its_detail_does_not_pass() -> None:
    signal = {"source": "cc-native", "detail-type": "ACTION_EXECUTED", "detail": {}}

    assert not Draft4Validator(committed("signal.v1")).is_valid(signal | BY_EVENTBRIDGE)


@pytest.mark.parametrize("name", EVENTS)
def test_no_reference_leads_nowhere(name: str) -> None:
    schema = committed(name)
    text = json.dumps(schema)

    assert "$defs" not in text
    assert all(f'"#/definitions/{it}"' in text for it in schema["definitions"])


@pytest.mark.parametrize(
    ("newer", "older"),
    [
        ({"const": "x"}, {"enum": ["x"]}),
        ({"$ref": "#/$defs/A", "description": "it"}, {"$ref": "#/definitions/A", "description": "it"}),
        ({"properties": {"const": {"type": "string"}}}, {"properties": {"const": {"type": "string"}}}),
        ({"additionalProperties": False}, {"additionalProperties": False}),
        ({"anyOf": [{"const": 1}]}, {"anyOf": [{"enum": [1]}]}),
    ],
)
def test_a_keyword_is_said_in_the_words_of_draft_4(newer: dict[str, Any], older: dict[str, Any]) -> None:
    assert draft_4(newer) == older


@pytest.mark.parametrize(
    "newer",
    [
        {"exclusiveMinimum": 1},
        {"items": {"if": {}}},
        {"$ref": "#/$defs/A", "minLength": 1},
        {"$ref": "elsewhere.json"},
        {"anyOf": [True]},
        {"properties": {"a": {"prefixItems": []}}},
    ],
)
def test_what_draft_4_cannot_say_is_refused_and_not_left_out(newer: dict[str, Any]) -> None:
    with pytest.raises(UnsayableError):
        draft_4(newer)


def test_a_missing_a_changed_and_a_left_over_schema_are_each_named_and_mended(tmp_path: Path) -> None:
    assert write(tmp_path) == ["approved-event.v1.json", "signal.v1.json"]
    (tmp_path / "signal.v1.json").unlink()
    (tmp_path / "approved-event.v1.json").write_text("{}")
    (tmp_path / "left-over.json").write_text("{}")

    assert write(tmp_path) == ["approved-event.v1.json", "left-over.json", "signal.v1.json"]
    assert drift(tmp_path) == []


def test_the_check_says_what_to_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"]) == 0
    assert capsys.readouterr().out == "The event schemas are up to date.\n"
    assert {f"{it}.schema.json" for it in EVENTS} <= schemas().keys()
