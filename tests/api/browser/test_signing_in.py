"""Signing in at a provider: a code with PKCE becomes the token, and whatever is not right is said and takes nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest
from selenium.webdriver import Chrome

from tests.api.browser import axe
from tests.api.browser.axe import LOOKS, judged
from tests.api.browser.office import CANARY
from tests.api.browser.page import Page
from tests.api.browser.provider import TABLE, Provider, Query, Reply, challenge_of, providing
from tests.api.browser.replies import REPLIES, document
from tests.api.browser.scene import Scene, Service, serving
from tests.api.browser.test_hostile_text import harmless
from tests.api.callers import AUDIENCE, ISSUER, OPERATOR
from tests.emulators.server import need

pytestmark = pytest.mark.service

VIEW = "#/executions/emea/letter-sent"


@pytest.fixture(scope="module")
def provider(driver: Chrome) -> Iterator[Provider]:
    with providing() as provider:
        yield provider


@pytest.fixture(scope="module")
def service(scene: Scene, provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One that takes the provider's tokens, and prints none of its own."""
    keys = provider.issuer.write(tmp_path_factory.mktemp("keys"))
    table = TABLE.format(issuer=ISSUER, audience=AUDIENCE, keys=keys, url=provider.url)
    config = scene.folder / "signing-in.toml"
    config.write_text(scene.config.read_text(encoding="utf-8") + table, encoding="utf-8")
    with serving(scene, role="operator", config=config) as service:
        provider.redirect_uri = f"{service.origin}/console"
        yield service


@pytest.fixture(autouse=True)
def at_rest(provider: Provider) -> None:
    provider.reset()


def leave(page: Page, view: str = VIEW) -> None:
    """Come without a token, and go to the provider."""
    page.visit(view)
    page.press("sign-in")
    page.read("The provider", "h1")


def refused(page: Page, told: str, *codes: str) -> None:
    """Said aloud; nothing is kept, the address is clean, the way in is offered again."""
    page.read(told, "main [role=alert]")
    page.one('[data-key="sign-in"]')
    assert page.kept() == {}
    assert "?" not in page.driver.current_url
    harmless(page)
    # What the provider answers badly, the browser notes as well.
    assert all(any(code in it for code in codes) for it in page.console())


def test_a_person_who_signs_in_sees_what_was_asked_for_and_only_the_id_token_is_kept(
    page: Page, provider: Provider
) -> None:
    leave(page)
    page.one("#approve").click()
    page.read("Succeeded", ".standing")
    assert provider.faults == []
    assert page.kept() == {"actonce.token": provider.issued[0]}
    assert page.driver.current_url == f"{provider.redirect_uri}{VIEW}"
    assert page.script("return document.cookie") == ""
    assert page.text("#caller") == "acme · ada (operator)"


def test_the_tab_stays_signed_in_when_it_is_loaded_anew_and_the_code_is_redeemed_once(
    page: Page, provider: Provider
) -> None:
    leave(page)
    page.one("#approve").click()
    page.read("Succeeded", ".standing")
    page.driver.refresh()
    page.read("Succeeded", ".standing")
    assert provider.redeemed == 1


def test_no_secret_is_used_twice_and_none_of_the_verifier_leaves_the_tab(page: Page, provider: Provider) -> None:
    secrets = []
    for _ in range(2):
        leave(page)
        page.driver.back()
        page.one('[data-key="sign-in"]')
        secrets.append(json.loads(page.kept()["actonce.signin"]))
    for begun, asked in zip(secrets, provider.asked, strict=True):
        assert asked["code_challenge"] == challenge_of(begun["verifier"])
        assert begun["verifier"] not in json.dumps(asked)
        assert (asked["state"], asked["nonce"]) == (begun["state"], begun["nonce"])
    drawn = [it[name] for it in secrets for name in ("verifier", "state", "nonce")]
    assert len(set(drawn)) == len(drawn)


