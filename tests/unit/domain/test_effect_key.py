"""Known defect of an earlier implementation: keys that drop nested fields or collide on a separator."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.canonical import Json
from core.domain.contract import EffectContract, Terms
from core.domain.errors import ValidationError
from core.domain.keys import IntentKey
from core.domain.request import MAX_ARGUMENT_BYTES, effect_key, frozen, map_action
from tests.unit.making import KEY, a_call, an_entry, an_intent

# Few characters, so that two drawn values are often nearly the same; each once broke somebody's separator.
TEXTS = st.text(alphabet='ab1:,|#/"\\[]{}\n\x00é\u2028😀', max_size=4)
NUMBERS = st.integers(-3, 3) | st.sampled_from([0.5, -0.0, 1.0, 1e-7, 1e15, 2.0**53 - 1])
SCALARS: st.SearchStrategy[Json] = st.none() | st.booleans() | NUMBERS | TEXTS
VALUES: st.SearchStrategy[Json] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=8
)
ARGUMENTS = st.dictionaries(TEXTS, VALUES, max_size=4)
IDS = st.text(alphabet="ab:.-", min_size=1, max_size=3)


def key_of(arguments: Mapping[str, Json]) -> str:
    return effect_key(a_call(arguments), "action", 1)


def same(one: Json, other: Json) -> bool:
    """Equality of JSON values, where 1 is 1.0 but not true."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


def shuffled(value: Json, pick: st.DataObject) -> Json:
    if isinstance(value, Mapping):
        names = pick.draw(st.permutations(sorted(value)))
        return {name: shuffled(value[name], pick) for name in names}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [shuffled(it, pick) for it in value]
    return value


def test_the_key_is_the_sha256_of_the_canonical_array_of_all_its_parts() -> None:
    array = (
        '[1,"tenant-1","account-1","intent-1","action",1,"crm.create_task","1",1,'
        '{"amount":10.5,"nested":{"a":[1,null,true],"b":"\u00e9"}}]'
    )

    found = key_of({"nested": {"b": "é", "a": [1, None, True]}, "amount": 10.50})

    assert found == hashlib.sha256(array.encode()).hexdigest()


@given(arguments=ARGUMENTS, pick=st.data())
def test_finding_05_the_order_of_keys_changes_nothing(arguments: dict[str, Json], pick: st.DataObject) -> None:
    other = shuffled(arguments, pick)
    assert isinstance(other, dict)

    assert key_of(arguments) == key_of(other)


@given(one=ARGUMENTS, other=ARGUMENTS)
def test_finding_05_keys_are_equal_exactly_when_the_arguments_are(one: dict[str, Json], other: dict[str, Json]) -> None:
    assert (key_of(one) == key_of(other)) == same(one, other)


@given(arguments=ARGUMENTS, name=TEXTS, one=VALUES, other=VALUES)
def test_finding_05_no_nested_field_is_dropped(arguments: dict[str, Json], name: str, one: Json, other: Json) -> None:
    wrapped: list[dict[str, Json]] = [{"outer": [{"inner": {**arguments, name: it}}]} for it in (one, other)]

    assert (key_of(wrapped[0]) == key_of(wrapped[1])) == same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": "b", "c": "d"}, {"a": 'b","c":"d'}),
        ({"a:b": "c"}, {"a": "b:c"}),
        ({"a": ["b", "c"]}, {"a": ["b,c"]}),
        ({"a": {"b": "c"}}, {"a.b": "c"}),
        ({"a": [["b"], "c"]}, {"a": ["b", ["c"]]}),
        ({"a": None}, {}),
        ({"a": None}, {"a": "null"}),
        ({"a": 1}, {"a": "1"}),
        ({"a": True}, {"a": 1}),
        ({"a": []}, {"a": {}}),
        ({"a": "é"}, {"a": "e\u0301"}),
        ({"a": "x "}, {"a": "x"}),
        ({"a": 9_007_199_254_740_991}, {"a": 9_007_199_254_740_990}),
        ({"a": 0.1 + 0.2}, {"a": 0.3}),
    ],
)
def test_finding_05_nearly_equal_arguments_have_different_keys(one: dict[str, Json], other: dict[str, Json]) -> None:
    assert key_of(one) != key_of(other)


@pytest.mark.parametrize(
    "changes",
    [
        {"key": replace(KEY, tenant_id="tenant-2")},
        {"key": replace(KEY, account_id="account-2")},
        {"key": replace(KEY, intent_id="intent-2")},
        {"tool": "crm.update_task"},
        {"tool_schema_version": "2"},
        {"registry_version": 2},
        {"arguments": {"title": "Call her"}},
    ],
    ids=["tenant", "account", "intent", "tool", "tool schema version", "registry version", "arguments"],
)
def test_every_part_of_a_call_matters(changes: dict[str, Any]) -> None:
    changed = replace(a_call(), **changes)

    assert effect_key(changed, "action", 1) != effect_key(a_call(), "action", 1)


def test_kind_and_key_run_matter() -> None:
    keys = {effect_key(a_call(), kind, run) for kind in ("action", "undo") for run in (1, 2)}

    assert len(keys) == 4


@given(one=st.tuples(IDS, IDS, IDS), other=st.tuples(IDS, IDS, IDS))
def test_ids_cannot_run_into_each_other(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    keys = [effect_key(a_call(key=IntentKey(*ids)), "action", 1) for ids in (one, other)]

    assert (keys[0] == keys[1]) == (one == other)


def test_bounds_of_the_call_do_not_change_the_key() -> None:
    slower = a_call(timeout_ms=1, terms=Terms(EffectContract.PROVIDER_KEY, key_retention_ms=1))

    assert effect_key(slower, "action", 1) == effect_key(a_call(), "action", 1)


def test_the_frozen_request_carries_the_key_as_a_declared_argument() -> None:
    request = frozen(a_call(), "action", 1)

    assert json.loads(request.arguments) == {"title": "Call them", "idempotency_key": request.effect_key}
    assert request.sha256 == hashlib.sha256(request.arguments.encode()).hexdigest()


def test_arguments_are_measured_in_bytes_not_in_characters() -> None:
    characters = MAX_ARGUMENT_BYTES // 2 - 200
    map_action(an_intent(parameters={"title": "é" * characters}), an_entry())

    with pytest.raises(ValidationError, match="bytes"):
        map_action(an_intent(parameters={"title": "€" * characters}), an_entry())
