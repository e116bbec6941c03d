"""What an operator sees: the list, its filters and pages, one execution, the inbox."""

from __future__ import annotations

import json

import pytest

from tests.api.browser.page import Page
from tests.api.browser.scene import TENANT, Scene, letter, note

pytestmark = pytest.mark.service


def test_the_token_leaves_the_address_at_once_and_stays_in_this_tab_only(page: Page) -> None:
    page.open()
    assert "token" not in page.driver.current_url
    assert page.script("return sessionStorage.length") == 1
    assert page.script("return Object.values(localStorage).join() + document.cookie") == ""
    assert page.service.token not in page.script("return document.documentElement.outerHTML")


def test_the_list_is_newest_first_as_the_command_line_has_it(page: Page, scene: Scene) -> None:
    page.open()
    lines = scene.command("list", "-t", TENANT, "--json").splitlines()
    assert page.texts(".executions tbody .c-intent") == [json.loads(it)["action_intent_id"] for it in lines][:25]


def test_each_status_is_told_by_a_word_and_a_shape_of_its_own(page: Page) -> None:
    page.open()
    words = page.texts(".strip li")
    shapes = page.script(
        "return [...document.querySelectorAll('.strip li')].map((it) => it.querySelector('path').getAttribute('d'))"
    )
    assert {it.split(maxsplit=1)[1] for it in words} >= {"in doubt", "failed", "succeeded"}
    assert len(set(shapes)) == len(words)


def test_older_pages_are_reached_by_their_token_and_newer_ones_again(page: Page) -> None:
    page.open()
    first = page.texts(".executions tbody .c-intent")
    page.press("older")
    page.read("Page 2", ".pager")
    second = page.wait(lambda: [it for it in [page.texts(".executions tbody .c-intent")] if it != first])[0]
    assert not set(first) & set(second)
    page.press("newer")
    page.wait(lambda: page.texts(".executions tbody .c-intent") == first)
    assert not page.one('[data-key="newer"]').is_enabled()


def test_filters_stand_in_the_address_and_leave_only_what_is_asked_for(page: Page) -> None:
    page.open()
    page.script(
        "const it = document.querySelector('[name=status]'); it.value = 'FAILED'; it.dispatchEvent(new Event('change'))"
    )
    page.wait(lambda: set(page.texts(".executions tbody .badge")) == {"Failed"})
    assert page.driver.current_url.endswith("#/executions?status=FAILED")
    page.go("#/executions?account=apac")
    page.wait(lambda: set(page.texts(".executions tbody .c-account")) == {"apac"})


def test_a_status_that_nothing_stands_in_says_so_and_leads_back(page: Page) -> None:
    page.open("#/executions?status=RUNNING")
    page.read("No execution is like this.")
    page.one(".empty a").click()
    page.wait(lambda: len(page.texts(".executions tbody tr")) == 25)


def test_an_intent_is_found_by_its_exact_id_in_whichever_account(page: Page) -> None:
    page.open()
    page.type("#find", "note-03\n")
    page.read("note-03", "main h1")
    assert page.driver.current_url.endswith("#/executions/apac/note-03")
    assert all("404" in it for it in page.console())


def test_an_id_that_is_nowhere_and_one_that_is_none_are_told_apart(page: Page) -> None:
    page.open()
    page.type("#find", "note-404\n")
    page.read("No execution of this id in your accounts.", "#found")
    page.one("#find").clear()
    page.type("#find", "no id\n")
    page.read("An id has 1 to 128", "#found")
    assert [it for it in page.console() if "404" not in it] == []


def test_what_waits_for_a_worker_is_found_though_no_list_has_it(page: Page, scene: Scene) -> None:
    scene.publish(note("note-waiting"))
    page.open()
    page.type("#find", "note-waiting\n")
    page.read("Pending", ".standing")
    assert all("404" in it for it in page.console())


