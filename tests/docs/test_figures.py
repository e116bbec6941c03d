"""Figures that stand in a page and in the code are the same."""

from __future__ import annotations

import re

from tests.docs.pages import ROOT
from tests.stages import STAGES

MOST_LINES_OF_THE_README = 220


def test_the_readme_says_how_long_make_test_may_take() -> None:
    found = re.search(r"about \d+ minutes on two cores, (\d+) at most", _readme())
    assert found is not None
    assert int(found[1]) == round(sum(stage.budget_s for stage in STAGES) / 60)


def test_the_readme_is_short_enough_to_be_read() -> None:
    assert len(_readme().splitlines()) <= MOST_LINES_OF_THE_README


def test_the_readme_leads_to_every_page_of_docs() -> None:
    pages = {f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")}
    assert {page for page in pages if f"({page}" not in _readme()} == set()


def _readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")
