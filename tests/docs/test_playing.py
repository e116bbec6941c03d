"""The checks of the documentation can fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.marks import Needs, RunBy, Runnable, mark_of
from tests.docs.pages import Block, Page
from tests.docs.playing import first_missing, play, steps_of

PAGE = Path("PAGE.md")


def page(*blocks: tuple[str, str]) -> Page:
    return Page(PAGE, "".join(f"```{info}\n{text}\n```\n" for info, text in blocks))


@pytest.mark.parametrize(
    ("info", "mark"),
    [
        ("sh runnable", Runnable()),
        ("sh runnable exit=6", Runnable(6)),
        ("sh run-by=tests/e2e/test_demo.py", RunBy(Path("tests/e2e/test_demo.py"))),
        ("sh needs an account of AWS", Needs("an account of AWS")),
    ],
)
def test_a_mark_says_who_runs_a_block(info: str, mark: object) -> None:
    assert mark_of(Block(PAGE, 1, info, "true\n")) == mark


@pytest.mark.parametrize("info", ["sh", "sh skipped", "sh needs", "sh runnable maybe", "bash runnable", "console"])
def test_a_block_without_a_mark_is_no_block(info: str) -> None:
    with pytest.raises(ValueError, match="write ```sh runnable"):
        mark_of(Block(PAGE, 1, info, "true\n"))


def test_an_exit_code_belongs_to_a_single_command() -> None:
    with pytest.raises(ValueError, match="single command"):
        mark_of(Block(PAGE, 1, "sh runnable exit=1", "true\nfalse\n"))


def test_a_block_that_is_never_closed_is_named() -> None:
    with pytest.raises(ValueError, match="never closed"):
        Page(PAGE, "```sh runnable\ntrue\n").blocks()


def test_an_output_that_nothing_prints_is_named() -> None:
    with pytest.raises(ValueError, match="nothing that is run"):
        steps_of(page(("sh needs a friend", "true"), ("text output", "x")).blocks())


@pytest.mark.parametrize(
    ("shown", "said", "missing"),
    [
        ("a\nc", "a\nb\nc\n", None),
        ("c\na", "a\nb\nc\n", "a"),
        ("took ... s", "it\ntook  12 s\n", None),
        ("took 12", "took 12 s\n", "took 12"),
        ("...\nb", "a\nb\n", None),
    ],
)
def test_what_is_shown_is_held_against_what_was_said(shown: str, said: str, missing: str | None) -> None:
    assert first_missing(shown, said) == missing


@pytest.mark.parametrize(
    ("blocks", "fault"),
    [
        ([("sh runnable", "x=1; cd sub"), ("sh runnable", 'echo "$x $(cat here)"'), ("text output", "1 yes")], None),
        ([("sh runnable", "true"), ("sh runnable", "false\ntrue")], "PAGE.md:4: ended with 1"),
        ([("sh runnable", "false | true")], "PAGE.md:1: ended with 1"),
        ([("sh runnable", 'echo "$never_set"')], "PAGE.md:1: ended with 1"),
        ([("sh runnable", "exit 0"), ("sh runnable", "echo never")], "PAGE.md:1: left the shell"),
        ([("sh runnable exit=3", "(exit 3)"), ("sh runnable", "true")], None),
        ([("sh runnable exit=3", "true")], "exit code 0"),
        ([("sh runnable", "echo a"), ("text output", "b")], "does not print 'b'"),
        ([("sh runnable", "sleep 60")], "still running after 2 s"),
        ([("sh runnable", "sleep 60 &")], None),
        ([("sh runnable", "echo 127.0.0.1:8137 --port 8137"), ("text output", "127.0.0.1:8137 --port 8137")], None),
        ([("sh runnable", "echo 127.0.0.1:8137"), ("text output", "127.0.0.1:8138")], "does not print"),
        ([("sh runnable", "command -v actonce python")], None),
    ],
)
def test_a_page_that_does_other_than_it_says_is_named(
    blocks: list[tuple[str, str]], fault: str | None, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    (source / "sub").mkdir(parents=True)
    (source / "sub" / "here").write_text("yes\n", encoding="utf-8")
    faults = play(steps_of(page(*blocks).blocks()), tmp_path, source, limit_s=2)
    if fault is None:
        assert faults == []
    else:
        assert fault in "\n".join(faults)
