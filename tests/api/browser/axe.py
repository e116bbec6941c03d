"""The rules of axe-core, run in the page itself; npm fetches what the lock file names."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from tests.api.browser.page import DESK, PHONE, Page
from tests.npm_packages import ROOT, NpmPackages

PACKAGES = NpmPackages(wanted=Path(__file__).with_name("npm"), build=ROOT / "build" / "browser")
RUN = """
const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ["violations"]}).then((it) => done(it.violations), (it) => done(String(it)));
"""
LOOKS = {"light": ("light", DESK), "dark": ("dark", DESK), "phone": ("light", PHONE)}


@cache
def source() -> str:
    return (PACKAGES.installed / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """Return each broken rule with where it is broken; every rule that axe has on by default counts."""
    if not page.script("return typeof axe === 'object'"):
        page.script(source())
    found: list[dict[str, Any]] | str = page.driver.execute_async_script(RUN)
    assert isinstance(found, list), found
    return [f"{it['id']}: {node['html'][:160]} ({node['failureSummary']})" for it in found for node in it["nodes"]]


def judged(page: Page, name: str) -> None:
    """Hold what is shown against every rule, and leave a picture of it."""
    page.script("scrollTo(0, 0)")
    page.shoot(name)
    assert violations(page) == []
    width = page.script("return [document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1], f"{name} scrolls sideways"