def test_a_timeline_shows_what_was_sent_what_is_on_record_and_that_the_chain_holds(page: Page) -> None:
    page.open("#/executions/emea/letter-sent")
    page.read("Succeeded", ".standing")
    assert page.texts(".entry .what > :is(h3, h4)") == [
        "EXECUTION_STARTED",
        "EFFECT_PREPARED",
        "EFFECT_SETTLED",
        "ACTION_EXECUTED",
    ]
    assert "Verified: 4 entries" in page.text(".chain .seal")
    assert "APPLIED" in page.text(".effect .sends")
    assert "actonce timeline letter-sent -t acme -a emea" in page.texts(".commands code")
    link = page.one("aside .refs a")
    assert (link.get_attribute("href"), link.get_attribute("rel")) == (
        "https://letters.example/4711",
        "noopener noreferrer",
    )


def test_a_record_opens_to_the_body_and_the_hashes_that_seal_it(page: Page) -> None:
    page.open("#/executions/emea/letter-sent")
    page.one(".entry:nth-child(2) summary").click()
    page.read("request_sha256", ".entry:nth-child(2) pre")
    seals = page.texts(".entry:nth-child(2) .record dd")
    page.one(".entry:nth-child(1) summary").click()
    assert page.texts(".entry:nth-child(1) .record dd")[0] == seals[1]


def test_a_reading_by_itself_keeps_the_focus_and_what_was_opened(page: Page, scene: Scene) -> None:
    page.open("#/executions/emea/letter-lost-1")
    page.one(".entry:nth-child(1) summary").click()
    scene.command("resolve", "letter-lost-1", "--happened", "-e", "seen in the outbox", "-t", "acme", "-a", "emea")
    page.later()
    page.read("OPERATOR_RESOLVED", ".entries")
    assert page.seen(".entry:nth-child(1) details[open]")
    assert page.focused()["text"] == "Record 1"


def test_the_inbox_says_why_something_is_parked_and_from_when_on_it_can_be_resolved(page: Page, scene: Scene) -> None:
    scene.run(letter("letter-just-lost", "cut the line"))
    page.open("#/in-doubt")
    page.read("letter-just-lost", ".inbox")
    card = next(it for it in page.texts(".card") if "letter-just-lost" in it)
    assert "nothing can tell whether it happened" in card
    assert "can be resolved at" in card
    assert "Can be resolved now." in next(it for it in page.texts(".card") if "letter-lost-9" in it)
    assert page.text("[data-key=nav-in-doubt] .count") == str(len(page.texts(".card")))


def test_the_inbox_says_in_words_that_more_waits(page: Page) -> None:
    page.open()
    page.script(
        "const ask = window.fetch;"
        "window.fetch = async (...given) => {"
        "  const answer = await ask(...given);"
        "  if (!String(given[0].url ?? given[0]).includes('/in-doubt')) return answer;"
        "  const told = { ...(await answer.json()), is_partial: true };"
        "  if (location.hash.endsWith('none')) told.executions = [];"
        "  return new Response(JSON.stringify(told), answer);"
        "};"
    )
    page.go("#/in-doubt")
    page.read("More is in doubt than is shown", ".inbox")
    page.read("+", "[data-key=nav-in-doubt] .count")
    page.go("#/in-doubt?none")
    page.read("Nothing of your accounts is among the newest in doubt.", ".inbox")
    page.read("some of it may be yours", ".inbox")


def test_the_chart_says_the_same_as_its_table(page: Page) -> None:
    page.open()
    page.one(".chart summary").click()
    cells = page.texts(".chart tbody td")
    bars = page.script("return document.querySelectorAll('.chart rect').length")
    assert bars == len([it for it in cells if it != "0"]) > 0
    assert str(sum(int(it) for it in cells)) in page.text("figcaption")
    assert page.script("return document.querySelector('.chart svg title').textContent") == "Executions by hour"


def test_an_address_that_names_no_view_leads_back(page: Page) -> None:
    page.open("#/nowhere")
    page.read("There is no such view", "main h1")


def test_the_theme_is_chosen_by_hand_and_kept(page: Page) -> None:
    page.open()
    light = page.script("return getComputedStyle(document.body).backgroundColor")
    page.press("theme")
    page.wait(lambda: page.script("return getComputedStyle(document.body).backgroundColor") != light)
    page.driver.refresh()
    page.read("Dark", "#tools")
