"""The Markdown pages of this repository, as their readers and these tests see them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = {"node_modules", "build", "dist", "venv"}
SHELL = ("sh", "bash", "shell", "console")
FENCE = re.compile(r"^(?P<indent> *)(?P<ticks>```+)(?P<info>[^`]*)$")
HEADING = re.compile(r"^#{1,6} +(?P<title>.+?)(?: +#+)?$")
LINK = re.compile(r"(?<!!)\[(?:[^\[\]]|\[[^\]]*\])*\]\((?P<target>[^()\s]+(?:\([^()]*\)[^()\s]*)?)\)")
SPAN = re.compile(r"(?<!`)`(?P<code>[^`\n]+)`(?!`)")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block; `line` is that of its opening fence, counted from 1."""

    page: Path
    line: int
    info: str
    text: str

    @property
    def language(self) -> str:
        return self.info.split(maxsplit=1)[0] if self.info else ""

    @property
    def mark(self) -> str:
        """What stands behind the language."""
        return self.info[len(self.language) :].strip()

    @property
    def is_shell(self) -> bool:
        return self.language in SHELL

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"


@dataclass(frozen=True, slots=True)
class Page:
    """One page; `path` is relative to the repository."""

    path: Path
    text: str

    def blocks(self) -> tuple[Block, ...]:
        return tuple(block for block, _ in _parts(self) if block is not None)

    def prose(self) -> Iterator[tuple[int, str]]:
        """Yield the numbered lines that stand in no fenced block."""
        return (line for block, line in _parts(self) if block is None)

    def links(self) -> Iterator[tuple[int, str]]:
        for number, line in self.prose():
            for found in LINK.finditer(SPAN.sub("", line)):
                yield number, found["target"]

    def spans(self) -> Iterator[tuple[int, str]]:
        for number, line in self.prose():
            for found in SPAN.finditer(line):
                yield number, found["code"]

    def anchors(self) -> frozenset[str]:
        """Return the anchors of the headings, as GitHub makes them."""
        seen: Counter[str] = Counter()
        anchors = set()
        for _, line in self.prose():
            if heading := HEADING.match(line):
                slug = slug_of(heading["title"])
                anchors.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
                seen[slug] += 1
        return frozenset(anchors)


def slug_of(title: str) -> str:
    plain = LINK.sub(lambda link: link[0].split("](")[0][1:], title).replace("`", "").lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def _parts(page: Page) -> Iterator[tuple[Block | None, tuple[int, str]]]:
    opened: re.Match[str] | None = None
    body: list[str] = []
    start = 0
    for number, line in enumerate(page.text.splitlines(), 1):
        fence = FENCE.match(line)
        if opened is None:
            if fence is None:
                yield None, (number, line)
            else:
                opened, body, start = fence, [], number
        elif fence is not None and not fence["info"].strip() and len(fence["ticks"]) >= len(opened["ticks"]):
            indent = opened["indent"]
            text = "".join(f"{inside.removeprefix(indent)}\n" for inside in body)
            yield Block(page.path, start, opened["info"].strip(), text), (start, "")
            opened = None
        else:
            body.append(line)
    if opened is not None:
        message = f"{page.path}:{start}: this block is never closed"
        raise ValueError(message)


def read(path: Path) -> Page:
    return Page(path.relative_to(ROOT), path.read_text(encoding="utf-8"))


def all_pages() -> tuple[Page, ...]:
    """Return every Markdown file of the repository, but for what was built or installed into it."""
    return tuple(read(path) for path in sorted(_markdown(ROOT)))


def _markdown(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir():
            if path.name not in NOT_OURS and (path.name == ".github" or not path.name.startswith(".")):
                yield from _markdown(path)
        elif path.suffix == ".md":
            yield path
