"""The report as a browser shows it: Debian's Chromium, without a window."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from aeaug.report.render import ReportPaths, write_report
from tests.report.chromium import Chromium, find_chromium
from tests.report.conftest import claim, run_directory, write_demo

CHROMIUM = find_chromium()
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium, chromium-browser or google-chrome in PATH")

WIDTHS = {"phone": 390, "desktop": 1280}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    assert CHROMIUM is not None
    with Chromium(CHROMIUM, tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture(scope="module", params=["with claims, over two sizes", "of old runs", "of long names"])
def page(request: pytest.FixtureRequest, sized_report: ReportPaths, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if request.param == "with claims, over two sizes":
        return sized_report.html
    runs_dir = tmp_path_factory.mktemp("few") / "runs"
    if request.param == "of old runs":
        write_demo(runs_dir, old=True)
    else:
        run_directory(runs_dir, variant="none", claims=[claim("augmentation.name=append," * 4, control="none")])
        for layers in (2, 3):
            name = f"augmentation.name=append,autoencoder.hidden_layers={layers},perturbation.name=interpolate_{layers}"
            run_directory(runs_dir, variant=name, injection="append", frechet=30.0)
    return write_report(runs_dir, "demo", runs_dir.parent / "reports" / "demo").html


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_the_page_is_as_wide_as_the_window_and_what_is_wider_scrolls_inside(
    browser: Chromium, page: Path, width: int
) -> None:
    browser.open(page, width)
    assert browser.value("innerWidth") == width
    assert browser.value("document.documentElement.scrollWidth") <= width
    # Not hidden either: whatever reaches beyond the window lies in a box that scrolls.
    outside = """
        [...document.querySelectorAll("body *")].filter(one =>
            one.getBoundingClientRect().right > innerWidth + 1 && !one.closest(".scroll, pre, svg")
        ).map(one => one.outerHTML.slice(0, 80))
    """
    assert browser.value(outside) == []
    assert browser.value("""getComputedStyle(document.querySelector(".scroll")).overflowX""") == "auto"


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_text_in_figures_is_large_enough_to_read(browser: Chromium, page: Path, width: int) -> None:
    browser.open(page, width)
    heights = browser.value("""[...document.querySelectorAll("svg text")].map(one => {
        const matrix = one.getScreenCTM();
        return parseFloat(getComputedStyle(one).fontSize) * Math.hypot(matrix.a, matrix.b);
    })""")
    assert len(heights) > 50
    assert min(heights) >= 9.5
    assert max(heights) <= 16


def test_verdicts_come_before_any_table(browser: Chromium, page: Path) -> None:
    browser.open(page, 390)
    first = "document.querySelector('#verdicts').getBoundingClientRect()"
    table = "document.querySelector('table').getBoundingClientRect().top"
    assert browser.value(f"{first}.bottom") < browser.value(table)
    assert browser.value(f"{first}.top") < 900  # it begins on a phone's first screen
    assert browser.value("document.querySelector('#verdicts').innerText.length") > 100


def test_every_image_is_decoded(browser: Chromium, page: Path) -> None:
    browser.open(page, 390)
    widths = browser.value("Promise.all([...document.images].map(one => one.decode().then(() => one.naturalWidth)))")
    assert len(widths) >= 6
    assert min(widths) > 0
    drawn = browser.value("[...document.querySelectorAll('svg')].map(one => one.getBoundingClientRect().height)")
    assert len(drawn) >= 6
    assert min(drawn) > 60


def test_every_anchor_leads_somewhere_on_the_page(browser: Chromium, page: Path) -> None:
    browser.open(page, 1280)
    dead = "[...document.querySelectorAll('a[href^=\"#\"]')].filter(one => !document.querySelector(one.hash))"
    assert browser.value(f"{dead}.map(one => one.hash)") == []
    assert browser.value("document.querySelectorAll('nav a[href^=\"#\"]').length") >= 10
    twice = "[...document.querySelectorAll('[id]')].map(one => one.id).filter((id, k, all) => all.indexOf(id) < k)"
    assert browser.value(twice) == []


def test_the_page_asks_for_nothing_and_complains_of_nothing(browser: Chromium, page: Path) -> None:
    browser.open(page, 1280)
    browser.value("document.fonts.ready.then(() => document.images.length)")
    asked = [event["request"]["url"] for method, event in browser.events if method == "Network.requestWillBeSent"]
    assert [url for url in asked if not url.startswith("data:")] == [page.as_uri()]
    complaints = ("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown")
    assert [event for method, event in browser.events if method in complaints] == []


def test_a_preference_for_dark_turns_paper_ink_and_figures(browser: Chromium, page: Path) -> None:
    found = {}
    for scheme in ("light", "dark"):
        browser.open(page, 1280, scheme=scheme)
        colours = [
            browser.value("getComputedStyle(document.body).backgroundColor"),
            browser.value("getComputedStyle(document.body).color"),
            browser.value("getComputedStyle(document.querySelector('figure svg text')).fill"),
        ]
        found[scheme] = [sum(map(int, re.findall(r"\d+", colour)[:3])) / 765 for colour in colours]
    assert found["light"][0] > 0.9 > 0.3 > found["light"][1]
    assert found["dark"][0] < 0.2 < 0.7 < found["dark"][1]
    assert found["light"][2] < 0.3 < 0.7 < found["dark"][2]


def test_it_prints_on_white_without_cutting_tables(browser: Chromium, page: Path) -> None:
    browser.open(page, 1280, scheme="dark")
    printed = browser.pdf()
    assert printed.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) > 2
    browser.call("Emulation.setDeviceMetricsOverride", width=687, height=971, deviceScaleFactor=1, mobile=False)  # A4
    browser.call("Emulation.setEmulatedMedia", media="print")
    assert browser.value("getComputedStyle(document.body).backgroundColor") == "rgb(254, 254, 254)"
    cut = "[...document.querySelectorAll('table')].filter(one => one.getBoundingClientRect().right > innerWidth + 1)"
    assert browser.value(f"{cut}.map(one => one.innerText.slice(0, 60))") == []
