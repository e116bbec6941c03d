from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from adapters.files.registry_files import load_entries, load_entry, seed_folder
from core.domain.contract import EffectContract
from core.domain.errors import ConfigurationError
from core.domain.registry import CompensationMode, RegistryEntry
from ports.wire.registry import entry_document, parse_entry

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = ROOT / "examples" / "registry"
SEEDS = {
    "CREATE_INTERNAL_NOTE": ("internal.create_note", "MINIMAL", "AUTOMATIC", "internal.delete_note", "CLIENT_ID"),
    "CREATE_INTERNAL_TASK": ("internal.create_task", "MINIMAL", "AUTOMATIC", "internal.delete_task", "CLIENT_ID"),
    "FLAG_FOR_REVIEW": ("internal.create_task", "LOW", "AUTOMATIC", "internal.delete_task", "CLIENT_ID"),
    "CREATE_CRM_TASK": ("crm.create_task", "LOW", "AUTOMATIC", "crm.delete_task", "NATURAL_KEY"),
    "CREATE_OPPORTUNITY": ("crm.create_opportunity", "MEDIUM", "MANUAL", None, "NATURAL_KEY"),
    "UPDATE_OPPORTUNITY_STAGE": ("crm.update_opportunity", "MEDIUM", "MANUAL", None, "READ_BACK"),
    "UPDATE_ACCOUNT_FIELDS": ("crm.update_account", "MEDIUM", "MANUAL", None, "READ_BACK"),
    "REQUEST_RENEWAL_MEETING": ("calendar.create_event", "HIGH", "AUTOMATIC", "calendar.delete_event", "CLIENT_ID"),
    "REQUEST_DISCOVERY_CALL": ("calendar.create_event", "HIGH", "AUTOMATIC", "calendar.delete_event", "CLIENT_ID"),
    "REQUEST_STAKEHOLDER_INTRO": ("calendar.create_event", "HIGH", "AUTOMATIC", "calendar.delete_event", "CLIENT_ID"),
    "FETCH_ACCOUNT_NEWS": ("http.call", "MINIMAL", "NONE", None, "READ_ONLY"),
    "ANALYZE_USAGE_PATTERNS": ("http.call", "MINIMAL", "NONE", None, "READ_ONLY"),
}
PARAMETERS = {
    "CREATE_INTERNAL_NOTE": "content*",
    "CREATE_INTERNAL_TASK": "title* description",
    "FLAG_FOR_REVIEW": "title reason*>description",
    "CREATE_CRM_TASK": "title* priority description",
    "CREATE_OPPORTUNITY": "name* stage* close_date* amount",
    "UPDATE_OPPORTUNITY_STAGE": "stage*",
    "UPDATE_ACCOUNT_FIELDS": "fields*",
    "REQUEST_RENEWAL_MEETING": "title* start* end* attendees notes",
    "REQUEST_DISCOVERY_CALL": "title* start* end* attendees notes",
    "REQUEST_STAKEHOLDER_INTRO": "title* start* end* attendees notes",
    "FETCH_ACCOUNT_NEWS": "query*",
    "ANALYZE_USAGE_PATTERNS": "query*",
}
PLAIN: dict[str, Any] = {
    "action_type": "SEND_LETTER",
    "version": 1,
    "tool": "mail.send_letter",
    "tool_schema_version": "1",
    "risk": "LOW",
    "effect": {"contract": "OPAQUE"},
    "compensation": {"mode": "NONE"},
    "parameters": [],
}


def put(folder: Path, name: str, **changes: object) -> Path:
    file = folder / name
    file.write_text(json.dumps(PLAIN | changes), encoding="utf-8")
    return file


def refusal(folder: Path) -> str:
    with pytest.raises(ConfigurationError) as refused:
        load_entries([folder])
    assert "\n" not in refused.value.message
    return refused.value.message


def seeds() -> dict[str, RegistryEntry]:
    return {entry.action_type: entry for entry in load_entries([seed_folder()])}


def spelled(entry: RegistryEntry) -> str:
    words = []
    for it in entry.parameters:
        argument = "" if it.argument == it.parameter else f">{it.argument}"
        words.append(f"{it.parameter}{'*' if it.required else ''}{argument}")
    return " ".join(words)


@pytest.mark.parametrize("action_type", SEEDS)
def test_finding_28_a_seed_says_what_the_contract_with_the_outside_says(action_type: str) -> None:
    entry = seeds()[action_type]
    undo = entry.compensation

    assert entry.version == 1
    assert (entry.tool, entry.risk, undo.mode, undo.tool, entry.terms.contract) == SEEDS[action_type]
    assert spelled(entry) == PARAMETERS[action_type]


def test_finding_28_there_is_a_seed_for_every_action_type_and_no_other() -> None:
    assert seeds().keys() == SEEDS.keys()


def test_a_seed_file_is_named_after_its_content() -> None:
    for folder in (seed_folder(), EXAMPLES):
        for file in folder.glob("*.json"):
            entry = load_entry(file)
            assert file.name == f"{entry.action_type}.v{entry.version}.json"


def test_only_tools_of_crm_and_calendar_take_the_target() -> None:
    for entry in seeds().values():
        assert entry.takes_target == entry.tool.startswith(("crm.", "calendar."))


def test_an_update_freezes_a_before_image_and_no_create_does() -> None:
    for entry in seeds().values():
        assert (entry.terms.before_tool is not None) == (entry.terms.contract is EffectContract.READ_BACK)


def test_whatever_may_be_undone_automatically_can_settle_the_undo_too() -> None:
    for entry in seeds().values():
        if entry.compensation.mode is CompensationMode.AUTOMATIC:
            assert entry.compensation.terms is not None
            assert entry.compensation.terms.contract is not EffectContract.OPAQUE


def test_the_examples_show_the_contracts_that_no_seed_has() -> None:
    entries = load_entries([seed_folder(), EXAMPLES])

    assert {entry.terms.contract for entry in entries} == set(EffectContract)
    assert all(parse_entry(entry_document(entry)) == entry for entry in entries)


def test_finding_13_versions_are_ordered_as_numbers(tmp_path: Path) -> None:
    for version in (10, 9, 100, 2):
        put(tmp_path, f"SEND_LETTER.v{version}.json", version=version)

    assert [entry.version for entry in load_entries([tmp_path])] == [2, 9, 10, 100]


def test_the_same_entry_in_two_folders_counts_once(tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
        put(folder, "one.json")

    assert len(load_entries(folders)) == 1


def test_two_files_that_differ_about_one_version_are_both_named(tmp_path: Path) -> None:
    put(tmp_path, "a.json")
    put(tmp_path, "b.json", risk="HIGH")

    message = refusal(tmp_path)

    assert "a.json" in message
    assert "b.json" in message
    assert "SEND_LETTER version 1" in message


def test_a_wrong_field_is_named_with_its_file(tmp_path: Path) -> None:
    put(tmp_path, "bad.json", risk="SCARY")

    assert "bad.json: risk" in refusal(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": 1, "a": 2}', "[" * 1_000])
def test_what_is_not_a_json_object_is_named_by_its_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.json").write_text(text, encoding="utf-8")

    assert "bad.json" in refusal(tmp_path)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "nowhere" in refusal(tmp_path / "nowhere")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "folder.json").mkdir()

    assert "folder.json" in refusal(tmp_path)
