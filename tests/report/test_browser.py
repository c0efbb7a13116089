"""The report as a browser shows it: Debian's Chromium, without a window."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from aeaug.report.write import ReportPaths, report
from tests.report.chromium import Chromium, find_chromium
from tests.report.conftest import claim, run_directory, write_demo

CHROMIUM = find_chromium()
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium, chromium-browser or google-chrome in PATH")

WIDTHS = {"phone": 390, "desktop": 1280}
FIRST = {390: 1600, 1280: 800}  # two screens of a phone, one of a desktop


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    assert CHROMIUM is not None
    with Chromium(CHROMIUM, tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture(scope="module", params=["with claims, over two sizes", "of old runs", "of long names"])
def page(request: pytest.FixtureRequest, sized_report: ReportPaths, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if request.param == "with claims, over two sizes":
        return sized_report.html
    outputs = tmp_path_factory.mktemp("few")
    if request.param == "of old runs":
        write_demo(outputs / "runs", old=True)
    else:
        run_directory(outputs / "runs", variant="none", claims=[claim("augmentation.name=append," * 4, control="none")])
        for layers in (2, 3):
            name = f"augmentation.name=append,autoencoder.hidden_layers={layers},perturbation.name=interpolate_{layers}"
            run_directory(outputs / "runs", variant=name, injection="append", frechet=30.0)
    return report(["demo"], None, outputs).html


@pytest.mark.cases(1)
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_the_page_answers_first(browser: Chromium, sized_report: ReportPaths, width: int) -> None:
    """The question, each claim's verdict with effect and interval, the figure, a row of images for each arm."""
    browser.open(sized_report.html, width, 800)
    bottoms = {
        what: browser.value(f"[...document.querySelectorAll('{what}')].map(one => one.getBoundingClientRect().bottom)")
        for what in ("h1", ".verdicts p", ".answer figure img", ".samples img")
    }
    assert [len(found) for found in bottoms.values()] == [1, 2, 1, 3]
    assert max(map(max, bottoms.values())) <= FIRST[width]
    lines = browser.value("[...document.querySelectorAll('.verdicts p')].map(one => one.innerText)")
    assert all("pairs" in line and "[" in line for line in lines)
    heights = browser.value("[...document.querySelectorAll('.verdicts p')].map(one => one.offsetHeight)")
    assert max(heights) <= 30 or width < 600  # one line each


@pytest.mark.long
def test_without_claims_the_table_of_arms_answers_first(browser: Chromium, page: Path) -> None:
    browser.open(page, 1280, 800)
    if browser.value("document.querySelectorAll('.verdicts').length"):
        return
    box = "document.querySelector('.answer table').getBoundingClientRect()"
    assert browser.value(f"{box}.bottom") < 800
    assert "FD" in browser.value("document.querySelector('.answer thead').innerText")


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_the_page_is_short_when_folded(browser: Chromium, page: Path, width: int) -> None:
    browser.open(page, width)
    assert browser.value("document.documentElement.scrollHeight") <= 9000


