"""Every shell block of the documentation is run, or says who runs it, or why nobody can."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.docs.marks import Needs, RunBy, is_output, mark_of
from tests.docs.naming import calls, modules, named_command
from tests.docs.pages import ROOT, Block, Page, all_pages
from tests.docs.playing import LIMIT_S, Step, play, steps_of

PAGES = all_pages()
SHELL_BLOCKS = tuple(block for page in PAGES for block in page.blocks() if block.is_shell)
PLAYS = tuple((page.path, steps) for page in PAGES if (steps := steps_of(page.blocks())))


def test_every_block_says_its_language_so_no_command_hides_in_one_without() -> None:
    assert [block.place for page in PAGES for block in page.blocks() if not block.language] == []


@pytest.mark.parametrize("block", SHELL_BLOCKS, ids=lambda block: block.place)
def test_a_shell_block_is_marked_and_is_good_bash(block: Block) -> None:
    mark = mark_of(block)
    checked = subprocess.run(["bash", "-n"], input=block.text, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")
    if isinstance(mark, Needs):
        assert len(mark.what.split()) > 1, "say what it needs, in words"


@pytest.mark.parametrize("block", SHELL_BLOCKS, ids=lambda block: block.place)
def test_the_test_that_a_block_names_runs_its_commands(block: Block) -> None:
    mark = mark_of(block)
    if not isinstance(mark, RunBy):
        return
    source = _source(ROOT / mark.test)
    page = Page(block.page, f"```sh\n{block.text}```\n")
    named = {f'"{word}"' for _, call in calls(page) for word in named_command(call).split()} | modules(block)
    assert {word for word in named if word not in source} == set()


def _source(test: Path) -> str:
    files = sorted(test.rglob("*.py")) if test.is_dir() else [test]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def test_the_output_that_is_shown_belongs_to_a_block_that_is_run() -> None:
    outputs = sum(is_output(block) for page in PAGES for block in page.blocks())
    assert outputs == sum(step.shown is not None for _, steps in PLAYS for step in steps)


@pytest.mark.timeout(LIMIT_S + 30)
@pytest.mark.parametrize(("page", "steps"), PLAYS, ids=[str(page) for page, _ in PLAYS])
def test_a_page_does_what_it_says(page: Path, steps: Sequence[Step], tmp_path: Path) -> None:
    assert play(steps, tmp_path) == []
