import base64
import csv
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from aeaug.report.options import ReportOptions
from aeaug.report.render import ReportPaths, write_report
from tests.report.conftest import claim

WriteRun = Callable[..., Path]
VOID = {"meta", "img", "br", "wbr", "link"}


class Document(HTMLParser):
    """Checks nesting while parsing; keeps ids, links, image sources and the visible text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.sources: list[str] = []
        self.tables_in_boxes: list[bool] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "table":
            self.tables_in_boxes.append(self.open[-1] == "div")
        if tag not in VOID:
            self.open.append(tag)
        self.ids += [values["id"] or ""] if "id" in values else []
        self.links += [values["href"] or ""] if tag == "a" else []
        self.sources += [values["src"] or ""] if "src" in values else []

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


FIGURES = (
    "frechet-by-arm",
    "paired-differences",
    "precision-recall",
    "class-shares",
    "frechet-curve",
    "coverage-curve",
    "overfitting",
    "discriminator-logits",
    "discriminator-shares",
    "perturbed-codes",
    "cost-quality",
)
"""One of each for every training-set size."""
PICTURES = ("generated", "comparison", "nearest")


@pytest.fixture(scope="module")
def report(finished: Path) -> ReportPaths:
    return write_report(finished, "demo", finished.parent / "reports" / "demo")


def test_html_is_one_well_formed_file_that_needs_nothing_else(report: ReportPaths) -> None:
    html = report.html.read_text()
    page = Document(html)
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    assert all(page.tables_in_boxes)
    assert all(source.startswith("data:image/png;base64,") for source in page.sources)
    assert not re.search(r"<script|@import|<link|https?://(?!www\.w3\.org)", html)
    for reference in re.findall(r"(?:url\(|xlink:href=\")#([^)\"]+)", html):
        assert reference in page.ids


def test_html_holds_every_part(report: ReportPaths) -> None:
    text = Document(report.html.read_text()).text
    for part in (
        "When does an autoencoder help a GAN?",
        "Too few seeds: 3 pairs",
        "SHA-256 c3c3c3c3c3c3…",
        "torch 2.14.1",
        "240\u202f000 images shown",
        "another real sample",
        "decoded, append-gaussian",
        "Paired differences against none",
        "Not shown:",
        "How to read.",
        "Distance to real images",
        "Fidelity and diversity",
        "Generalisation and copying",
        "Leak of the autoencoder",
        "The autoencoder by itself",
        "Stability",
        "Overfitting of the discriminator",
        "Gaussian fitted to pixels",
        "Nothing is missing and nothing diverged: 9 done",
        "python scripts/train.py -m experiment=demo",
        "tensorboard --logdir",
    ):
        assert part in text


def test_figures_follow_the_theme_of_the_page(report: ReportPaths) -> None:
    drawings = re.findall(r"<svg.*?</svg>", report.html.read_text(), re.DOTALL)
    assert len(drawings) == len(FIGURES)
    assert sum("var(--arm-1)" in drawing for drawing in drawings) == len(FIGURES) - 1  # one is of no arm
    for drawing in drawings:
        assert "var(--ink)" in drawing
        assert set(re.findall(r"(?:fill|stroke): (#\w+)", drawing)) <= {"#000000"}
        assert "\ufeff" not in drawing
        assert "<?xml" not in drawing


def test_links_lead_from_the_report_to_the_runs(report: ReportPaths) -> None:
    links = Document(report.html.read_text()).links
    assert sum(link.endswith("config.yaml") for link in links) == 9
    assert sum(link.endswith("tensorboard") for link in links) == 9
    for link in links:
        assert link.startswith("#") or (report.html.parent / unquote(link)).exists()


def test_verdicts_come_first_over_all_sizes(sized_report: ReportPaths) -> None:
    for path in (sized_report.html, sized_report.markdown):
        text = path.read_text()
        table = text.index("<table" if path is sized_report.html else "| ---")
        words = re.finditer(r"Appending decoded images|Perturbing the codes adds|(?:>|\*\*)(supported|no effect)", text)
        assert len([word for word in words if word.start() < table]) >= 2 + 1 + 2
    text = " ".join(Document(sized_report.html.read_text()).text.split())
    assert "2 claims at 2 training-set sizes: 1 supported, 2 no effect, 1 inconclusive." in text
    assert "Claimed: FD of append_gaussian lower than that of none by at least 5%, 8 pairs of seeds planned." in text
    assert "supported 100 images:" in text
    assert "inconclusive 500 images:" in text


def test_claims_without_seeds_enough_say_so_at_once(runs_dir: Path, write_run: WriteRun, tmp_path: Path) -> None:
    for seed in range(3):
        for variant, injection in (("none", "none"), ("append-gaussian", "append")):
            write_run(variant=variant, injection=injection, seed=seed, claims=[claim()], samples=False)
    text = Document(write_report(runs_dir, "demo", tmp_path / "out").html.read_text()).text
    assert "1 claim: 1 inconclusive. None has the 6 pairs of seeds that are the least to decide anything." in text


def test_each_size_has_its_part_under_arms_without_the_size_in_their_names(sized_report: ReportPaths) -> None:
    page = Document(sized_report.html.read_text())
    assert {"n-100", "n-500", "leak-100", "leak-500", "cost-100", "cost-500"} <= set(page.ids)
    assert "append_gaussian,data.n_train" not in page.text
    names = {path.name for path in sized_report.figures}
    assert {f"{figure}-{size}.png" for figure in FIGURES for size in (100, 500)} <= names
    assert {"frechet-by-size.png", "change-by-size.png", "claim-1.png", "claim-2.png"} <= names


def test_an_explanation_is_given_once_and_folded_from_then_on(sized_report: ReportPaths) -> None:
    html = sized_report.html.read_text()
    first, second = html.index('id="n-100"'), html.index('id="n-500"')
    assert "<details>" not in html[first:second]
    assert html[second:].count("<details>") >= len(FIGURES)
    reading = "Precision and density tell whether images look real"
    assert (html.count(reading), sized_report.markdown.read_text().count(reading)) == (2, 1)


def test_what_is_missing_or_diverged_is_named(sized_report: ReportPaths) -> None:
    for text in (Document(sized_report.html.read_text()).text, sized_report.markdown.read_text().replace("**", "")):
        assert "append_reconstruct, seed 4, 100 training images: diverged, loss_d is nan at image 144000" in text
        assert "Nothing is missing" not in text


def test_runs_of_an_old_version_are_reported_without_empty_parts(
    runs_dir: Path, write_run: WriteRun, tmp_path: Path
) -> None:
    for seed in range(2):
        for variant, injection in (("none", "none"), ("append-gaussian", "append")):
            write_run(variant=variant, injection=injection, seed=seed, old=True)
    paths = write_report(runs_dir, "demo", tmp_path / "out")
    page = Document(paths.html.read_text())
    for part in ("leak", "autoencoder", "copying", "overfitting"):
        assert f"{part}-500" not in page.ids
    for text in (page.text, paths.markdown.read_text()):
        assert re.search(r"Not measured by these runs: .*KID.*leak, quality of the autoencoder, overfitting", text)
    assert "Gaussian fitted" not in page.text
    (row, *_) = csv.DictReader(paths.csv.open())
    assert row["frechet_distance"]
    assert row["kernel_distance"] == ""


def test_markdown_links_to_figures_that_are_there(report: ReportPaths) -> None:
    text = report.markdown.read_text()
    figures = re.findall(r"\]\((figures/[^)]+)\)", text)
    assert len(figures) == len(FIGURES) + 3 * len(PICTURES)
    for figure in figures:
        assert (report.markdown.parent / unquote(figure)).read_bytes().startswith(b"\x89PNG")
    assert {report.markdown.parent / unquote(figure) for figure in figures} == set(report.figures)
    tables = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    for table in tables:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1
    assert "| append-gaussian | 32.9 [31.7–33.7] |" in text


def test_samples_are_the_last_grid_of_one_seed_in_every_arm(finished: Path, report: ReportPaths) -> None:
    html = report.html.read_text()
    for variant in ("none", "append-gaussian", "append-reconstruct"):
        folder = finished / "demo" / variant / "seed=0" / "samples"
        assert base64.b64encode((folder / "images=000240000.png").read_bytes()).decode() in html
        assert base64.b64encode((folder / "images=000120000.png").read_bytes()).decode() not in html
        for name in ("comparison.png", "nearest.png"):
            assert base64.b64encode((folder / name).read_bytes()).decode() in html


def test_csv_has_a_row_per_run_at_full_precision(demo: Path, write_run: WriteRun, tmp_path: Path) -> None:
    write_run(variant="append-gaussian", injection="append", seed=3, state="diverged")
    rows = list(csv.DictReader(write_report(demo, "demo", tmp_path / "out").csv.open()))
    assert len(rows) == 12
    states = {(row["variant"], row["seed"]): row["state"] for row in rows}
    assert states[("append-gaussian", "3")] == "diverged"
    assert states[("none", "3")] == "missing"
    done = [row for row in rows if row["state"] == "done"]
    assert len(done) == 9
    for row in done:
        assert len(row["frechet_distance"]) > 12
        assert sum(float(row[f"class_{digit}"]) for digit in range(10)) == pytest.approx(1)
        assert float(row["real_frechet_distance"]) < float(row["copy_frechet_distance"])
        assert float(row["copy_frechet_distance"]) < float(row["pixels_frechet_distance"])
        for key in ("authenticity", "data_copying", "leak_share_generated", "r_v", "memory_host_bytes"):
            assert float(row[key]) == pytest.approx(float(row[key]))
        assert float(row["autoencoder_labels_kept_gamma_0"]) > float(row["autoencoder_labels_kept_gamma_2"])
        assert row["leak_share_decoded"] == "" if row["variant"] == "none" else float(row["leak_share_decoded"]) == 0.97
        assert row["parameters_autoencoder"] == ("" if row["variant"] == "none" else "105296")
    assert {row["frechet_distance"] for row in rows if row["state"] != "done"} == {""}


def test_names_from_a_config_are_escaped(runs_dir: Path, write_run: WriteRun, tmp_path: Path) -> None:
    write_run(variant="none")
    write_run(variant="<b>a|b</b> $x$", folder="odd", injection="append")
    options = ReportOptions(question="Is a < b & c?")
    paths = write_report(runs_dir, "demo", tmp_path / "out", options=options)
    html = paths.html.read_text()
    assert Document(html).open == []
    assert "<b>a|b" not in html
    assert "Is a &lt; b &amp; c?" in html
    assert "a\\|b" in paths.markdown.read_text()


def test_every_state_of_a_run_is_reported(runs_dir: Path, write_run: WriteRun, tmp_path: Path) -> None:
    for seed in range(2):
        write_run(seed=seed)
    write_run(variant="append", injection="append", state="diverged", traceback="loss_d is nan at image 1280")
    write_run(variant="append", injection="append", seed=1, state="failed", traceback="a\nMemoryError: no room")
    write_run(variant="append-gaussian", injection="append", seed=0, state="running")
    page = Document(write_report(runs_dir, "demo", tmp_path / "out").html.read_text())
    assert page.open == []
    for part in (
        "2 done, 1 diverged, 1 failed, 1 running, 1 missing",
        "loss_d is nan",
        "MemoryError: no room",
    ):
        assert part in page.text
    assert "append cannot be compared with none: no seed is done in both." in page.text


def test_a_report_before_any_run_is_done_has_no_numbers(runs_dir: Path, write_run: WriteRun, tmp_path: Path) -> None:
    path = write_run(state="running", samples=False)
    (path / "history.jsonl").write_text("")
    page = Document(write_report(runs_dir, "demo", tmp_path / "out").html.read_text())
    assert "1 running" in page.text
    assert page.sources == []


def test_one_run_alone_is_reported_without_comparison(runs_dir: Path, write_run: WriteRun, tmp_path: Path) -> None:
    write_run(variant="append", injection="append")
    text = Document(write_report(runs_dir, "demo", tmp_path / "out").html.read_text()).text
    assert "Nothing is compared" in text
    assert "No control" in text


def test_the_same_runs_give_the_same_report(finished: Path, report: ReportPaths) -> None:
    again = write_report(finished, "demo", finished.parent / "reports" / "again")
    for one, other in ((report.html, again.html), (report.markdown, again.markdown), (report.csv, again.csv)):
        assert one.read_bytes() == other.read_bytes()


def test_nothing_is_written_when_runs_cannot_be_compared(demo: Path, write_run: WriteRun, tmp_path: Path) -> None:
    write_run(variant="odd", injection="append", feature_net="00" * 32)
    with pytest.raises(ValueError, match="feature net differs"):
        write_report(demo, "demo", tmp_path / "out")
    assert not (tmp_path / "out").exists()
