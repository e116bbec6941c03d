"""Text of others is text: nothing of it becomes markup, a script, an address that runs, or a turn of the writing."""

from __future__ import annotations

import pytest

from tests.api.browser.office import CANARY, TURNED, URL
from tests.api.browser.page import Page
from tests.api.browser.scene import Scene, note

pytestmark = pytest.mark.service


def harmless(page: Page) -> None:
    """Nothing ran, and nothing stands in the page that only markup in a text could have made."""
    assert page.script("return window.canary ?? null") is None
    assert page.script("return document.querySelectorAll('main img, main script, main iframe, dialog img').length") == 0
    assert page.script("return document.querySelectorAll('[onload], [onerror], [style], [srcdoc]').length") == 0
    links = page.script("return [...document.querySelectorAll('a')].map((it) => it.protocol)")
    assert set(links) <= {"http:", "https:"}


def test_what_the_external_system_named_is_shown_as_it_was_named(page: Page) -> None:
    page.open("#/executions/emea/letter-hostile")
    page.read("Succeeded", ".standing")
    assert CANARY in page.text("aside .refs")
    assert URL in page.text("aside .refs")
    harmless(page)


def test_why_it_refused_is_shown_as_it_was_told(page: Page) -> None:
    page.open("#/executions?status=FAILED")
    page.read(CANARY, ".executions")
    harmless(page)
    page.go("#/executions/emea/letter-hostile-refused")
    page.read(CANARY, ".head")
    page.one(".entry:last-child summary").click()
    harmless(page)


def test_an_operators_evidence_and_reason_are_shown_as_they_were_typed(page: Page, scene: Scene) -> None:
    words = ("--happened", "-e", CANARY, "--reason", CANARY)
    scene.command("resolve", "letter-lost-7", *words, "-t", "acme", "-a", "emea")
    page.open("#/executions/emea/letter-lost-7")
    page.read("OPERATOR_RESOLVED", ".entries")
    assert page.text(".entries").count(CANARY) == 2
    page.one(".entry:last-child summary").click()
    harmless(page)


def test_what_an_operator_types_into_the_dialog_stays_text(page: Page) -> None:
    page.open("#/executions/emea/letter-lost-8")
    page.press("act-resolve")
    page.one("input[value=yes]").click()
    page.type("#field-evidence", CANARY)
    page.press("dialog-check")
    page.read("Allowed.", ".verdict")
    assert "onerror" in page.text(".same")
    harmless(page)


def test_parameters_and_approvals_of_a_publisher_do_no_harm(page: Page, scene: Scene) -> None:
    scene.run(note("note-hostile", CANARY, approved_by=CANARY))
    page.open("#/executions/emea/note-hostile")
    page.read("Succeeded", ".standing")
    for entry in page.seen(".entry summary"):
        entry.click()
    harmless(page)


@pytest.mark.parametrize(
    "address", ["javascript:window.canary=1", "data:text/html,<script>1</script>", "//evil.example"]
)
def test_an_address_that_would_run_or_lead_astray_is_no_link(page: Page, scene: Scene, address: str) -> None:
    page.open()
    scene.sql(
        "UPDATE outcomes SET body = json_set(body, '$.external_object_refs[0].object_url', ?) WHERE intent_id = ?",
        address,
        "note-06",
    )
    page.go("#/executions/apac/note-06")
    page.read(address, "aside .refs")
    assert not page.seen("aside .refs a")
    harmless(page)


def test_marks_that_turn_the_writing_are_shown_by_their_number(page: Page, scene: Scene) -> None:
    scene.sql(
        "UPDATE outcomes SET body = json_set(body, '$.external_object_refs[0].object_id', ?) WHERE intent_id = ?",
        f"{TURNED}\u0007",
        "note-07",
    )
    page.open("#/executions/emea/note-07")
    page.read("abc\\u202edcba\\u0007", "aside .refs")


def test_an_address_with_markup_in_it_names_nothing(page: Page) -> None:
    page.open()
    page.script("location.hash = arguments[0]", f"#/executions/{CANARY}/{CANARY}?status={CANARY}")
    page.read("There is no such view", "main h1")
    harmless(page)


def test_the_policy_is_in_force_should_a_text_ever_become_markup(page: Page) -> None:
    page.open()
    page.script(
        "const it = document.createElement('div'); it.innerHTML = arguments[0]; document.body.append(it);"
        "const script = document.createElement('script'); script.textContent = 'window.canary = 1';"
        "document.body.append(script);",
        CANARY,
    )
    page.wait(lambda: [it for it in page.console() if "Content Security Policy" in it])
    assert page.script("return window.canary ?? null") is None
    page.console()
