"""The committed JSON Schemas are those of the models."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from entrypoints.schemas import FOLDER, INCOMING, OUTGOING, drift, main, schemas, write


def test_the_committed_schemas_are_up_to_date() -> None:
    assert drift(FOLDER) == []


def test_every_message_that_crosses_the_boundary_has_a_schema() -> None:
    assert INCOMING.keys() | OUTGOING.keys() == {
        "act-resolve.v1",
        "act-undo.v1",
        "act-why.v1",
        "act.v1",
        "approved-event.v1",
        "counts.v1",
        "error.v1",
        "inbox.v1",
        "intent.v1",
        "kill-switch-change.v1",
        "kill-switch.v1",
        "kill-switches.v1",
        "listing.v1",
        "outcome.v1",
        "registry.v1",
        "rehearsal.v1",
        "registry-entry.v1",
        "step-input.v1",
        "step-output.v1",
        "step-state.v1",
        "sign-in.v1",
        "signal.v1",
        "status.v1",
        "timeline.v1",
        "wake-up.v1",
    }


@pytest.mark.parametrize("name", sorted(schemas()))
def test_a_schema_says_its_dialect_and_describes_an_object(name: str) -> None:
    schema = json.loads(schemas()[name])

    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["type"] == "object"
    assert schema["required"]


def test_a_missing_a_changed_and_a_left_over_schema_are_each_named_and_mended(tmp_path: Path) -> None:
    assert write(tmp_path) == sorted(schemas())
    (tmp_path / "intent.v1.schema.json").unlink()
    (tmp_path / "signal.v1.schema.json").write_text("{}", encoding="utf-8")
    (tmp_path / "intent.v0.schema.json").write_text("{}", encoding="utf-8")

    stale = drift(tmp_path)

    assert stale == ["intent.v0.schema.json", "intent.v1.schema.json", "signal.v1.schema.json"]
    assert write(tmp_path) == stale
    assert drift(tmp_path) == []
    assert write(tmp_path) == []


def test_the_check_says_what_it_found(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"]) == 0
    assert "up to date" in capsys.readouterr().out
