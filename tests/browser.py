"""A real browser for the tests that open our pages: Chromium, with the network switched off.

`conftest.py` loads it as a plugin; a test takes the fixture
``open_page``, a function ``open_page(path, *, width=1400, height=900, scripts=True) -> Opened``::

    def test_the_report_asks_for_nothing_outside(open_page, tmp_path):
        write_report(tmp_path / "report.html", ...)
        opened = open_page(tmp_path / "report.html")
        assert opened.faults == []
        assert opened.page.locator("h1").inner_text() == "..."

``opened.page`` is playwright's own page (synchronous); our policy forbids ``eval``, so
``wait_for_function`` cannot work there: wait for a selector. A missing Chromium skips the test on a
colleague's machine and fails it where the environment says ``CI``.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
INSIDE = ("file:", "data:", "blob:", "about:")


@dataclass(frozen=True)
class Opened:
    """A page in the browser, and what it did that an offline page must not do."""

    page: Page
    requests: list[str] = field(default_factory=list)  # to anything but file:, data:, blob:
    errors: list[str] = field(default_factory=list)  # console errors and uncaught exceptions
    dialogs: list[str] = field(default_factory=list)  # alert() and its like: a script got in

    @property
    def faults(self) -> list[str]:
        """Everything that should not have happened, in the order of kinds."""
        return [*self.requests, *self.errors, *self.dialogs]


OpenPage = Callable[..., Opened]


def find_chromium() -> str | None:
    """Find a Chromium on the path, Debian's name first."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = find_chromium()
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium here, and CI must look at the pages: install chromium")
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[OpenPage]:
    contexts = []

    def open_it(
        path: Path, *, width: int = 1400, height: int = 900, scripts: bool = True, hash_: str = ""
    ) -> Opened:
        context = chromium.new_context(
            viewport={"width": width, "height": height}, offline=True, java_script_enabled=scripts
        )
        contexts.append(context)
        opened = Opened(context.new_page())
        _listen(opened)
        opened.page.goto(path.resolve().as_uri() + hash_)
        return opened

    yield open_it
    for context in contexts:
        context.close()


def _listen(opened: Opened) -> None:
    page = opened.page

    def asked(request):
        if not request.url.startswith(INSIDE):
            opened.requests.append(request.url)

    def said(message):
        if message.type == "error":
            opened.errors.append(message.text)

    def prompted(dialog):
        opened.dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("request", asked)
    page.on("console", said)
    page.on("pageerror", lambda error: opened.errors.append(str(error)))
    page.on("dialog", prompted)
