import re
import shutil
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from aeaug.report.page import page
from aeaug.report.write import ReportPaths, report
from tests.report.conftest import claim, claim_in, results, run_directory, write_demo

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
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        self.ids += [values["id"] or ""] if "id" in values else []
        self.links += [values["href"] or ""] if tag == "a" else []
        self.sources += [values["src"] or ""] if "src" in values else []

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def document(paths: ReportPaths) -> Document:
    found = Document(paths.html.read_text())
    assert found.open == []
    found.text = " ".join(found.text.split())
    return found


@pytest.fixture(scope="module")
def three(finished: Path) -> ReportPaths:
    return report(["demo"], None, finished.parent)


def test_it_is_one_well_formed_file_that_needs_nothing_else(sized_report: ReportPaths) -> None:
    html, found = sized_report.html.read_text(), document(sized_report)
    assert len(found.ids) == len(set(found.ids))
    assert all(source.startswith(("data:image/png;base64,", "data:image/svg+xml;base64,")) for source in found.sources)
    assert all(link.startswith("#") and link[1:] in found.ids for link in found.links)
    library = re.compile(r"<script type=\"text/plain\" id=\"datatables-\w+\">[A-Za-z0-9+/=]+</script>")
    assert len(library.findall(html)) == 2
    rest = library.sub("", html)
    assert not re.search(r"@import|<link|https?://|url\(|src=\"(?!data:)", rest)
    assert rest.count("<script") == 1
    assert len(html) - len(rest) < 300_000


def test_a_page_of_two_arms_needs_no_library(runs_dir: Path, write_run: WriteRun) -> None:
    for variant, injection in (("none", "none"), ("append-gaussian", "append")):
        write_run(variant=variant, injection=injection, samples=False)
    assert "<script" not in report(["demo"], None, runs_dir.parent).html.read_text()


def test_it_holds_every_part(three: ReportPaths) -> None:
    found = document(three)
    assert {
        "every-arm", "distance", "paired", "generated", "comparison", "nearest", "diversity", "copying", "training",
        "overfitting", "leak", "autoencoder", "stability", "work", "cost", "arms", "reading", "setting",
    } == set(found.ids) - {"datatables-js", "datatables-css"}  # fmt: skip
    for part in (
        "What does each arm do to a GAN?",
        "c3c3c3c3c3c3…",
        "d4d4d4d4d4d4…",
        "data.balanced=True: the subset has its classes in equal numbers",
        "best validation FD (oracle stopping)",
        "discriminator passes",
        "torch 2.14.1",
        "240,000",
        "another real sample",
        "decoded, append-gaussian",
        "Gaussian fitted to pixels",
        "results.parquet",
        "runs/demo/none/seed=2",
    ):
        assert part in found.text
    assert "Runs that are missing" not in found.text


def test_verdicts_come_first_and_each_is_told_again_with_its_evidence(sized_report: ReportPaths) -> None:
    html, text = sized_report.html.read_text(), document(sized_report).text
    first = html[: html.index("<table")]
    assert len(re.findall(r"<b class=\"(supported|refuted|no-effect|inconclusive)\">", first)) == 2
    assert (
        "FD of append_gaussian lower than that of none by at least 5%, end of the budget, the classifier's features, "
        "100 and 500 images; 8 pairs of seeds planned."
    ) in text
    assert "p = 0.016, corrected over 2 tests" in text
    assert "diverged: 0 of 16 append_gaussian, 1 of 16 append_reconstruct" in text
    assert "100 images: supported, p = " in text
    assert "500 against 100 images: +" in text
    assert "✓ same sign: best validation FD (oracle stopping), −" in text
    assert "✓ same sign: label-free features, −" in text
    assert {"claim-1", "claim-2", "evidence"} <= set(document(sized_report).ids)


def test_how_to_read_is_said_once_and_sizes_are_no_chapters(sized_report: ReportPaths) -> None:
    text = document(sized_report).text
    for phrase in (
        "How to read this",
        "Precision and density tell",
        "Numbers are medians over the runs",
        "Each mark is one seed, the bar",
    ):
        assert text.count(phrase) == 1
    assert not re.search("(?<!/)append_gaussian,data.n_train", text)  # but in folders


def test_claims_without_seeds_enough_say_so_at_once(runs_dir: Path, write_run: WriteRun) -> None:
    for seed in range(3):
        for variant, injection in (("none", "none"), ("append-gaussian", "append")):
            write_run(variant=variant, injection=injection, seed=seed, claims=[claim()], samples=False)
    text = document(report(["demo"], None, runs_dir.parent)).text
    assert text.count("No verdict has the 6 pairs of seeds that are the least to decide anything: too few seeds.") == 1
    assert "3 pairs of 8 planned" in text or "3 pairs; of 8 planned" in text


def test_late_claims_say_when_they_were_stated(runs_dir: Path, write_run: WriteRun) -> None:
    for variant, injection in (("none", "none"), ("append-gaussian", "append")):
        folder = write_run(variant=variant, injection=injection, claims=[claim()], samples=False)
    claim_in(folder, claim(), "2026-11-02T08:00:00+00:00", 12_000)
    late = "stated in 1 of 2 runs after they had begun, 2026-11-02T08:00:00+00:00 after 12,000 images at the earliest"
    paths = report(["demo"], None, runs_dir.parent)
    assert late in document(paths).text
    assert late in " ".join(paths.terminal.split())


