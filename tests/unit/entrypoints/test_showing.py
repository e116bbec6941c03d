from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrypoints.cli.show import safe


@given(st.text())
def test_what_is_shown_is_one_line_that_cannot_steer_a_terminal(said: str) -> None:
    assert not any(unicodedata.category(it) in {"Cc", "Cf", "Zl", "Zp"} for it in safe(said))


@pytest.mark.parametrize("said", ["\x1b[31mred", "a\nb", "a\rb", "\x9b2J", "a\u202eb", "\x07"])
def test_what_would_steer_it_becomes_a_blank(said: str) -> None:
    assert safe(said) == "".join(it if it in "[31mredab2J" else " " for it in said)
