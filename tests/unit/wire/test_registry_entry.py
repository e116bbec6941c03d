from __future__ import annotations

import copy
from typing import Any

import pytest

from core.domain.contract import EffectContract, Terms
from core.domain.errors import ConfigurationError
from core.domain.registry import Compensation, CompensationMode, ParameterMapping, RegistryEntry, Transform
from ports.wire.registry import BOUND_ARGUMENTS, entry_document, parse_entry

WHOLE: dict[str, Any] = {
    "action_type": "CREATE_CRM_TASK",
    "version": 3,
    "tool": "crm.create_task",
    "tool_schema_version": "1.2",
    "risk": "LOW",
    "effect": {
        "contract": "READ_BACK",
        "settle_delay_s": 1.5,
        "absence_proof_s": 60,
        "look_up_tool": "crm.find_task",
        "before_tool": "crm.get_task",
    },
    "compensation": {
        "mode": "AUTOMATIC",
        "tool": "crm.delete_task",
        "argument": "task_id",
        "effect": {"contract": "PROVIDER_KEY", "key_retention_s": 86400},
    },
    "parameters": [
        {"parameter": "title", "required": True},
        {"parameter": "priority", "argument": "importance", "transform": "UPPERCASE"},
    ],
    "takes_target": True,
    "timeout_s": 2.5,
}
ENTRY = RegistryEntry(
    action_type="CREATE_CRM_TASK",
    version=3,
    tool="crm.create_task",
    tool_schema_version="1.2",
    risk="LOW",
    terms=Terms(
        EffectContract.READ_BACK,
        settle_delay_ms=1_500,
        absence_proof_ms=60_000,
        look_up_tool="crm.find_task",
        before_tool="crm.get_task",
    ),
    compensation=Compensation(
        CompensationMode.AUTOMATIC,
        "crm.delete_task",
        "task_id",
        Terms(EffectContract.PROVIDER_KEY, key_retention_ms=86_400_000),
    ),
    parameters=(
        ParameterMapping("title", "title", required=True),
        ParameterMapping("priority", "importance", transform=Transform.UPPERCASE),
    ),
    takes_target=True,
    timeout_s=2.5,
)


def changed(path: str, value: object) -> dict[str, Any]:
    whole = copy.deepcopy(WHOLE)
    place: Any = whole
    *inner, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    for part in inner:
        place = place[part]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return whole


def refusal(document: dict[str, Any]) -> str:
    with pytest.raises(ConfigurationError) as refused:
        parse_entry(document)
    assert "\n" not in refused.value.message
    return refused.value.message


def test_a_file_in_seconds_becomes_an_entry_in_milliseconds() -> None:
    assert parse_entry(WHOLE) == ENTRY


def test_an_entry_written_and_read_back_is_the_same() -> None:
    assert parse_entry(entry_document(ENTRY)) == ENTRY


def test_a_minimal_entry_needs_no_bounds() -> None:
    minimal = changed("effect", {"contract": "OPAQUE"}) | {"compensation": {"mode": "NONE"}, "parameters": []}
    del minimal["takes_target"], minimal["timeout_s"]

    entry = parse_entry(minimal)

    assert (entry.terms, entry.compensation) == (Terms(EffectContract.OPAQUE), Compensation(CompensationMode.NONE))
    assert (entry.takes_target, entry.timeout_s, entry.parameters) == (False, None, ())
    assert parse_entry(entry_document(entry)) == entry


@pytest.mark.parametrize(
    "name", ["action_type", "version", "tool", "tool_schema_version", "risk", "effect", "compensation", "parameters"]
)
def test_a_missing_field_is_named(name: str) -> None:
    assert name in refusal(changed(name, None))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("version", 0),
        ("version", "3"),
        ("version", 3.5),
        ("action_type", "create_task"),
        ("tool", "create_task"),
        ("tool", "crm.create task"),
        ("risk", "SCARY"),
        ("effect.contract", "EXACTLY_ONCE"),
        ("effect.settle_delay_s", -1),
        ("effect.settle_delay_s", float("nan")),
        ("effect.settle_delay_ms", 5),
        ("compensation.mode", "SOMETIMES"),
        ("parameters.0.transform", "ROT13"),
        ("parameters.0.required", "yes"),
        ("parameters.0.argument", "a b"),
        ("timeout_s", 0),
        ("timeout_s", 901),
        ("takes_target", 1),
        ("latest", True),
    ],
)
def test_a_wrong_field_is_refused_by_name(path: str, value: object) -> None:
    assert path in refusal(changed(path, value))


@pytest.mark.parametrize(
    ("document", "named"),
    [
        (changed("compensation.effect.key_retention_s", None), "compensation.effect.key_retention_s"),
        (changed("compensation.effect.key_retention_s", 0), "compensation.effect.key_retention_s"),
        (changed("effect.key_retention_s", 60), "effect.key_retention_s"),
        (changed("effect.look_up_tool", None), "effect.look_up_tool"),
        (changed("effect", {"contract": "OPAQUE", "look_up_tool": "crm.find_task"}), "effect.look_up_tool"),
        (changed("effect", {"contract": "OPAQUE", "absence_proof_s": 5}), "effect.absence_proof_s"),
        (changed("compensation.tool", None), "compensation.tool"),
        (changed("compensation.effect", None), "compensation.effect"),
        (changed("compensation.effect", {"contract": "CLIENT_ID"}), "compensation.effect.look_up_tool"),
        (changed("compensation.mode", "NONE"), "compensation.mode"),
        (changed("compensation.argument", "tenant_id"), "compensation.argument"),
        (changed("parameters.1.argument", "title"), "parameters.1.argument"),
    ],
)
def test_parts_that_do_not_fit_are_refused_by_name(document: dict[str, Any], named: str) -> None:
    assert named in refusal(document)


@pytest.mark.parametrize("name", sorted(BOUND_ARGUMENTS))
def test_no_parameter_may_take_the_place_of_what_binds_the_call(name: str) -> None:
    assert "parameters.0.argument" in refusal(changed("parameters.0.argument", name))
    assert "parameters.0.argument" in refusal(changed("parameters.0", {"parameter": name}))


@pytest.mark.parametrize("contract", ["NATURAL_KEY", "CLIENT_ID", "READ_BACK"])
def test_a_tool_of_our_own_is_looked_up_without_naming_a_tool(contract: str) -> None:
    internal = changed("effect", {"contract": contract}) | {"tool": "internal.create_note"}

    assert parse_entry(internal).terms.look_up_tool is None
    assert "effect.look_up_tool" in refusal(changed("effect", {"contract": contract}))


def test_manual_compensation_may_come_without_a_tool() -> None:
    entry = parse_entry(changed("compensation", {"mode": "MANUAL"}))

    assert entry.compensation == Compensation(CompensationMode.MANUAL)
