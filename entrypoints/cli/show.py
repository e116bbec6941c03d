"""Showing: plain lines, tables and JSON on stdout; what comes from outside cannot steer the terminal."""

import json
import sys
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from core.domain.canonical import Json

PIPE_WIDTH = 200
STYLES = {
    "SUCCEEDED": "green",
    "FAILED": "red",
    "IN_DOUBT": "bold yellow",
    "RUNNING": "cyan",
    "PENDING": "cyan",
    "ok": "green",
    "warn": "yellow",
    "fail": "bold red",
    "verified": "green",
    "BROKEN": "bold red",
}


def safe(value: object) -> str:
    """Return a value as one line of text without control characters; absent is empty."""
    if value is None:
        return ""
    return "".join(it if it.isprintable() else " " for it in str(value))


def styled(value: object) -> Text:
    """Return a cell, coloured where its word has a meaning."""
    text = safe(value)
    return Text(text, style=STYLES.get(text, ""))


def console() -> Console:
    """Return a console on stdout; a pipe gets lines that are not folded."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else PIPE_WIDTH)


def say(text: object) -> None:
    """Write a line."""
    console().print(Text(safe(text)), soft_wrap=True)


def aside(text: object) -> None:
    """Write a line on stderr, beside what a reader parses."""
    print(safe(text), file=sys.stderr)


def say_json(document: Json) -> None:
    """Write one JSON document on one line, whole, so that lines of several threads do not mix.

    What would steer a terminal is escaped, which changes nothing for whoever parses it.
    """
    text = json.dumps(document, ensure_ascii=False, allow_nan=False)
    # json escapes the first 32 characters alone; DEL, C1 controls, bidi marks and the like may stand in strings only.
    plain = text if text.isprintable() else "".join(it if it.isprintable() else _escaped(it) for it in text)
    sys.stdout.write(f"{plain}\n")
    sys.stdout.flush()


def _escaped(character: str) -> str:
    return json.dumps(character)[1:-1] if not character.isascii() else f"\\u{ord(character):04x}"


def listed(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table."""
    table = Table(title=title, title_justify="left", title_style="bold", header_style="dim", box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(styled(cell) for cell in row))
    console().print(table)


def facts(rows: Iterable[tuple[str, object]]) -> None:
    """Write names and values, one a line; what is absent is left out."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        if value not in (None, "", ()):
            table.add_row(name, styled(value))
    console().print(table)
