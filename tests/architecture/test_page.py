"""The page's own rules, read off its files: no markup from text, nothing inline, from elsewhere or big."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

PAGE = ROOT / "entrypoints" / "api" / "page"
FILES = sorted(PAGE.iterdir())
SCRIPTS = [it for it in FILES if it.suffix == ".js"]
MOST_LINES, MOST_CHARACTERS = 300, 120
SERVED = re.compile(r"[a-z][a-z0-9_-]{0,63}\.(css|html|js)")
MARKUP = re.compile(
    r"\.(inner|outer)HTML|insertAdjacentHTML|document\.write|createContextualFragment|setHTML|\beval\(|new Function"
    r"|parseFromString|\.srcdoc|cssText"
)
ELSEWHERE = re.compile(r"(https?:)?//(?!www\.w3\.org/2000/svg)[a-z0-9.-]+\.[a-z]{2,}")
IMPORT = re.compile(r'^import (?:\{([^}]*)\}|\* as (\w+)) from "\./([a-z]+\.js)";$', re.MULTILINE | re.DOTALL)


class Tags(HTMLParser):
    """Every start tag with its attributes, and the text within scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inline = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] in {"script", "style"}:
            self.inline += data.strip()


def index() -> Tags:
    tags = Tags()
    tags.feed((PAGE / "index.html").read_text(encoding="utf-8"))
    return tags


def imports(script: Path) -> list[tuple[list[str], str]]:
    """Return what a module takes from which other."""
    found = IMPORT.findall(script.read_text(encoding="utf-8"))
    return [([it.strip() for it in names.split(",") if it.strip()] or [alias], file) for names, alias, file in found]


def test_there_is_a_page() -> None:
    assert len(SCRIPTS) > 10
    assert all(SERVED.fullmatch(it.name) for it in FILES)


@pytest.mark.parametrize("file", FILES, ids=lambda it: it.name)
def test_a_file_is_small_and_brings_nothing_from_elsewhere(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    lines = text.splitlines()
    assert len(lines) <= MOST_LINES
    if file.suffix != ".html":
        assert [it for it in lines if len(it) > MOST_CHARACTERS] == []
    assert ELSEWHERE.findall(text) == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda it: it.name)
def test_no_script_makes_markup_or_code_of_text(script: Path) -> None:
    assert MARKUP.search(script.read_text(encoding="utf-8")) is None


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda it: it.name)
def test_what_a_module_imports_is_exported_there_and_used_here(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    assert text.count("\nimport ") + text.startswith("import ") == len(imports(script))
    for names, file in imports(script):
        exported = (PAGE / file).read_text(encoding="utf-8")
        for name in names:
            assert len(re.findall(rf"\b{name}\b", text)) > 1, f"{name} is not used"
            is_whole = f"* as {name} from" in text
            pattern = rf"^export (async )?(function|const|class) {name}\b"
            assert is_whole or re.search(pattern, exported, re.MULTILINE), name


def test_the_index_has_nothing_inline_and_names_only_files_of_the_page() -> None:
    tags = index()
    assert tags.inline == ""
    named = [value for _, attributes in tags.tags for name, value in attributes.items() if name in {"href", "src"}]
    ours = [it for it in named if it is not None and it.startswith("console/")]
    assert all((PAGE / it.removeprefix("console/")).is_file() for it in ours)
    assert {it for it in named if it not in ours and not str(it).startswith("data:image/svg+xml")} == {"#main"}
    assert not [name for _, attributes in tags.tags for name in attributes if name.startswith("on") or name == "style"]


def test_every_module_is_fetched_at_once_and_not_one_after_the_other() -> None:
    wanted = {value for _, attributes in index().tags for value in attributes.values()}
    assert {f"console/{it.name}" for it in SCRIPTS} <= wanted