def test_who_goes_back_without_signing_in_can_begin_anew_and_what_was_begun_first_is_not_taken(
    page: Page, provider: Provider
) -> None:
    leave(page)
    first = page.one("#approve").get_attribute("href")
    page.driver.back()
    page.press("sign-in")
    page.read("The provider", "h1")
    assert first is not None
    page.driver.get(first)
    refused(page, "this tab did not ask for it")
    assert provider.redeemed == 0
    page.press("sign-in")
    page.one("#approve").click()
    page.read("Executions", "main h1")
    assert provider.faults == []


def test_a_person_who_denies_is_told_so_and_comes_back_to_what_was_asked_for(page: Page, provider: Provider) -> None:
    leave(page)
    page.one("#deny").click()
    refused(page, "The provider refused: access_denied: The person said no.")
    assert (provider.redeemed, page.driver.current_url) == (0, f"{provider.redirect_uri}{VIEW}")
    page.press("sign-in")
    page.one("#approve").click()
    page.read("Succeeded", ".standing")


def test_the_providers_words_stay_text_and_are_shortened(page: Page, provider: Provider) -> None:
    provider.denial = CANARY + "x" * 2_000
    leave(page)
    page.one("#deny").click()
    refused(page, CANARY)
    assert len(page.text("main [role=alert]")) < 600


@pytest.mark.parametrize(
    "state", [{"state": "x" * 43}, {"state": ""}, {}], ids=["another state", "an empty state", "no state"]
)
def test_a_code_without_the_state_of_this_tab_is_refused_and_not_redeemed(
    page: Page, provider: Provider, state: Query
) -> None:
    def tampered(query: Query) -> Query:
        return {name: value for name, value in query.items() if name != "state"} | state

    provider.back = tampered
    leave(page)
    page.one("#approve").click()
    refused(page, "this tab did not ask for it")
    assert provider.redeemed == 0


def test_an_address_that_somebody_made_up_takes_nothing_shows_nothing_of_its_words_and_signs_nobody_out(
    page: Page, provider: Provider
) -> None:
    page.driver.get(f"{provider.redirect_uri}?error=call_0800&error_description=Call+0800&state=x")
    refused(page, "this tab did not ask for it")
    assert "0800" not in page.text("body")
    token = provider.issuer.token(OPERATOR)
    page.type("#token", token)
    page.one("main form button").click()
    page.read("Executions", "main h1")
    page.driver.get(f"{provider.redirect_uri}?code=theirs&state=theirs")
    page.read("this tab did not ask for it", "#said")
    assert page.kept() == {"actonce.token": token}
    assert provider.redeemed == 0


def test_a_code_that_is_there_twice_is_none(page: Page, provider: Provider) -> None:
    leave(page)
    state = provider.asked[0]["state"]
    page.driver.get(f"{provider.redirect_uri}?code=one&code=two&state={state}")
    refused(page, "The provider sent no code.")


def test_what_was_begun_too_long_ago_is_not_taken(page: Page, provider: Provider) -> None:
    leave(page)
    approve = page.one("#approve").get_attribute("href")
    page.driver.back()
    page.one('[data-key="sign-in"]')
    page.script(
        "const it = JSON.parse(sessionStorage.getItem('actonce.signin')); it.at -= 31 * 60000;"
        "sessionStorage.setItem('actonce.signin', JSON.stringify(it));"
    )
    assert approve is not None
    page.driver.get(approve)
    refused(page, "It took too long.")
    assert provider.redeemed == 0


@pytest.mark.parametrize("name", REPLIES)
def test_a_token_endpoint_that_gives_no_token_is_told_of_and_nothing_is_kept(
    page: Page, provider: Provider, name: str
) -> None:
    provider.reply, told = REPLIES[name]
    leave(page)
    page.one("#approve").click()
    status = provider.reply.status
    noted = ("ERR_FAILED", "CORS", "ERR_CONTENT_LENGTH_MISMATCH") if status < 400 else (f"status of {status}",)
    refused(page, told, *noted)
    assert provider.redeemed == 1


