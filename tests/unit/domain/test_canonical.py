"""The canonical form is that of rfc8785 for every value, whichever encoder wrote it; and so are the refusals."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from core.domain.canonical import Json, canonical, compact, digest, sealed

TEXTS = st.text(max_size=6) | st.text(alphabet='ab"\\/\x00\x1f\x7f\n\u2028é\ud7ff\ue000\uffff\U00010000😀', max_size=4)
# Every code point, the lone surrogates too.
WILD = st.text(alphabet=st.characters(exclude_categories=()), max_size=4)
NUMBERS = (
    st.integers()
    | st.integers(2**53 - 3, 2**53 + 3)
    | st.floats()
    | st.floats(1e-7, 1e-3)
    | st.floats(1e14, 1e17)
    | st.sampled_from([-0.0, 1e-4, 1e-5, 1e15, 1e16, 1e21, 1e22, 5e-324, 0.1 + 0.2, float("nan"), float("inf")])
)
ODD: st.SearchStrategy[Any] = st.tuples(st.integers(0, 3), TEXTS) | st.binary(max_size=2) | st.sets(st.integers())
KEYS = TEXTS | WILD | st.integers(0, 3) | st.booleans() | st.none()
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS | WILD | ODD,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(TEXTS, inner, max_size=4)
        # Keys of mixed types cannot be sorted, whatever they are.
        | st.dictionaries(KEYS, inner, max_size=1)
    ),
    max_leaves=10,
)


def said_by(encode: Callable[[Any], object], value: object) -> object:
    try:
        return encode(value)
    except ValueError:
        return "refused"


@given(value=VALUES)
@example(value={"\ue000": 1, "😀": 2})
@example(value={"\uffff": 1, "\U00010000": 2, "a": 0.93})
@example(value=[True, 1, 1.0, 0.5, -0.0, 1e-4, 9.999e-5, 1e16])
@example(value=["\ud800"])
@example(value={1: 2})
def test_the_form_is_that_of_rfc8785_for_every_value(value: object) -> None:
    assert said_by(canonical, value) == said_by(rfc8785.dumps, value)


@given(value=VALUES)
@example(value={"\ue000": 1, "😀": 2})
@example(value={"b": [1, 0.5, 1e16], "a": {"c": None}})
@example(value={1: 2})
def test_what_is_written_out_once_is_what_each_would_write(value: Json) -> None:
    def apart(it: Json) -> object:
        name = digest(it)
        return compact(it), name

    assert said_by(sealed, value) == said_by(apart, value)


@given(number=st.floats(allow_nan=False, allow_infinity=False))
def test_every_real_number_has_its_rfc8785_form(number: float) -> None:
    assert canonical(number) == rfc8785.dumps(number)
    assert canonical([-number]) == rfc8785.dumps([-number])


@pytest.mark.parametrize("value", [2**53, -(2**53), float("inf"), float("nan"), "\ud800", {"\udfff": 1}, {1: 2}])
def test_what_has_no_such_form_is_refused(value: Json) -> None:
    with pytest.raises(ValueError, match=r".+"):
        canonical(value)


def test_compact_text_is_sorted_and_without_spaces() -> None:
    assert compact({"b": [1, None, True], "a": {"é": "\n"}}) == '{"a":{"é":"\\n"},"b":[1,null,true]}'
    with pytest.raises(ValueError, match="JSON compliant"):
        compact(float("nan"))


def test_a_text_takes_the_slow_way_only_from_the_surrogates_on() -> None:
    for quick in ("a", "é", "가", "한", "\ud7ff"):
        assert not is_slow(quick)
    for odd in ("\ue000", "\uffff", "😀"):
        assert is_slow(odd)


def is_slow(text: str) -> bool:
    """Tell whether the library writes it, which takes ten times as long."""
    called: list[object] = []
    sys.setprofile(lambda frame, event, _: called.append(frame.f_code) if event == "call" else None)
    try:
        sealed({text: 1})
    finally:
        sys.setprofile(None)
    return rfc8785.dumps.__code__ in called
