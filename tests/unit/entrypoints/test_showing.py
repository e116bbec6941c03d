from __future__ import annotations

import contextlib
import io
import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrypoints.cli.show import safe, say_json


@given(st.text())
def test_what_is_shown_is_one_line_that_cannot_steer_a_terminal(said: str) -> None:
    assert not any(unicodedata.category(it) in {"Cc", "Cf", "Zl", "Zp"} for it in safe(said))


@pytest.mark.parametrize("said", ["\x1b[31mred", "a\nb", "a\rb", "\x9b2J", "a\u202eb", "\x07"])
def test_what_would_steer_it_becomes_a_blank(said: str) -> None:
    assert safe(said) == "".join(it if it in "[31mredab2J" else " " for it in said)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_json_is_one_line_that_cannot_steer_a_terminal_and_still_says_the_same(said: str) -> None:
    with contextlib.redirect_stdout(io.StringIO()) as written:
        say_json({said: [said]})
    text = written.getvalue()
    assert text[-1:] == "\n"
    assert text[:-1].isprintable()
    assert json.loads(text) == {said: [said]}


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("\x9b2J", "\\u009b2J"),
        ("\x7f", "\\u007f"),
        ("a\u202eb", "a\\u202eb"),
        ("\x1b[2J", "\\u001b[2J"),
        ("\U000e0001", "\\udb40\\udc01"),
        ("é中🙂", "é中🙂"),
    ],
)
def test_what_would_steer_it_is_escaped_in_json(said: str, shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    say_json(said)
    assert capsys.readouterr().out == f'"{shown}"\n'
