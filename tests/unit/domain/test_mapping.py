from __future__ import annotations

from typing import Any

import pytest

from core.domain.canonical import Json
from core.domain.contract import EffectContract, Terms
from core.domain.errors import ConfigurationError, ErrorClass, ValidationError
from core.domain.registry import Compensation, CompensationMode, ParameterMapping, Transform
from core.domain.request import map_action, map_compensation
from tests.unit.making import KEY, an_entry, an_intent

BOUND = {"action_intent_id": "intent-1", "tenant_id": "tenant-1", "account_id": "account-1"}
TARGET = {"entity_type": "account", "entity_id": "acme"}


def test_parameters_become_the_arguments_that_the_registry_names() -> None:
    intent = an_intent(parameters={"title": "Call them", "priority": "high", "reason": "Because"})

    call = map_action(intent, an_entry())

    assert call.arguments == BOUND | {
        "title": "Call them",
        "priority": "HIGH",
        "description": "Because",
        "target": TARGET,
    }


def test_every_call_is_bound_to_tenant_account_and_intent() -> None:
    assert map_action(an_intent(), an_entry()).arguments.items() >= BOUND.items()


def test_a_target_goes_only_to_a_tool_that_takes_one() -> None:
    assert "target" not in map_action(an_intent(), an_entry(takes_target=False)).arguments
    assert "target" not in map_action(an_intent(target=None), an_entry()).arguments


@pytest.mark.parametrize("parameters", [{}, {"title": None}, {"title": ""}], ids=["absent", "null", "empty"])
def test_a_required_parameter_that_is_absent_null_or_empty_is_refused_by_name(parameters: dict[str, Json]) -> None:
    with pytest.raises(ValidationError, match="'title'") as refused:
        map_action(an_intent(parameters=parameters), an_entry())

    assert refused.value.error_code == "MISSING_REQUIRED_PARAMETER"
    assert refused.value.error_class is ErrorClass.VALIDATION


@pytest.mark.parametrize("value", [0, False, 0.0, [], {}, " "])
def test_a_required_parameter_that_is_merely_falsy_is_there(value: Json) -> None:
    assert map_action(an_intent(parameters={"title": value}), an_entry()).arguments["title"] == value


def test_an_optional_parameter_that_is_absent_becomes_no_argument() -> None:
    assert "priority" not in map_action(an_intent(parameters={"title": "x"}), an_entry()).arguments


@pytest.mark.parametrize("value", [None, ""])
def test_an_optional_parameter_that_is_null_or_empty_is_passed_as_it_is(value: Json) -> None:
    assert (
        map_action(an_intent(parameters={"title": "x", "reason": value}), an_entry()).arguments["description"] == value
    )


@pytest.mark.parametrize("stray", ["colour", "Title", "description", "idempotency_key", "tenant_id"])
def test_a_parameter_that_no_mapping_names_is_refused_not_dropped(stray: str) -> None:
    with pytest.raises(ValidationError, match=f"'{stray}'") as refused:
        map_action(an_intent(parameters={"title": "x", stray: "y"}), an_entry())

    assert refused.value.error_code == "VALIDATION_FAILED"


@pytest.mark.parametrize(
    ("transform", "expected"),
    [(Transform.PASSTHROUGH, "Straße"), (Transform.UPPERCASE, "STRASSE"), (Transform.LOWERCASE, "straße")],
)
def test_a_transform_changes_the_case_of_a_text(transform: Transform, expected: str) -> None:
    entry = an_entry(parameters=(ParameterMapping("title", "title", transform=transform),))

    assert map_action(an_intent(parameters={"title": "Straße"}), entry).arguments["title"] == expected


@pytest.mark.parametrize("transform", [Transform.UPPERCASE, Transform.LOWERCASE])
def test_a_change_of_case_asked_of_something_else_than_a_text_is_refused(transform: Transform) -> None:
    entry = an_entry(parameters=(ParameterMapping("title", "title", transform=transform),))

    with pytest.raises(ValidationError, match="'title'"):
        map_action(an_intent(parameters={"title": 7}), entry)


@pytest.mark.parametrize("transform", list(Transform))
def test_null_passes_every_transform(transform: Transform) -> None:
    entry = an_entry(parameters=(ParameterMapping("title", "title", transform=transform),))

    assert map_action(an_intent(parameters={"title": None}), entry).arguments["title"] is None


def test_nested_parameters_pass_whole() -> None:
    nested: dict[str, Any] = {"a": [{"b": {"c": [1, None, "é"]}}]}
    entry = an_entry(parameters=(ParameterMapping("fields", "fields", required=True),))

    assert map_action(an_intent(parameters={"fields": nested}), entry).arguments["fields"] == nested


@pytest.mark.parametrize(("tool_s", "expected_ms"), [(None, 300_000), (12.5, 12_500), (900, 300_000)])
def test_one_call_may_take_the_shorter_of_the_policys_and_the_tools_bound(
    tool_s: float | None, expected_ms: int
) -> None:
    assert map_action(an_intent(), an_entry(timeout_s=tool_s)).timeout_ms == expected_ms


def test_undoing_names_the_object_and_is_bound_like_any_call() -> None:
    terms = Terms(EffectContract.NATURAL_KEY, look_up_tool="crm.check_task_deleted")
    undo = Compensation(CompensationMode.AUTOMATIC, "crm.delete_task", "task_id", terms)

    call = map_compensation(KEY, an_entry(compensation=undo), "task-7", 30)

    assert (call.tool, call.terms, call.timeout_ms) == ("crm.delete_task", terms, 30_000)
    assert call.arguments == BOUND | {"task_id": "task-7"}


def test_undoing_without_a_compensating_tool_is_a_fault_of_configuration() -> None:
    with pytest.raises(ConfigurationError, match="no compensating tool"):
        map_compensation(KEY, an_entry(compensation=Compensation(CompensationMode.MANUAL)), "task-7", 30)
