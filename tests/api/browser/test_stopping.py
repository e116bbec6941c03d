"""Kill switches: stopped from any view, seen on every view, opened again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.api.browser.page import Page
from tests.api.browser.scene import TENANT, Scene, note

pytestmark = pytest.mark.service

REASON, CONFIRM = "#field-reason", "dialog-confirm"


@pytest.fixture(autouse=True)
def open_again(scene: Scene) -> Iterator[None]:
    yield
    scene.command("resume", "--tenant", TENANT)
    scene.command("resume", "--tenant", TENANT, "--action-type", "SEND_LETTER")
    scene.command("resume", "--global")


def stop(page: Page, what: str) -> None:
    page.press("stop")
    page.one("#field-scope").send_keys(what)
    page.type(REASON, "provider incident")
    page.press(CONFIRM)


def test_a_tenant_is_stopped_and_resumed_and_every_view_says_so(page: Page, scene: Scene) -> None:
    page.open()
    stop(page, "all of tenant")
    page.read("all of tenant acme", "#stopped")
    page.read("Within a second nothing new is sent.", "#said")
    scene.run(note("note-stopped"))
    assert scene.status("note-stopped")["error_code"] == "KILL_SWITCH_ENABLED"
    for path in ("#/in-doubt", "#/executions/emea/note-stopped", "#/switches"):
        page.go(path)
        assert "all of tenant acme" in page.text("#stopped")
    assert "Closed" in next(it for it in page.texts("main tbody tr") if "Tenant acme" in it)
    page.press("banner-TENANT-")
    page.type(REASON, "the provider is back")
    page.press(CONFIRM)
    page.wait(lambda: not page.seen("#stopped"))
    scene.run(note("note-resumed"))
    assert scene.status("note-resumed")["status"] == "SUCCEEDED"


def test_one_action_type_is_stopped_from_its_row(page: Page, scene: Scene) -> None:
    page.open("#/switches")
    page.press("switch-ACTION_TYPE-SEND_LETTER")
    page.type(REASON, "wrong template")
    page.press(CONFIRM)
    page.read("SEND_LETTER", "#stopped")
    page.wait(lambda: any("SEND_LETTER" in it and "Closed" in it for it in page.texts("main tbody tr")))
    assert page.focused()["key"] == "switch-ACTION_TYPE-SEND_LETTER"
    assert "SEND_LETTER" in scene.command("switches")


def test_without_a_reason_nothing_is_stopped(page: Page, scene: Scene) -> None:
    page.open()
    page.press("stop")
    page.press(CONFIRM)
    assert page.script("return document.querySelector('#field-reason').validationMessage") == "Reason is needed."
    assert TENANT not in scene.command("switches")


def test_what_was_stopped_elsewhere_is_seen_when_it_is_read_anew(page: Page, scene: Scene) -> None:
    page.open()
    scene.command("stop", "--tenant", TENANT, "--reason", "by hand")
    page.keys("r")
    page.read("all of tenant acme", "#stopped")
    page.read("The kill switches changed.", "#said")


def test_only_an_installations_operator_is_offered_the_global_switch(
    page: Page, as_role: Callable[..., Page], scene: Scene
) -> None:
    page.open("#/switches")
    assert "an installation operator's" in next(it for it in page.texts("main tbody tr") if "Every tenant" in it)
    page.press("stop")
    assert "every tenant" not in page.text("#field-scope")
    other = as_role("installation-operator")
    other.open()
    stop(other, "every tenant")
    other.read("every tenant", "#stopped")
    assert "every tenant" in scene.command("switches")
    page.open()
    page.read("every tenant", "#stopped")
    assert not page.seen("#stopped button")
