"""Links lead somewhere, and what is named exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.docs.naming import calls, fault_of, known_targets, targets
from tests.docs.pages import ROOT, Page, all_pages, read

PAGES = all_pages()
OURS = re.compile(
    r"(?:adapters|benchmarks|core|docs|entrypoints|examples|infra|ports|requirements|scripts|tests)/[\w./*-]+"
)


def dead_links(page: Page) -> Iterator[str]:
    for number, target in page.links():
        if fault := _fault(page, target):
            yield f"{page.path}:{number}: {target}: {fault}"


def _fault(page: Page, target: str) -> str | None:
    if re.match(r"[a-z]+:", target):
        parts = urlsplit(target)
        return None if parts.scheme in {"https", "http"} and "." in parts.netloc else "no address"
    path, _, anchor = target.partition("#")
    file = (ROOT / page.path.parent / path).resolve() if path else ROOT / page.path
    if not file.exists() or not file.is_relative_to(ROOT):
        return "no such file"
    if not anchor:
        return None
    return None if file.suffix == ".md" and anchor in read(file).anchors() else "no such heading"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.path))
def test_every_link_leads_somewhere(page: Page) -> None:
    assert list(dead_links(page)) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.path))
def test_every_command_and_option_of_actonce_that_is_named_exists(page: Page) -> None:
    assert [f"{place}: {fault}" for place, call in calls(page) if (fault := fault_of(call))] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.path))
def test_every_target_of_make_that_is_named_exists(page: Page) -> None:
    assert [f"{place}: make {target}" for place, target in targets(page) if target not in known_targets()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.path))
def test_every_file_of_ours_that_is_named_exists(page: Page) -> None:
    named = [(number, code) for number, code in page.spans() if OURS.fullmatch(code)]
    assert [f"{page.path}:{number}: {code}" for number, code in named if not list(ROOT.glob(code))] == []


def test_every_decision_is_in_the_list_of_decisions() -> None:
    listed = {target for _, target in read(ROOT / "docs" / "adr" / "README.md").links()}
    assert {path.name for path in (ROOT / "docs" / "adr").glob("[0-9]*.md")} == listed


@pytest.mark.parametrize(
    ("text", "dead"),
    [
        ("[a](README.md)", 0),
        ("[a](README.md#the-moment-that-matters)", 0),
        ("[a](README.md#no-such-heading)", 1),
        ("[a](NOWHERE.md) and [b](README.md)", 1),
        ("[a](../outside.md)", 1),
        ("[a](https://example.com/x)", 0),
        ("[a](https://)", 1),
        ("`[a](NOWHERE.md)`", 0),
        ("[![badge](NOWHERE.png)](NOWHERE.md)", 1),
        ("# One\n# One\n[a](#one-1)", 0),
        ("# One\n[a](#one-1)", 1),
    ],
)
def test_a_dead_link_is_found(text: str, dead: int) -> None:
    page = Page(Path("PAGE.md"), text)
    found = [link for link in page.links() if not link[1].startswith("#")]
    faults = list(dead_links(page)) if found else [one for _, one in page.links() if one[1:] not in page.anchors()]
    assert len(faults) == dead


@pytest.mark.parametrize(
    ("call", "is_known"),
    [
        ("stop --tenant acme --action-type X", True),
        ("--target aws ledger verify --heads /mnt/copy", True),
        ("stop --everything", False),
        ("halt", False),
        ("ledger mend", False),
        ("--db stop resume --global", True),
        ("--db stop halt", False),
        ("run --follow events.jsonl", True),
        ("export --verify=proof.jsonl", True),
    ],
)
def test_a_command_or_option_that_is_not_there_is_found(call: str, is_known: bool) -> None:
    assert (fault_of(call) is None) == is_known
