"""What a command reads events from: files, or stdin."""

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Annotated, cast

import typer

from core.domain.errors import ConfigurationError
from entrypoints.publishing import Source

STDIN = Path("-")
Files = Annotated[list[Path] | None, typer.Argument(help="JSON Lines files of events; - is stdin.", show_default=False)]


def check_files(files: list[Path]) -> None:
    """Say which file is missing, before anything is read.

    Raises:
        ConfigurationError: one is.
    """
    for file in files:
        if file != STDIN and not file.is_file():
            raise ConfigurationError(f"There is no file {file}.")


def sources(files: list[Path]) -> Iterator[AbstractContextManager[Source]]:
    """Yield each, to be opened one after the other."""
    for file in files:
        if file == STDIN:
            yield nullcontext(cast("Source", sys.stdin.buffer))
        else:
            yield file.open("rb")