def test_an_id_token_that_was_made_for_another_sign_in_is_not_taken(page: Page, provider: Provider) -> None:
    for nonce in ("x" * 43, None):
        provider.reply = Reply(200, document(**provider.answer(nonce)))
        leave(page)
        page.one("#approve").click()
        refused(page, "is not for this sign-in.")


def test_a_token_that_is_not_taken_any_more_is_forgotten_and_the_sign_in_offered_again(
    page: Page, provider: Provider
) -> None:
    leave(page)
    page.one("#approve").click()
    page.read("Succeeded", ".standing")
    over = provider.issuer.token(OPERATOR, exp=int(time.time()) - 60)
    page.script("sessionStorage.setItem('actonce.token', arguments[0])", over)
    page.keys("r")
    refused(page, "The token is not taken", "401")
    page.press("sign-in")
    page.one("#approve").click()
    page.read("Succeeded", ".standing")


def test_a_token_is_taken_by_hand_beside_the_sign_in(page: Page, provider: Provider) -> None:
    page.visit(VIEW)
    page.read(provider.url.removeprefix("http://"), ".door")
    page.wait(lambda: page.focused()["key"] == "sign-in")
    page.type("#token", f"Bearer {provider.issuer.token(OPERATOR)}")
    page.one("main form button").click()
    page.read("Succeeded", ".standing")
    assert provider.asked == []


def test_a_browser_that_cannot_hash_signs_nobody_in_and_says_why(page: Page, provider: Provider) -> None:
    page.visit(VIEW)
    page.script("Object.defineProperty(crypto, 'subtle', {value: undefined})")
    page.press("sign-in")
    refused(page, "only on a page that came by https")
    assert provider.asked == []


def test_a_link_with_a_token_makes_nobody_the_caller_where_people_sign_in(page: Page, provider: Provider) -> None:
    page.visit(f"#token={provider.issuer.token(OPERATOR)}")
    page.one('[data-key="sign-in"]')
    assert page.kept() == {}
    assert "token" not in page.driver.current_url


def test_whether_one_can_sign_in_is_said_not_to_be_known_where_the_service_does_not_answer(
    page: Page, provider: Provider
) -> None:
    page.visit("")
    page.type("#token", provider.issuer.token(OPERATOR))
    page.one("[type=submit]").click()
    page.read("Executions", "main h1")
    page.driver.refresh()
    page.read("Executions", "main h1")
    with page.offline():
        page.press("leave")
        page.read("Whether you can sign in here is not known: The service cannot be reached.", ".door")
    assert page.seen("#token")
    assert page.kept() == {}
    assert all("ERR_INTERNET_DISCONNECTED" in it for it in page.console())


def test_the_page_may_call_the_token_endpoints_origin_and_no_other(page: Page, provider: Provider) -> None:
    page.visit("")
    page.one('[data-key="sign-in"]')
    asked = (
        "const done = arguments[1]; fetch(arguments[0], {mode: 'no-cors'}).then(() => done('sent'), () => done('no'))"
    )
    other = provider.url.replace("127.0.0.1", "localhost")
    assert page.driver.execute_async_script(asked, f"{provider.url}/elsewhere") == "sent"
    assert page.driver.execute_async_script(asked, f"{other}/elsewhere") == "no"
    assert any("Content Security Policy" in it for it in page.console())


@pytest.mark.parametrize("look", LOOKS)
def test_the_sign_in_keeps_the_rules(page: Page, provider: Provider, look: str) -> None:
    need(axe.PACKAGES.missing())
    scheme, size = LOOKS[look]
    page.scheme(scheme)
    page.resize(*size)
    leave(page)
    page.one("#deny").click()
    page.read("The provider refused", "main")
    page.one('[data-key="sign-in"]')
    judged(page, f"{look}-signing-in")
