from __future__ import annotations

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.connectors.http_template import (
    ABSENT,
    BadArgumentError,
    Path,
    Text,
    Value,
    found_at,
    header_value,
    is_same,
    query_of,
)
from core.domain.canonical import Json
from core.domain.errors import ConfigurationError


@pytest.mark.parametrize(
    ("template", "arguments", "text"),
    [
        ("plain", {}, "plain"),
        ("{a}-{b}", {"a": "x", "b": 2}, "x-2"),
        ("{a}", {"a": True}, "true"),
        ("{a.b}", {"a": {"b": "x"}}, "x"),
        ("{{a}}", {"a": "x"}, "{a}"),
        ("", {}, ""),
    ],
)
def test_a_text_takes_arguments_in(template: str, arguments: dict[str, Json], text: str) -> None:
    assert Text.parsed(template).of(arguments) == text


@pytest.mark.parametrize("arguments", [{}, {"a": None}])
def test_a_text_whose_argument_was_not_given_is_absent(arguments: dict[str, Json]) -> None:
    assert Text.parsed("x{a}").of(arguments) is ABSENT


@pytest.mark.parametrize("template", ["{", "}", "{a", "{a b}", "{a..b}", "{}", "a}b"])
def test_a_stray_brace_is_a_fault_of_configuration(template: str) -> None:
    with pytest.raises(ConfigurationError):
        Text.parsed(template)


@pytest.mark.parametrize(
    "template", ["orders", "", "/a/../b", "/a/./b", "/a?b=c", "/a#b", "/a b", "/a%2Fb", "http://x/"]
)
def test_what_is_no_path_is_a_fault_of_configuration(template: str) -> None:
    with pytest.raises(ConfigurationError):
        Path.parsed(template)


@pytest.mark.parametrize(
    "value", ["", ".", "..", "a/b", "/", "..\\..", "../../admin", None, ["a"], {"a": "b"}, "a/../../b"]
)
def test_an_argument_is_a_part_of_one_step_or_the_call_is_refused(value: Json) -> None:
    with pytest.raises(BadArgumentError):
        Path.parsed("/orders/{id}").of({"id": value})


def test_two_arguments_do_not_make_a_step_up_together() -> None:
    with pytest.raises(BadArgumentError):
        Path.parsed("/orders/{a}{b}").of({"a": ".", "b": "."})


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("a b?c#d", "/v/a%20b%3Fc%23d"),
        ("%2e%2e", "/v/%252e%252e"),
        ("@evil.example.com", "/v/%40evil.example.com"),
        (7, "/v/7"),
    ],
)
def test_an_argument_is_percent_encoded(value: Json, path: str) -> None:
    assert Path.parsed("/v/{id}").of({"id": value}) == path


@given(st.text())
def test_whatever_an_argument_says_the_path_keeps_its_shape(value: str) -> None:
    try:
        path = Path.parsed("/v1/orders/{id}/lines").of({"id": value})
    except BadArgumentError:
        return
    steps = path.split("/")
    assert (steps[:3], steps[4:]) == (["", "v1", "orders"], ["lines"])
    assert unquote(steps[3]) == value
    assert steps[3] not in {".", ".."}
    assert not set("?#\\ ") & set(steps[3])


def test_a_query_leaves_out_what_was_not_given_and_encodes_the_rest() -> None:
    templates = {"q": Text.parsed("{query}"), "page": Text.parsed("{page}"), "fixed": Text.parsed("a&b")}
    assert query_of(templates, {"query": "x&admin=1"}) == "?q=x%26admin%3D1&fixed=a%26b"
    assert query_of({"page": Text.parsed("{page}")}, {}) == ""


@pytest.mark.parametrize("value", ["a\r\nX: y", "a\nb", "ü", "\x00", "x" * 1_025])
def test_a_header_takes_no_second_line(value: str) -> None:
    with pytest.raises(BadArgumentError):
        header_value(Text.parsed("{a}"), {"a": value})


def test_a_body_keeps_the_kinds_of_its_arguments_and_leaves_out_what_was_not_given() -> None:
    template = Value.parsed(
        {"n": "{n}", "text": "no {n}", "list": ["{a}", "{none}"], "deep": {"x": "{none}"}, "fix": 1.5}
    )
    assert template.of({"n": 3, "a": {"b": [1]}}) == {
        "n": 3,
        "text": "no 3",
        "list": [{"b": [1]}],
        "deep": {},
        "fix": 1.5,
    }


@pytest.mark.parametrize(
    ("steps", "value"),
    [((), {"a": [{"b": 1}]}), (("a", "0", "b"), 1), (("a", "1"), None), (("x",), None), (("a", "-1"), None)],
)
def test_a_path_leads_through_objects_and_lists(steps: tuple[str, ...], value: Json) -> None:
    assert found_at({"a": [{"b": 1}]}, steps) == value


def test_values_are_the_same_by_what_json_says_of_them() -> None:
    assert is_same(1, 1.0)
    assert is_same({"a": 1, "b": 2}, {"b": 2, "a": 1})
    assert not is_same(1, True)
    assert not is_same("1", 1)
    assert not is_same("\ud800", "\ud800")
