"""What the page says when something does not work: no token, no network, no store, a broken record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.api.browser.page import Page
from tests.api.browser.scene import Scene, serving

pytestmark = pytest.mark.service


@contextmanager
def unreadable(scene: Scene, intent: str) -> Iterator[None]:
    """Put a field of a newer version into a row, which this version must not read."""
    where = "WHERE intent_id = ?"
    scene.sql(f"UPDATE attempts SET body = json_set(body, '$.of_a_newer_version', 1) {where}", intent)
    try:
        yield
    finally:
        scene.sql(f"UPDATE attempts SET body = json_remove(body, '$.of_a_newer_version') {where}", intent)


def test_without_a_token_it_asks_for_one_and_opens_what_was_asked_for(page: Page) -> None:
    page.visit("#/executions/emea/letter-sent")
    page.read("Who calls?", "main h1")
    assert not page.seen("#nav, #tools, #halt")
    page.type("#token", f"Bearer {page.service.token}\n")
    page.one("main button").click()
    page.read("Succeeded", ".standing")


def test_a_token_that_is_not_taken_is_forgotten_and_asked_for_again(page: Page) -> None:
    page.visit("#token=not.a.token")
    page.read("The token is not taken", "main")
    assert page.script("return sessionStorage.length") == 0
    assert all("401" in it for it in page.console())


def test_a_token_of_a_service_that_was_started_anew_is_asked_for_again(page: Page, scene: Scene) -> None:
    with serving(scene, role="reader") as first:
        tab = Page(page.driver, first)
        tab.open()
    tab.keys("r")
    tab.read("The service cannot be reached.", "#trouble")
    assert len(tab.texts(".executions tbody tr")) == 25
    with serving(scene, role="reader", port=int(first.origin.rpartition(":")[2])):
        tab.press("again")
        tab.read("The token is not taken", "main")
    assert all("401" in it or "ERR_CONNECTION_REFUSED" in it for it in page.console())


def test_leaving_forgets_the_token(page: Page) -> None:
    page.open()
    page.press("leave")
    page.read("Who calls?", "main h1")
    assert page.script("return sessionStorage.length") == 0


def test_a_lost_connection_keeps_what_was_read_and_says_how_old_it_is(page: Page) -> None:
    page.open()
    with page.offline():
        page.keys("r")
        page.read("The service cannot be reached. Shown is what was read at", "#trouble")
        assert len(page.texts(".executions tbody tr")) == 25
    page.press("again")
    page.wait(lambda: not page.seen("#trouble"))
    assert all("ERR_INTERNET_DISCONNECTED" in it for it in page.console())


def test_a_store_that_cannot_be_read_is_told_and_left_behind_when_it_can(page: Page, scene: Scene) -> None:
    page.open()
    page.press("older")
    page.read("Page 2", ".pager")
    page.press("newer")
    with unreadable(scene, "letter-hostile"):
        page.keys("r")
        page.read("The store cannot be used now", "#trouble")
        page.go("#/in-doubt")
        page.script("location.hash = '#/executions/emea/letter-hostile'")
        page.read("The store cannot be used now", "main h1")
    page.press("again")
    page.read("Succeeded", ".standing")
    assert all("503" in it for it in page.console())


def test_a_fault_of_the_service_is_told_without_its_inside(page: Page, scene: Scene) -> None:
    page.open()
    scene.sql("UPDATE ledger SET at_ms = 9000000000000000 WHERE subject = 'emea/note-05' AND sequence = 2")
    page.script("location.hash = '#/executions/emea/note-05'")
    page.read("The service failed", "main h1")
    assert page.text("main p") == "Internal server error"
    assert all("500" in it for it in page.console())


def test_an_entry_whose_body_cannot_be_read_is_a_broken_chain_and_no_fault_of_the_service(
    page: Page, scene: Scene
) -> None:
    scene.sql("UPDATE ledger SET body = body || '}' WHERE subject = 'emea/note-07' AND sequence = 2")
    page.open("#/executions/emea/note-07")
    page.read("Ledger BROKEN", ".standing")
    assert "BROKEN: entry 2 was changed" in page.text(".chain")


def test_a_broken_chain_is_said_loudly_and_where(page: Page, scene: Scene) -> None:
    scene.sql(
        "UPDATE ledger SET body = json_set(body, '$.tool', 'mail.burn_letter')"
        " WHERE subject = 'emea/note-04' AND sequence = 2"
    )
    page.open("#/executions/emea/note-04")
    page.read("Ledger BROKEN", ".standing")
    assert "BROKEN: entry 2 was changed" in page.text(".chain")
    page.press("seal")
    assert page.focused()["id"] == "ledger"


def test_an_execution_that_is_not_there_and_an_account_of_others_are_told_by_the_services_word(page: Page) -> None:
    page.open()
    page.script("location.hash = '#/executions/emea/note-404'")
    page.read("Execution not found", "main")
    page.script("location.hash = '#/executions/elsewhere/note-01'")
    page.read("Forbidden", "main h1")
    assert all("404" in it or "403" in it for it in page.console())


def test_a_tenant_in_which_nothing_happened_yet_is_told_so_in_every_view(
    page: Page, as_role: Callable[..., Page]
) -> None:
    fresh = as_role("operator", tenant="fresh")
    fresh.open()
    fresh.read("Nothing was executed yet.")
    assert not fresh.seen(".chart")
    fresh.go("#/in-doubt")
    fresh.read("Nothing of your accounts is in doubt.")


def test_reading_by_itself_is_paused_and_goes_on(page: Page, scene: Scene) -> None:
    page.open("#/executions/emea/letter-lost-10")
    page.press("pause")
    page.read("paused", "#read")
    page.read("Paused: nothing is read by itself.", "#said")
    words = ("--did-not-happen", "-e", "not in the outbox", "-t", "acme", "-a", "emea")
    scene.command("resolve", "letter-lost-10", *words)
    page.later(7_200)
    page.read("2 h ago", "aside")
    assert "In doubt" in page.text(".standing")
    page.press("pause")
    page.read("Failed", ".standing")


def test_what_the_browser_looks_for_by_itself_is_not_held_against_the_console_and_all_else_is(page: Page) -> None:
    page.open()
    page.script("return fetch('/favicon.ico')")
    page.script("return fetch('/nothing.ico')")
    (said,) = page.console()
    assert "/nothing.ico" in said