def test_samples_are_the_last_grid_of_one_seed_in_every_arm(finished: Path, three: ReportPaths) -> None:
    shown = page(results(finished), three.html.parent / "pictures")
    assert [picture.arm for picture in shown["samples"]] == ["none", "append-gaussian", "append-reconstruct"]
    for picture in shown["samples"]:
        folder = finished / "demo" / picture.arm / "seed=0" / "samples"
        assert picture.png == (folder / "images=000240000.png").read_bytes()
    kinds = {section.key: len(section.pictures) for section in shown["sections"] if section.pictures}
    assert kinds == {"generated": 3, "comparison": 3, "nearest": 3}


def test_names_from_a_config_are_escaped(runs_dir: Path, write_run: WriteRun) -> None:
    write_run(variant="none", question="Is a < b & c?")
    write_run(variant="<b>a|b</b> $x$", folder="odd", injection="append")
    paths = report(["demo"], None, runs_dir.parent)
    assert "<b>a|b" not in paths.html.read_text()
    assert "Is a < b & c?" in document(paths).text


def test_every_state_of_a_run_is_reported(runs_dir: Path, write_run: WriteRun) -> None:
    for seed in range(2):
        write_run(seed=seed)
    write_run(variant="append", injection="append", state="diverged", traceback="loss_d is nan at image 1280")
    write_run(variant="append", injection="append", seed=1, state="failed", traceback="a\nMemoryError: no room")
    write_run(variant="append-gaussian", injection="append", seed=0, state="running", samples=False)
    text = document(report(["demo"], None, runs_dir.parent)).text
    for part in (
        "Runs that are missing, unfinished or diverged",
        "loss_d is nan",
        "MemoryError: no room",
        "not finished",
        "no such run",
    ):
        assert part in text


@pytest.mark.parametrize(
    "changes", [{"state": "running", "samples": False}, {"variant": "append", "injection": "append"}, {"old": True}]
)
def test_a_report_of_little_is_built(runs_dir: Path, write_run: WriteRun, changes: dict[str, object]) -> None:
    path = write_run(**changes)
    if "state" in changes:
        (path / "history.jsonl").unlink()
    found = document(report(["demo"], None, runs_dir.parent))
    assert ("leak" in found.ids) == ("variant" in changes)
    assert (found.sources == []) == ("state" in changes)


@pytest.mark.long
def test_the_page_is_made_again_from_the_table_and_the_pictures_alone(tmp_path: Path) -> None:
    write_demo(tmp_path / "runs", claims=[claim()])
    run_directory(tmp_path / "runs", variant="append-gaussian", seed=3, injection="append", state="diverged")
    first = report(["demo"], None, tmp_path)
    html, figures = first.html.read_bytes(), {path: path.read_bytes() for path in first.figures}
    assert report(["demo"], None, tmp_path).html.read_bytes() == html
    shutil.rmtree(tmp_path / "runs")
    folder = shutil.move(tmp_path / "reports", tmp_path / "elsewhere") / "demo"
    for name in ("results.parquet", "results.csv"):
        again = report(None, folder / name, tmp_path)
        assert again.html.read_bytes() == html
        assert {path: path.read_bytes() for path in again.figures} == figures
        assert again.terminal == first.terminal


@pytest.mark.long
def test_several_experiments_are_one_report(runs_dir: Path, write_run: WriteRun) -> None:
    for name, rate in (("one", 2e-4), ("two", 1e-3)):
        for variant in ("none", "append"):
            write_run(name=name, variant=variant, injection=variant, learning_rate=rate, question=f"What of {name}?")
    paths = report(["one", "two"], None, runs_dir.parent)
    text = document(paths).text
    assert paths.html.parent.name == "one+two"
    assert "What of one?; What of two?" in text
    assert "one, 500 images" in text
    assert "two, 500 images" in text


def test_nothing_is_written_when_runs_cannot_be_compared(demo: Path, write_run: WriteRun) -> None:
    write_run(variant="odd", injection="append", feature_net="00" * 32)
    with pytest.raises(ValueError, match=r"feature net \(classifier\) differs"):
        report(["demo"], None, demo.parent)
    with pytest.raises(ValueError, match="either experiment=<name> or results=<file>"):
        report(None, None, demo.parent)
    assert not (demo.parent / "reports").exists()


@pytest.mark.parametrize("name", ["..", "../demo", "demo/none", ".", "/tmp"])
def test_a_name_that_leads_out_of_its_folder_is_refused_and_nothing_is_touched(
    finished: Path, three: ReportPaths, tmp_path: Path, name: str
) -> None:
    shutil.copytree(finished, tmp_path / "runs")
    shutil.copytree(three.html.parent, tmp_path / "reports" / "demo")
    hostile = pd.read_csv(three.table.with_suffix(".csv"), keep_default_na=False)
    hostile.assign(experiment=name).to_csv(tmp_path / "hostile.csv", index=False)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ValueError, match=rf"^experiment={re.escape(name)}: "):
        report([name], None, tmp_path)
    with pytest.raises(ValueError, match=r"hostile\.csv: experiment=" + re.escape(name)):
        report(None, tmp_path / "hostile.csv", tmp_path)
    assert sorted(tmp_path.rglob("*")) == before
