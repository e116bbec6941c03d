"""What a shell block's info string says of it: who runs it, or why nobody does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tests.docs.pages import Block

MARK = re.compile(
    r"(?P<runnable>runnable)(?: exit=(?P<code>[1-9]\d*))?"
    r"|run-by=(?P<test>tests/\S+)"
    r"|needs (?P<needs>\S.*)"
)
OUTPUT = "output"


@dataclass(frozen=True, slots=True)
class Runnable:
    """The page's own play runs it; `exit_code` is that of the one command of a block that is to fail."""

    exit_code: int = 0


@dataclass(frozen=True, slots=True)
class RunBy:
    """That test runs the same commands in a place of its own."""

    test: Path


@dataclass(frozen=True, slots=True)
class Needs:
    """No test runs it, since it needs what no test has."""

    what: str


def mark_of(block: Block) -> Runnable | RunBy | Needs:
    """Return the mark; a block without one raises, so that none is skipped unseen."""
    found = MARK.fullmatch(block.mark)
    if block.language != "sh" or found is None:
        message = (
            f"{block.place}: write ```sh runnable, ```sh runnable exit=N, ```sh run-by=tests/... "
            f"or ```sh needs (what), not {block.info!r}"
        )
        raise ValueError(message)
    if found["runnable"]:
        code = int(found["code"] or 0)
        if code and len(commands(block.text)) != 1:
            message = f"{block.place}: with an exit code the block must be a single command"
            raise ValueError(message)
        return Runnable(code)
    if found["test"]:
        return RunBy(Path(found["test"]))
    return Needs(found["needs"])


def commands(script: str) -> list[str]:
    """Return the script's lines, continued ones as one, without empty ones and comments."""
    joined = script.replace("\\\n", " ")
    return [line.strip() for line in joined.splitlines() if line.strip() and not line.strip().startswith("#")]


def is_output(block: Block) -> bool:
    """Say whether the block shows what the block before it prints."""
    return block.language == "text" and block.mark == OUTPUT
