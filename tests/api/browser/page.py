"""The page in the browser, as an operator meets it: what is there to read, to press and to type into."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from tests.api.browser.scene import Service
from tests.npm_packages import ROOT

SCREENSHOTS = ROOT / "build" / "screenshots"
WITHIN_S, POLL_S = 30, 0.05
DESK, PHONE = (1280, 900), (320, 640)

T = TypeVar("T")


class Page:
    """One tab. Every wait is for something to be seen, and is bounded."""

    def __init__(self, driver: Chrome, service: Service) -> None:
        self.driver = driver
        self.service = service

    def open(self, path: str = "#/executions") -> None:
        """Come with the token, then go to a view by its address."""
        self.visit(f"#token={self.service.token}")
        self.wait(lambda: self.seen("main table, main .empty") and not self.is_loading())
        self.go(path)

    def visit(self, fragment: str) -> None:
        """Load the page anew, as a new tab would."""
        self.driver.get("about:blank")
        self.driver.get(f"{self.service.origin}/console{fragment}")

    def forget(self) -> None:
        """Leave nothing of an earlier test in the browser."""
        self.resize(*DESK)
        self.scheme("light")
        self.driver.get(f"{self.service.origin}/health")
        self.script("sessionStorage.clear(); localStorage.clear();")
        self.console()

    def go(self, path: str) -> None:
        """Go to a view by its address, and wait until it shows something."""
        if not self.driver.current_url.endswith(path):
            self.script("document.querySelector('main h1').id = 'of-before'; location.hash = arguments[0]", path)
        self.wait(lambda: self.seen("main h1:not(#of-before)") and not self.is_loading())

    def is_loading(self) -> bool:
        return bool(self.script("return document.querySelector('main').ariaBusy === 'true'"))

    def wait(self, condition: Callable[[], T]) -> T:
        """Wait until the condition holds; what is built anew in the middle of a look is looked at again."""
        waiting = WebDriverWait(
            self.driver, WITHIN_S, poll_frequency=POLL_S, ignored_exceptions=[StaleElementReferenceException]
        )
        return waiting.until(lambda _: condition())

    def kept(self) -> Any:  # noqa: ANN401 - as script returns
        """Return what the page has stored in this tab and this browser."""
        return self.script("return {...sessionStorage, ...localStorage}")

    def read(self, text: str, place: str = "body") -> None:
        """Wait until a text can be read."""
        try:
            self.wait(lambda: text in self.text(place))
        except WebDriverException as late:
            raise AssertionError(f"{text!r} is not in {place}: {self.text(place)!r}") from late

    def text(self, place: str) -> str:
        """Return what can be read at a place, as it is shown."""
        return str(self.script("return document.querySelector(arguments[0])?.innerText ?? ''", place))

    def texts(self, selector: str) -> list[str]:
        found = self.script(
            "return [...document.querySelectorAll(arguments[0])].map((it) => it.innerText.trim())", selector
        )
        return [str(it) for it in found]

    def seen(self, selector: str) -> list[WebElement]:
        return [it for it in self.driver.find_elements(By.CSS_SELECTOR, selector) if it.is_displayed()]

    def one(self, selector: str) -> WebElement:
        """Return the first that is seen, once it is."""
        return self.wait(lambda: self.seen(selector))[0]

    def press(self, key: str) -> None:
        """Press a button by its key."""
        self.one(f'[data-key="{key}"]').click()

    def type(self, selector: str, text: str) -> None:
        self.one(selector).send_keys(text)

    def keys(self, *keys: str) -> None:
        """Type to whatever has the focus."""
        ActionChains(self.driver, duration=0).send_keys(*keys).perform()

    def focused(self) -> dict[str, Any]:
        """Return the focused element: its key, its name and its text."""
        told: dict[str, Any] = self.script(
            "const it = document.activeElement;"
            "return {key: it.dataset.key ?? null, tag: it.tagName, text: it.innerText, id: it.id}"
        )
        return told

    def script(self, text: str, *values: object) -> Any:  # noqa: ANN401 - whatever the script returns
        return self.driver.execute_script(text, *values)

    def resize(self, width: int, height: int) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < DESK[0]}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def scheme(self, name: str) -> None:
        """Prefer light or dark, and no motion."""
        features = [
            {"name": "prefers-color-scheme", "value": name},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    @contextmanager
    def offline(self) -> Iterator[None]:
        """Take the network away for a while."""
        self._network(is_offline=True)
        try:
            yield
        finally:
            self._network(is_offline=False)

    def _network(self, *, is_offline: bool) -> None:
        self.driver.execute_cdp_cmd("Network.enable", {})
        conditions = {"offline": is_offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        self.driver.execute_cdp_cmd("Network.emulateNetworkConditions", conditions)

    def later(self, by_s: int = 60) -> None:
        """Put the tab's clock on, so that what is due in a while is due now."""
        self.script("const before = Date.now, by = arguments[0] * 1000; Date.now = () => before() + by;", by_s)

    def console(self) -> list[str]:
        """Return what the browser's console has said since the last look.

        But for the icon that the browser looks for where ``forget`` goes, a moment later; the console names its own.
        """
        icon = f"{self.service.origin}/favicon.ico "
        said = self.driver.get_log("browser")  # type: ignore[no-untyped-call]
        return [json.dumps(it) for it in said if not it["message"].startswith(icon)]

    def shoot(self, name: str) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.driver.save_screenshot(str(SCREENSHOTS / f"{name}.png"))
