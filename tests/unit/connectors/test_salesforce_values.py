from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.connectors.salesforce_values import agrees, is_id, is_name, is_same, moment, quoted
from core.domain.canonical import Json
from tests.providers.salesforce.schema import id_of
from tests.providers.salesforce.soql import parsed


def test_an_id_has_15_characters_or_18_that_are_right() -> None:
    assert is_id("0015g00000XyZaB")
    assert is_id(id_of("Account", 123_456_789), "Account")
    for wrong in ("001500000000001AAB", "0015g00000XyZaBAAA", "001", "0015g00000XyZa'", "", None, 7):
        assert not is_id(wrong)
    assert not is_id(id_of("Account", 1), "Task")


@given(st.integers(0, 62**12 - 1), st.sampled_from(["Account", "Task", "Lead"]))
def test_every_id_that_salesforce_makes_is_one_and_no_other_case_of_it_is(number: int, kind: str) -> None:
    made = id_of(kind, number)
    assert is_id(made, kind)
    assert is_id(made[:15], kind)
    swapped = made[:14] + made[14].swapcase() + made[15:]
    assert is_id(swapped) == (swapped == made)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_a_literal_means_the_text_it_was_made_of(text: str) -> None:
    assert parsed(f"SELECT Id FROM Task WHERE Subject = {quoted(text)} LIMIT 1").value == text


@pytest.mark.parametrize("text", ["' OR Id != '", "\\", "\\'", "a\nb\tc", "\"'\\"])
def test_no_literal_ends_early(text: str) -> None:
    query = parsed(f"SELECT Id FROM Task WHERE Subject = {quoted(text)} LIMIT 3")
    assert (query.value, query.limit) == (text, 3)


def test_a_control_character_has_no_spelling() -> None:
    with pytest.raises(ValueError, match="control character"):
        quoted("a\x00b")


@pytest.mark.parametrize(
    ("wanted", "held"),
    [
        ("Call ", "Call"),
        ("", None),
        (None, None),
        ("a\r\nb", "a\nb"),
        (12, 12.0),
        ("12.50", 12.5),
        (0.1, 0.1),
        (True, True),
        ("001000000000001", "001000000000001AAA"),
        ("2026-12-01T10:00:00Z", "2026-12-01T10:00:00.000+0000"),
        ("2026-12-01T11:00:00+01:00", "2026-12-01T10:00:00.000+0000"),
    ],
)
def test_what_salesforce_spells_in_another_way_is_the_same(wanted: Json, held: Json) -> None:
    assert is_same(wanted, held)


@pytest.mark.parametrize(
    ("wanted", "held"),
    [
        ("Call", "call"),
        (True, 1),
        (1, True),
        (None, "x"),
        ("x", None),
        (12, 12.5),
        ("x", 12),
        (12, "x"),
        ("001000000000001", "001000000000002AAA"),
        ({"a": 1}, {"a": 1}),
        ("nan", 12.5),
        (False, None),
    ],
)
def test_what_is_something_else_is_not_the_same(wanted: Json, held: Json) -> None:
    assert not is_same(wanted, held)


def test_every_field_must_be_there_whatever_the_case_of_its_name() -> None:
    assert agrees({"WebSite": "a"}, {"website": "a", "other": 1})
    assert not agrees({"Website": None}, {})


@pytest.mark.parametrize("text", ["2026-12-01", "2026-13-01T10:00:00Z", "now", None, 7])
def test_what_is_no_moment_is_none(text: object) -> None:
    assert moment(text) is None


def test_names_of_fields() -> None:
    assert is_name("Actonce_Key__c")
    assert not any(is_name(it) for it in ("", "1a", "a b", "a.b", "a'", "x" * 81, None))
