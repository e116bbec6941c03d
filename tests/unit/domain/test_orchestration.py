"""The names of orchestrations: deterministic, safe, and shared by no two."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.domain.claiming import Order
from core.domain.keys import IntentKey, is_id
from core.domain.orchestration import holds, name_in, named, orchestration, orchestration_name
from ports.wire.state import input_of
from tests.unit.making import KEY, an_intent, claimed

ORDER = Order(KEY, "queue:message-1", an_intent(), "HUMAN", False)
SAFE = re.compile(r"exec-[0-9A-Za-z_-]{1,75}")

# Few characters, every separator that an id may hold and some that it may not; so drawn names are often nearly alike.
IDS = st.text(alphabet="a1:.-_@", min_size=1, max_size=3)
ODD_IDS = st.text(alphabet='a1:/#,|"[]\\\n é\u2028😀', max_size=4)
NUMBERS = st.integers(0, 12)
PLACES = st.tuples(IDS | ODD_IDS, IDS | ODD_IDS, IDS | ODD_IDS, NUMBERS, NUMBERS)

Place = tuple[str, str, str, int, int]


def name_of(place: Place) -> str:
    tenant, account, intent, run, generation = place
    return orchestration_name(Order(IntentKey(tenant, account, intent), "anybody"), run, generation)


@given(one=PLACES, other=PLACES)
@example(one=("a", "b:c", "d", 1, 0), other=("a:b", "c", "d", 1, 0))
@example(one=("a", "b", "c-1", 1, 0), other=("a", "b", "c", 1, 10))
@example(one=("a", "b", "c", 1, 11), other=("a", "b", "c", 11, 1))
@example(one=('a","b', "c", "d", 1, 0), other=("a", 'b","c', "d", 1, 0))
@example(one=("a/b", "c", "d", 1, 0), other=("a", "b/c", "d", 1, 0))
@example(one=("a", "a1", "1", 1, 0), other=("a", "a", "11", 1, 0))
def test_finding_22_no_two_that_differ_in_tenant_account_intent_run_or_generation_share_a_name(
    one: Place, other: Place
) -> None:
    assert (name_of(one) == name_of(other)) == (one == other)


@given(base=PLACES, number=st.integers(0, 4), text=IDS | ODD_IDS, count=NUMBERS)
def test_finding_22_a_name_differs_as_soon_as_one_part_does(base: Place, number: int, text: str, count: int) -> None:
    changed = list(base)
    changed[number] = text if number < 3 else count
    other: Place = tuple(changed)  # type: ignore[assignment]
    assert (name_of(base) == name_of(other)) == (base == other)


@given(place=PLACES)
def test_finding_22_a_name_has_at_most_80_characters_that_every_service_takes(place: Place) -> None:
    assert SAFE.fullmatch(name_of(place))
    assert len(name_of(place)) == 69


def test_finding_22_the_longest_ids_make_no_longer_name() -> None:
    longest = "x" * 128
    assert is_id(longest)
    assert len(name_of((longest, longest, longest, 2**31, 2**31))) == 69


def test_finding_22_the_name_is_the_sha256_of_the_canonical_array_of_all_its_parts() -> None:
    array = b'[1,"tenant-1","account-1","intent-1",1,0]'
    assert orchestration(ORDER).name == f"exec-{hashlib.sha256(array).hexdigest()}"


def test_finding_22_a_redelivery_has_the_same_name_and_the_same_input_to_the_byte() -> None:
    first, again = orchestration(ORDER), orchestration(replace(ORDER, owner="queue:message-2", intent=None))
    assert first == again
    assert input_of(first).encode() == input_of(again).encode()


def test_finding_22_a_rerun_has_another_name_and_another_input() -> None:
    asked = [orchestration(ORDER, run=run, generation=generation) for run, generation in ((1, 0), (2, 2), (2, 3))]
    assert len({it.name for it in asked}) == len({input_of(it) for it in asked}) == 3


def test_what_is_asked_of_an_orchestrator_embeds_no_intent_and_is_its_own_owner() -> None:
    asked = orchestration(ORDER)
    assert asked.order == Order(KEY, f"execution:{asked.name}", None, "HUMAN", False)
    assert named(ORDER, asked.name, 1) == asked


@pytest.mark.parametrize(
    ("change", "is_held"),
    [
        ({}, True),
        ({"generation": 9, "waiting": True}, True),
        ({"run": 2}, False),
        ({"owner": "sweeper:1"}, False),
        ({"work": None}, False),
        ({"parked": "opaque"}, False),
    ],
)
def test_an_orchestration_holds_what_is_open_in_its_own_run_under_its_own_name(
    change: dict[str, Any], is_held: bool
) -> None:
    asked = orchestration(ORDER)
    assert holds(asked, replace(claimed().attempt, **{"owner": asked.order.owner, **change})) is is_held


def test_the_name_is_found_in_the_owner_again() -> None:
    asked = orchestration(ORDER)
    assert name_in(asked.order.owner) == asked.name


@pytest.mark.parametrize("owner", ["queue:exec-1", "sweeper:1", "operator:execution:", "", "exec-1"])
def test_another_kind_of_owner_has_no_name(owner: str) -> None:
    assert name_in(owner) is None
