"""What documentation names: commands of actonce, their options, and targets of make."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import typer

from entrypoints.cli.main import app
from tests.docs.marks import commands
from tests.docs.pages import ROOT, Block, Page

CALL = re.compile(
    r"(?:^|[/(;&|!] *|\b(?:if|then|do|while|until) +)(?:[A-Z_]+=\S* +)*"
    r"actonce(?P<rest>(?: +(?:\"[^\"]*\"|'[^']*'|[^|;&#><)])*)?)(?=$|[|;&#><)\s])"
)
TARGET = re.compile(r"^([a-z][a-z0-9_-]*):", re.MULTILINE)
MAKE = re.compile(r"^make\s+(?P<rest>.+)")
MODULE = re.compile(r"python3? -m ([a-z_][\w.]*)")
EVERYWHERE = frozenset({"--help", "-h"})


def calls(page: Page) -> Iterator[tuple[str, str]]:
    """Yield every call of actonce that the page writes as code, with its place."""
    for place, line in _code(page):
        for found in CALL.finditer(line):
            yield place, found["rest"].strip()


def targets(page: Page) -> Iterator[tuple[str, str]]:
    """Yield every target of make that the page writes as code, with its place."""
    for place, line in _code(page):
        if found := MAKE.match(line):
            for word in found["rest"].split("#")[0].split():
                if re.fullmatch(r"[a-z][a-z0-9_-]*", word):
                    yield place, word


def known_targets() -> frozenset[str]:
    return frozenset(TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8")))


def fault_of(call: str) -> str | None:
    """Say what of a call the command line does not know; `call` is what follows the word actonce."""
    command = typer.main.get_command(app)
    try:
        words = shlex.split(call.replace("...", " "))
    except ValueError:
        words = call.split()
    is_free = True
    for word in words:
        groups = getattr(command, "commands", None)
        if word.startswith("-") and word != "-":
            option = word.split("=")[0]
            known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
            if option not in known | EVERYWHERE:
                return f"actonce {command.name} has no option {option}"
            is_free = option in EVERYWHERE or _is_flag(command, option)
        elif groups is not None and is_free:
            if word not in groups:
                return f"actonce has no command {word}"
            command = groups[word]
        else:
            is_free = True
    return None


def named_command(call: str) -> str:
    """Return the words of a call that name its command, such as `ledger verify`."""
    command = typer.main.get_command(app)
    names = []
    for word in call.split():
        groups = getattr(command, "commands", None) or {}
        if word in groups:
            command = groups[word]
            names.append(word)
    return " ".join(names)


def modules(block: Block) -> frozenset[str]:
    """Return the modules that a block has Python run."""
    return frozenset(MODULE.findall(block.text))


def _is_flag(command: object, option: str) -> bool:
    parameters = getattr(command, "params", ())
    return any(option in (*one.opts, *one.secondary_opts) and one.is_flag for one in parameters)


def _code(page: Page) -> Iterator[tuple[str, str]]:
    for number, span in page.spans():
        if span.split()[0].rpartition("/")[2] in {"actonce", "make"} and " " in span:
            yield f"{page.path}:{number}", span
    for block in page.blocks():
        if block.is_shell:
            for line in commands(block.text):
                yield block.place, line