@pytest.mark.cases(2)
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_the_page_is_as_wide_as_the_window_and_what_is_wider_scrolls_inside(
    browser: Chromium, page: Path, width: int
) -> None:
    browser.open(page, width)
    browser.value("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert browser.value("innerWidth") == width
    assert browser.value("document.documentElement.scrollWidth") <= width
    # Not hidden either: whatever reaches beyond the window lies in a box that scrolls.
    outside = """
        [...document.querySelectorAll("body *")].filter(one =>
            one.getBoundingClientRect().right > innerWidth + 1 && !one.closest(".scroll, pre")
        ).map(one => one.outerHTML.slice(0, 80))
    """
    assert browser.value(outside) == []
    assert browser.value("""getComputedStyle(document.querySelector(".scroll")).overflowX""") == "auto"


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_figures_are_not_shrunk_until_their_text_is_too_small_to_read(
    browser: Chromium, sized_report: ReportPaths, width: int
) -> None:
    browser.open(sized_report.html, width)
    browser.value("document.querySelectorAll('details').forEach(one => one.open = true)")
    scales = browser.value("""[...document.querySelectorAll("figure img[src*='svg']")].map(one =>
        one.getBoundingClientRect().width / one.naturalWidth)""")
    assert len(scales) >= 10
    assert min(scales) >= (0.7 if width > 600 else 0.4)


def test_every_image_is_decoded_and_every_anchor_leads_somewhere(browser: Chromium, page: Path) -> None:
    browser.open(page, 390)
    widths = browser.value("Promise.all([...document.images].map(one => one.decode().then(() => one.naturalWidth)))")
    assert len(widths) >= 6
    assert min(widths) > 0
    dead = "[...document.querySelectorAll('a[href^=\"#\"]')].filter(one => !document.querySelector(one.hash))"
    assert browser.value(f"{dead}.map(one => one.hash)") == []
    twice = "[...document.querySelectorAll('[id]')].map(one => one.id).filter((id, k, all) => all.indexOf(id) < k)"
    assert browser.value(twice) == []


def test_the_page_asks_for_nothing_and_complains_of_nothing(browser: Chromium, page: Path) -> None:
    browser.open(page, 1280)
    browser.value("document.fonts.ready.then(() => document.images.length)")
    asked = [event["request"]["url"] for method, event in browser.events if method == "Network.requestWillBeSent"]
    assert [url for url in asked if not url.startswith(("data:", "blob:"))] == [page.as_uri()]
    complaints = ("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown")
    assert [event for method, event in browser.events if method in complaints] == []


ROWS = "[...document.querySelectorAll('table.sortable tbody tr')].map(one => one.innerText.split('\\t'))"
READY = """new Promise(ready => { const look = () => {
    if (document.querySelector("table.sortable").dataset.ready === undefined) setTimeout(look, 50); else ready(true);
}; look(); })"""


def click(head: str) -> str:
    heads = "[...document.querySelectorAll('table.sortable thead th')]"
    return f"{heads}.find(one => one.innerText.trim() === '{head}').click()"


def test_a_click_sorts_every_arm_and_what_is_typed_filters_them(browser: Chromium, sized_report: ReportPaths) -> None:
    browser.open(sized_report.html, 1280)
    assert browser.value(READY)
    assert browser.value("DecompressionStream !== undefined")
    before = browser.value(ROWS)
    for head in ("FD ↓", "FD, paired change"):
        browser.value(click(head))
        place = browser.value(
            f"[...document.querySelectorAll('table.sortable thead tr:first-child th')]"
            f".findIndex(one => one.innerText.trim() === '{head}')"
        )
        cells = f"[...document.querySelectorAll('table.sortable tbody tr')].map(one => one.cells[{place}])"
        order = f"{cells}.map(one => +one.dataset.order)"
        found = browser.value(order)
        assert len(found) == len(before) == 6
        assert found == sorted(found)
        browser.value(click(head))
        assert browser.value(order) == sorted(found, reverse=True)
    type_in = """(words) => { const box = document.querySelector(".dt-search input"); box.value = words;
        box.dispatchEvent(new Event("input", { bubbles: true })); }"""
    browser.value(f"({type_in})('reconstruct')")
    assert [row[0] for row in browser.value(ROWS)] == ["append_reconstruct"] * 2


def test_without_javascript_the_table_stands_there(browser: Chromium, sized_report: ReportPaths) -> None:
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open(sized_report.html, 1280)
        assert len(browser.value(ROWS)) == 6
        assert browser.value("document.querySelectorAll('.dt-search').length") == 0
    finally:
        browser.call("Emulation.setScriptExecutionDisabled", value=False)


@pytest.mark.cases(1)
def test_it_prints_all_of_it_without_cutting_tables(browser: Chromium, page: Path) -> None:
    browser.open(page, 1280)
    assert browser.pdf().startswith(b"%PDF")
    browser.call("Emulation.setDeviceMetricsOverride", width=687, height=971, deviceScaleFactor=1, mobile=False)  # A4
    browser.call("Emulation.setEmulatedMedia", media="print")
    cut = "[...document.querySelectorAll('table')].filter(one => one.getBoundingClientRect().right > innerWidth + 1)"
    assert browser.value(f"{cut}.map(one => one.innerText.slice(0, 60))") == []
    assert browser.value("document.querySelector('#setting dl').getBoundingClientRect().height") > 0
