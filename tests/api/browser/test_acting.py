"""What an operator does to one execution: first the dry run, then the act, each in words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.api.browser.page import Page
from tests.api.browser.scene import Scene, letter, note

pytestmark = pytest.mark.service

EVIDENCE, REASON = "#field-evidence", "#field-reason"
CHECK, CONFIRM, VERDICT = "dialog-check", "dialog-confirm", ".verdict"


def began(page: Page, act: str, intent: str) -> None:
    page.open(f"#/executions/emea/{intent}")
    page.press(f"act-{act}")


def did_not_happen(page: Page, intent: str, evidence: str) -> None:
    began(page, "resolve", intent)
    page.one("input[value=no]").click()
    page.type(EVIDENCE, evidence)
    page.press(CHECK)
    page.read("Allowed.", VERDICT)


def test_doubt_is_settled_by_an_operators_word_and_evidence(page: Page, scene: Scene) -> None:
    did_not_happen(page, "letter-lost-2", "no such letter in the outbox")
    assert "Would it repeat a write? No." in page.text(VERDICT)
    assert scene.status("letter-lost-2")["status"] == "IN_DOUBT"
    assert page.focused()["key"] == CONFIRM
    page.press(CONFIRM)
    page.read("Failed", ".standing")
    page.read("no such letter in the outbox", ".entries")
    assert scene.status("letter-lost-2")["error_code"] == "RESOLVED_NOT_HAPPENED"
    assert page.focused()["tag"] == "H1"


def test_what_happened_is_settled_from_the_inbox(page: Page, scene: Scene) -> None:
    page.open("#/in-doubt")
    page.press("resolve-doubt-emea/letter-lost-3")
    page.one("input[value=yes]").click()
    page.type(EVIDENCE, "letter 4711 is in the outbox")
    page.press(CHECK)
    page.read("Allowed.", VERDICT)
    page.press(CONFIRM)
    page.wait(lambda: "letter-lost-3" not in page.text(".inbox"))
    document = scene.status("letter-lost-3")
    assert (document["status"], document["evidence"]) == ("SUCCEEDED", "OPERATOR")


def test_without_evidence_nothing_is_asked_of_the_service(page: Page) -> None:
    began(page, "resolve", "letter-lost-4")
    page.one("input[value=yes]").click()
    page.type(EVIDENCE, "   ")
    page.press(CHECK)
    assert page.script("return document.querySelector('#field-evidence').validationMessage") == "Evidence is needed."
    assert page.text(VERDICT) == ""


def test_what_was_checked_is_what_is_done_so_a_changed_text_is_checked_again(page: Page) -> None:
    did_not_happen(page, "letter-lost-4", "not in the outbox")
    page.type(EVIDENCE, ", nor in the bin")
    assert not page.one(f"[data-key={CONFIRM}]").is_enabled()
    assert page.text(VERDICT) == ""
    page.press(CHECK)
    page.read("Allowed.", VERDICT)
    assert page.one(f"[data-key={CONFIRM}]").is_enabled()


def test_the_dialog_says_the_command_line_that_does_the_same(page: Page) -> None:
    did_not_happen(page, "letter-lost-4", "it's not in the outbox")
    same = page.text(".same")
    assert "actonce resolve letter-lost-4 -t acme -a emea --did-not-happen --evidence" in same
    assert "'it'\\''s not in the outbox'" in same


def test_what_may_still_be_under_way_is_refused_and_says_when_to_come_again(page: Page, scene: Scene) -> None:
    scene.run(letter("letter-under-way", "cut the line"))
    began(page, "resolve", "letter-under-way")
    page.one("input[value=no]").click()
    page.type(EVIDENCE, "nothing there yet")
    page.press(CHECK)
    page.read("Refused. The last call may still be under way; try again in", VERDICT)
    assert not page.one(f"[data-key={CONFIRM}]").is_enabled()


def test_what_failed_is_asked_for_again_and_a_worker_sends_it(page: Page, scene: Scene) -> None:
    began(page, "retry", "letter-refused")
    page.type(REASON, "stamps were bought")
    page.press(CHECK)
    page.read("Allowed.", VERDICT)
    page.press(CONFIRM)
    page.read("Running", ".standing")
    page.read("OPERATOR_RETRIED", ".entries")
    scene.work()
    page.read("Failed", ".standing")
    assert scene.status("letter-refused")["run"] == 2


def test_a_retry_that_could_write_twice_says_so_before_it_is_done(page: Page, scene: Scene) -> None:
    words = ("--did-not-happen", "-e", "not in the outbox", "-t", "acme", "-a", "emea")
    scene.command("resolve", "letter-lost-11", *words)
    began(page, "retry", "letter-lost-11")
    page.type(REASON, "it shall still go out")
    page.press(CHECK)
    page.read("Would it repeat a write? It could.", VERDICT)
    assert page.seen(".warned")
    page.press("dialog-close")


def test_what_was_written_is_undone_by_a_worker(page: Page, scene: Scene) -> None:
    began(page, "undo", "note-01")
    page.type(REASON, "wrong customer")
    page.press(CHECK)
    page.read("Allowed.", VERDICT)
    page.press(CONFIRM)
    page.read("wrong customer", ".entries")
    scene.work()
    page.read("COMPLETED", "aside")
    page.read("ACTION_UNDONE", ".entries")
    assert scene.status("note-01")["compensation_status"] == "COMPLETED"


def test_what_no_tool_can_undo_is_refused_in_words(page: Page) -> None:
    began(page, "undo", "letter-sent")
    page.type(REASON, "wrong address")
    page.press(CHECK)
    page.read("Refused. The registry names no tool that undoes this action type", VERDICT)
    assert not page.one(f"[data-key={CONFIRM}]").is_enabled()


def test_what_waits_is_kept_from_being_sent(page: Page, scene: Scene) -> None:
    scene.publish(note("note-unwanted"))
    began(page, "cancel", "note-unwanted")
    page.type(REASON, "approved by mistake")
    page.press(CHECK)
    page.read("Allowed.", VERDICT)
    page.press(CONFIRM)
    page.read("Cancelled", ".standing")
    page.read("Nothing was sent, and nothing will be.", "#said")
    scene.work()
    assert scene.status("note-unwanted")["status"] == "CANCELLED"


def test_what_changed_between_the_check_and_the_act_is_refused_in_words(page: Page, scene: Scene) -> None:
    scene.publish(note("note-raced"))
    began(page, "cancel", "note-raced")
    page.type(REASON, "approved by mistake")
    page.press(CHECK)
    page.read("Allowed.", VERDICT)
    scene.work()
    page.press(CONFIRM)
    page.read("Refused. It is SUCCEEDED already; there is nothing to cancel.", VERDICT)
    assert not page.one(f"[data-key={CONFIRM}]").is_enabled()
    assert all("409" in it for it in page.console())


def test_an_act_without_an_answer_is_not_called_undone(page: Page) -> None:
    did_not_happen(page, "letter-lost-5", "not in the outbox")
    with page.offline():
        page.press(CONFIRM)
        page.read("Whether it was done is not known by this", VERDICT)
    assert all("ERR_INTERNET_DISCONNECTED" in it for it in page.console())


def test_escape_closes_the_dialog_and_gives_the_focus_back(page: Page) -> None:
    began(page, "undo", "note-02")
    page.wait(lambda: page.focused()["id"] == "field-reason")
    page.keys("\ue00c")
    page.wait(lambda: page.focused()["key"] == "act-undo")


def test_a_reader_sees_everything_and_is_offered_no_act(as_role: Callable[..., Page], page: Page) -> None:
    reader = as_role("reader")
    reader.open("#/executions/emea/letter-lost-6")
    reader.read("You may read. An operator can act.", ".head")
    assert not reader.seen(".acts button, #halt button")
    reader.go("#/switches")
    assert not reader.seen("main button")
