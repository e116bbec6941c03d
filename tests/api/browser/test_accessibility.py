"""The page for everybody: the rules of axe in each look and width, the keyboard alone, no sideways scroll."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.api.browser import axe
from tests.api.browser.axe import LOOKS, judged
from tests.api.browser.page import Page
from tests.api.browser.scene import TENANT, Scene
from tests.emulators.server import need

pytestmark = pytest.mark.service

TAB, ENTER, SPACE, DOWN, ESCAPE = "\ue004", "\ue007", " ", "\ue015", "\ue00c"


@pytest.fixture(scope="module", autouse=True)
def rules() -> None:
    need(axe.PACKAGES.missing())


@pytest.fixture
def stopped(scene: Scene) -> Iterator[None]:
    scene.command("stop", "--tenant", TENANT, "--reason", "provider incident")
    yield
    scene.command("resume", "--tenant", TENANT)


@pytest.mark.parametrize("look", LOOKS)
def test_every_view_keeps_the_rules(page: Page, look: str) -> None:
    scheme, size = LOOKS[look]
    page.scheme(scheme)
    page.resize(*size)
    page.visit("")
    page.read("Who calls?", "main h1")
    judged(page, f"{look}-sign-in")
    page.open()
    judged(page, f"{look}-executions")
    page.one(".chart summary").click()
    judged(page, f"{look}-chart-table")
    page.go("#/executions?status=RUNNING")
    judged(page, f"{look}-empty")
    page.go("#/executions/emea/letter-lost-9")
    page.one(".entry:nth-child(2) summary").click()
    judged(page, f"{look}-timeline")
    page.go("#/executions/emea/letter-hostile-refused")
    judged(page, f"{look}-hostile")
    page.go("#/in-doubt")
    judged(page, f"{look}-in-doubt")


@pytest.mark.parametrize("look", LOOKS)
def test_dialogs_and_what_is_stopped_keep_the_rules(page: Page, look: str, stopped: None) -> None:
    scheme, size = LOOKS[look]
    page.scheme(scheme)
    page.resize(*size)
    page.open("#/switches")
    page.read("all of tenant acme", "#stopped")
    judged(page, f"{look}-stopped")
    page.go("#/executions/emea/letter-lost-9")
    page.press("act-resolve")
    judged(page, f"{look}-dialog")
    page.one("input[value=no]").click()
    page.type("#field-evidence", "no such letter in the outbox")
    page.press("dialog-check")
    page.read("Allowed.", ".verdict")
    judged(page, f"{look}-dialog-checked")
    page.keys(ESCAPE)
    page.press("stop")
    judged(page, f"{look}-dialog-stop")
    page.keys(ESCAPE)
    with page.offline():
        page.script("document.activeElement.blur()")
        page.keys("r")
        page.read("The service cannot be reached.", "#trouble")
        judged(page, f"{look}-offline")
    page.console()


def test_doubt_is_settled_without_a_mouse(page: Page, scene: Scene) -> None:
    page.open()
    page.keys("/")
    page.wait(lambda: page.focused()["id"] == "find")
    page.keys("letter-lost-6", ENTER)
    page.wait(lambda: page.focused()["text"] == "letter-lost-6")
    reach(page, "act-resolve")
    page.keys(ENTER)
    page.wait(lambda: page.script("return document.activeElement.value") == "yes")
    page.keys(DOWN, TAB)
    page.wait(lambda: page.focused()["id"] == "field-evidence")
    page.keys("no such letter in the outbox", TAB)
    reach(page, "dialog-check")
    page.keys(ENTER)
    page.wait(lambda: page.focused()["key"] == "dialog-confirm")
    page.keys(ENTER)
    page.read("Failed", ".standing")
    assert scene.status("letter-lost-6")["error_code"] == "RESOLVED_NOT_HAPPENED"
    page.console()


def from_the_top(page: Page) -> None:
    page.script("document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex');")


def reach(page: Page, key: str, most: int = 20) -> None:
    for _ in range(most):
        if page.focused()["key"] == key:
            return
        page.keys(TAB)
    raise AssertionError(f"{key} is not reached by Tab")


def test_tab_goes_through_the_page_in_order_and_is_seen_wherever_it_is(page: Page) -> None:
    page.open("#/in-doubt")
    from_the_top(page)
    stops = []
    for _ in range(12):
        page.keys(TAB)
        stops.append(page.focused())
        outline = page.script(
            "const it = getComputedStyle(document.activeElement); return it.outlineStyle + it.outlineWidth"
        )
        assert outline == "solid2px", stops[-1]
    keys = [it["key"] for it in stops]
    assert stops[0]["id"] == "skip"
    frame = ["nav-executions", "nav-in-doubt", "nav-switches", "pause", "theme", "keys", "leave", "stop"]
    assert keys[1:9] == frame
    assert str(keys[9]).startswith("doubt-")
    assert str(keys[10]).startswith("resolve-")


def test_the_skip_link_leads_past_the_frame(page: Page) -> None:
    page.open("#/in-doubt")
    from_the_top(page)
    page.keys(TAB, ENTER)
    page.wait(lambda: page.focused()["id"] == "main")
    page.keys(TAB)
    assert str(page.focused()["key"]).startswith("doubt-")
    assert page.driver.current_url.endswith("#/in-doubt")


def test_single_keys_go_to_views_and_rows_and_can_be_turned_off(page: Page) -> None:
    page.open()
    page.keys("j", "j")
    page.wait(lambda: page.focused()["text"] == page.texts(".executions .c-intent")[1])
    page.keys("i")
    page.read("In doubt", "main h1")
    page.keys("?")
    page.read("these keys", "dialog")
    page.keys(SPACE, ESCAPE)
    page.wait(lambda: not page.seen("dialog"))
    page.keys("e")
    page.keys("?")
    assert page.text("main h1") == "In doubt"
    assert not page.seen("dialog")


def test_landmarks_headings_and_the_live_region_are_where_they_are_looked_for(page: Page) -> None:
    page.open()
    landmarks = page.script(
        "return ['header', 'nav', 'main', 'dialog'].map((it) => document.querySelectorAll(`body ${it}`).length)"
    )
    assert landmarks == [1, 2, 1, 1]
    assert page.script("return document.querySelectorAll('h1').length") == 1
    assert page.script("return document.querySelector('#said').getAttribute('aria-live')") == "polite"
    assert page.script("return document.title") == "Executions · actonce"
