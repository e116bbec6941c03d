"""One browser, one seeded installation and one service for a whole run of these tests; each test has a fresh tab."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from core.domain.intent import ExecutionPolicy
from tests.api.browser import chrome, office
from tests.api.browser.page import Page
from tests.api.browser.scene import NOTES, TENANT, Scene, Service, letter, note, seed, serving
from tests.emulators.server import need

QUICK = ExecutionPolicy(timeout_seconds=1)


@pytest.fixture(scope="session")
def driver() -> Iterator[Chrome]:
    need(chrome.missing())
    with chrome.driving() as driver:
        yield driver


@pytest.fixture(scope="session")
def scene(driver: Chrome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with office.working() as url:
        yield seeded(tmp_path_factory.mktemp("console"), url)


def seeded(folder: Path, url: str) -> Scene:
    """What is long in doubt comes first, so that it can be resolved by the time it is looked at."""
    scene = seed(folder, url)
    scene.run(
        *(letter(f"letter-lost-{it}", "cut the line", policy=QUICK) for it in range(1, 12)),
        *(note(f"note-{it:02d}", account="emea" if it % 3 else "apac") for it in range(NOTES)),
        letter("letter-sent", "write"),
        letter("letter-refused", "refuse"),
        letter("letter-hostile", "write hostile"),
        letter("letter-hostile-refused", "refuse hostile"),
    )
    return scene


@pytest.fixture(scope="session")
def service(scene: Scene) -> Iterator[Service]:
    with serving(scene, role="operator") as service:
        yield service


@pytest.fixture
def page(driver: Chrome, service: Service) -> Iterator[Page]:
    """A tab that remembers nothing; at the end the console must have had no reason to complain."""
    page = Page(driver, service)
    page.forget()
    yield page
    assert page.console() == []


@pytest.fixture
def as_role(driver: Chrome, scene: Scene) -> Iterator[Callable[..., Page]]:
    """Come as somebody else: a role, or another tenant, at a service of its own."""
    with ExitStack() as stack:

        def come(role: str, tenant: str = TENANT) -> Page:
            return Page(driver, stack.enter_context(serving(scene, role=role, tenant=tenant)))

        yield come
