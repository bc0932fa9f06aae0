"""The example's pages in a real browser: read by axe-core, narrowed, filtered, printed.

Nothing here skips: without Chromium or pdftotext a test fails and says what to install; ``.ci/run``
installs both.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tgv_suite import locations
from tgv_suite.text import LANGUAGES, Language

EXAMPLE = locations.reports() / "example"
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
VERDICTS = ("fail", "inconclusive", "pass")
WIDE, NARROW = 1280, 400
# The page's policy refuses the string that Playwright's own waiting would evaluate.
HAS_SCROLLED = """each => new Promise(done => {
  if (each.scrollLeft > 0) done(true);
  each.addEventListener("scroll", () => done(true));
  setTimeout(() => done(false), 5000);
})"""


def installed(program: str, package: str) -> str:
    path = shutil.which(program)
    if path is None:
        pytest.fail(f"{program} is missing, so nothing was looked at: apt-get install {package}")
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = installed("chromium", "chromium")
    with sync_playwright() as playwright:
        # Chromium's own sandbox can't be had as root in a container; the page is ours.
        launched = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield launched
        launched.close()


def opened(browser: Browser, language: Language, width: int = WIDE) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto((EXAMPLE / f"report.{language}.html").as_uri())
    return page


def shown(page: Page, selector: str) -> int:
    return sum(each.is_visible() for each in page.locator(selector).all())


def unfold(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_serious(browser: Browser, language: Language, width: int) -> None:
    page = opened(browser, language, width)
    for verdict in VERDICTS:
        assert page.locator(f"article.{verdict}").count(), f"the example has no {verdict}"
    unfold(page)
    page.evaluate(AXE)
    found: list[dict[str, Any]] = page.evaluate("axe.run().then(results => results.violations)")
    serious = [
        (each["id"], node["target"], node["failureSummary"])
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]
    assert not serious


def test_axe_does_find_what_is_serious(browser: Browser) -> None:
    """The check above can fail: a text too pale to read is found."""
    page = opened(browser, "fr")
    page.evaluate("document.querySelector('h1').style.setProperty('color', '#fafafa')")
    page.evaluate(AXE)
    found: list[str] = page.evaluate("axe.run().then(r => r.violations.map(each => each.id))")
    assert "color-contrast" in found


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_asked_of_anybody(browser: Browser, language: Language) -> None:
    page = browser.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    address = (EXAMPLE / f"report.{language}.html").as_uri()
    page.goto(address, wait_until="networkidle")
    assert asked == [address]
    assert said == []


def test_a_style_that_is_not_the_pages_own_is_refused(browser: Browser) -> None:
    page = opened(browser, "fr")
    page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', "
        '\'<p id="injected" style="display: none">x</p><style>h1 { display: none }</style>\')'
    )
    assert page.locator("#injected").is_visible()
    assert page.locator("h1").is_visible()


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_filter_hides_its_verdict_and_shows_it_again(browser: Browser, verdict: str) -> None:
    page = opened(browser, "fr")
    every, of_verdict = shown(page, "article"), shown(page, f"article.{verdict}")
    page.locator(f"#show-{verdict}").focus()
    page.keyboard.press("Space")
    assert shown(page, f"article.{verdict}") == 0
    assert shown(page, "article") == every - of_verdict
    label = page.locator(f"label:has(#show-{verdict})").inner_text().strip()
    page.get_by_label(label, exact=True).check()
    assert shown(page, "article") == every


def test_each_filter_belongs_to_something_of_the_page(browser: Browser) -> None:
    page = opened(browser, "en")
    for name in ("must", "critical", "TLS"):
        assert shown(page, f"article.{name}")
        page.locator(f"#show-{name}").uncheck()
        assert shown(page, f"article.{name}") == 0
        page.locator(f"#show-{name}").check()


def test_what_is_filtered_out_is_printed_all_the_same(browser: Browser) -> None:
    page = opened(browser, "fr")
    every = shown(page, "article")
    page.locator("#show-fail").uncheck()
    assert shown(page, "article") < every
    page.emulate_media(media="print")
    assert shown(page, "article") == every


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_narrow_screen_never_scrolls_sideways(browser: Browser, language: Language) -> None:
    page = opened(browser, language, NARROW)
    unfold(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW


def test_a_wide_table_scrolls_by_itself_from_the_keyboard(browser: Browser) -> None:
    page = opened(browser, "fr", NARROW)
    region = page.get_by_role("region").and_(page.locator(".scroll")).first
    assert region.evaluate("each => each.scrollWidth > each.clientWidth")
    page.locator("#matrix-title").click()
    page.keyboard.press("Tab")
    assert region.evaluate("each => each === document.activeElement")
    page.keyboard.press("ArrowRight")
    assert region.evaluate(HAS_SCROLLED)


@pytest.mark.parametrize("language", LANGUAGES)
def test_paper_holds_what_the_screen_folds(
    browser: Browser, language: Language, tmp_path: Path
) -> None:
    reader = installed("pdftotext", "poppler-utils")
    page = opened(browser, language)
    folded: list[str] = page.evaluate(
        "[...document.querySelectorAll('details:not([open]) pre, details:not([open]) code')]"
        ".map(each => each.textContent)"
    )
    page.pdf(path=tmp_path / "report.pdf", format="Letter")
    printed = subprocess.run(
        [reader, "-raw", tmp_path / "report.pdf", "-"], check=True, capture_output=True, timeout=60
    ).stdout.decode()
    words = {word for text in folded for word in re.findall(r"\w{4,}", text)}
    on_paper = re.sub(r"\s+", "", printed)
    assert len(words) > 50
    assert not {word for word in words if word not in on_paper}
