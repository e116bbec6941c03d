"""The quick way to read JSON takes and refuses exactly what looking at every value does, in the same words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.domain.errors import InvalidEventError
from ports.wire.bounds import MAX_DEPTH, load, plain

NUMBERS = st.integers() | st.integers(2**53 - 3, 2**53 + 3) | st.floats()
TEXTS = st.text(max_size=4) | st.text(alphabet=st.characters(exclude_categories=()), max_size=3)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda it: st.lists(it, max_size=3) | st.dictionaries(TEXTS, it, max_size=3),
    max_leaves=10,
)


def read(body: str) -> object:
    try:
        return repr(load(body))
    except InvalidEventError as refused:
        return refused.message


def looked_at(value: object) -> object:
    try:
        return repr(plain(value))
    except InvalidEventError as refused:
        return refused.message


@given(value=VALUES)
@example(value={"a": [1, {"b": 2**53}]})
@example(value={"a": "\\ud800", "b": "\ud800"})
def test_what_is_read_is_what_looking_at_every_value_says(value: object) -> None:
    # A number that is none at all has no JSON form, and so no place.
    if "NaN" not in (body := json.dumps(value)) and "Infinity" not in body:
        assert read(body) == looked_at(json.loads(body))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"a":{"b":9007199254740992}}', "a.b is a number beyond"),
        ('{"a":[1e300]}', "a is a number beyond"),
        ('{"a":1e999}', "a is a number beyond"),
        ('{"a":{"b":"\\udC00"}}', "a.b has a lone surrogate"),
        ('{"a":"\\uD800"}', "a has a lone surrogate"),
        ('{"a":9007199254740992,"b":1,"b":2}', "The key b occurs twice"),
        ('{"a":9007199254740992', "is not JSON"),
        ('{"a":' + "9" * 5_000 + "}", "is not JSON"),
    ],
)
def test_what_is_wrong_is_named(body: str, said: str) -> None:
    with pytest.raises(InvalidEventError, match=said):
        load(body)


def test_pairs_of_surrogates_are_one_character() -> None:
    assert load('"\\ud83d\\ude00"') == "😀"


@pytest.mark.parametrize("inner", ["[", '{"a":'])
def test_depth_counts_brackets_outside_of_texts_only(inner: str) -> None:
    closing = "]" if inner == "[" else "}"
    deepest = inner * MAX_DEPTH + ("" if inner == "[" else "1") + closing * MAX_DEPTH
    load(deepest)
    load(json.dumps(["[{" * 100, "]}"]))
    load(json.dumps([[] for _ in range(100)]))
    with pytest.raises(InvalidEventError, match="nested"):
        load(f"[{deepest}]")
