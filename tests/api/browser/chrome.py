"""A real Chromium, driven by the chromedriver that the distribution ships with it; nothing is downloaded."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

LOAD_LIMIT_S = 20
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",  # CI is root in a container; the pages are ours
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--no-first-run",
    "--force-color-profile=srgb",
    "--lang=en",
)


def missing() -> str | None:
    """Say in a line what to install, if anything."""
    if browser() is None or shutil.which("chromedriver") is None:
        return "Chromium or its driver is missing. On Debian: apt-get install chromium chromium-driver"
    return None


def browser() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def driving() -> Iterator[webdriver.Chrome]:
    """Yield a browser with a profile of its own; what its console says is kept."""
    with TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile:
        options = webdriver.ChromeOptions()
        options.binary_location = browser() or ""
        for argument in (*ARGUMENTS, f"--user-data-dir={profile}"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        service = Service(shutil.which("chromedriver"), log_output=str(Path(profile, "driver.log")))
        driver = webdriver.Chrome(options=options, service=service)
        try:
            driver.set_page_load_timeout(LOAD_LIMIT_S)
            driver.set_script_timeout(LOAD_LIMIT_S)
            yield driver
        finally:
            driver.quit()
