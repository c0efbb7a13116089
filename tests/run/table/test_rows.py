"""One table of rows: what a run's folder holds, number by number."""

import json
import math
import shutil

import numpy as np
import pandas as pd
import pytest
import yaml

from aeaug.evaluation import SPACES
from aeaug.evaluation import metrics as of_images
from aeaug.faults import Fault
from aeaug.report.results import results_of
from aeaug.report.write import report
from aeaug.run.identity.settings import settings
from aeaug.run.metrics import METRICS
from aeaug.run.table import COLUMNS
from aeaug.run.table.rows import experiment_rows, rows
from tests.report.conftest import claim, run_directory


@pytest.fixture
def folder(tmp_path):
    return run_directory(tmp_path / "runs", variant="append-gaussian", injection="append", claims=[claim()])


def value(table, metric, of="generated", split="test", reading=None, space="classifier"):
    """The only one at the end."""
    if of in ("run", "autoencoder"):
        space = ""
    reading = ("end" if of == "generated" else "") if reading is None else reading
    here = table[(table["metric"] == metric) & (table["set"] == of) & (table["split"] == split)]
    here = here[(here["reading"] == reading) & (here["space"] == space)]
    (found,) = here.loc[here["images"].isna(), "value"]
    return found


def test_every_run_says_who_it_is_in_every_row(folder):
    table = rows(folder)
    assert table.dtypes.astype(str).to_dict() == COLUMNS
    one = table[["experiment", "arm", "n_train", "subset", "seed", "state"]].drop_duplicates()
    assert one.values.tolist() == [["demo", "append-gaussian", 500, 0, 0, "done"]]
    place = ["split", "set", "metric", "reading", "space", "images"]
    assert not table.duplicated(place).any()


def test_a_subset_of_another_seed_stands_in_the_folders_name(tmp_path):
    crossed = run_directory(tmp_path / "runs", seed=3, subset=7)
    assert crossed.name == "seed=3,subset=7"
    assert rows(crossed)[["subset", "seed"]].drop_duplicates().values.tolist() == [[7, 3]]
    assert rows(run_directory(tmp_path / "runs", seed=3))["subset"].unique().tolist() == [3]
    assert len(experiment_rows(tmp_path / "runs", ["demo"]).groupby(["subset", "seed"])) == 2


@pytest.mark.parametrize(
    ("name", "key"), [("seed=8", "seed=3"), ("seed=3,subset=8", "data.subset_seed=3"), ("seed=8,subset=3", "seed=3")]
)
def test_a_copy_of_a_run_is_no_other_repetition(tmp_path, name, key):
    run = run_directory(tmp_path / "runs", seed=3)
    copied = shutil.copytree(run, run.with_name(name))
    assert len(rows(run))
    with pytest.raises(Fault, match=f"{key}, so it is a copy of another run: delete it$") as caught:
        experiment_rows(tmp_path / "runs", ["demo"])
    assert str(caught.value).startswith(f"{copied}: ")


def test_every_number_of_every_set_is_a_row(folder):
    table, written = rows(folder), json.loads((folder / "metrics.json").read_text())
    readings, floors = written["readings"], written["floors"]
    assert readings.keys() == {"end", "best"}
    sets = {("generated", reading): found["spaces"] for reading, found in readings.items()}
    sets |= {(name, ""): found["spaces"] for name, found in floors.items()} | {("real_sd", ""): floors["real"]["sd"]}
    assert {name for name, _ in sets} == {"generated", "real", "real_sd", "copy", "pixels", "decoded"}
    for (name, reading), spaces in sets.items():
        assert spaces.keys() == {"classifier", "self_supervised"}
        for space, measured in spaces.items():
            for key, number in measured.items():
                where = {"of": name, "reading": reading, "space": space}
                if key == "class_histogram":
                    assert [value(table, f"class_{digit}", **where) for digit in range(10)] == number
                else:
                    assert value(table, key, **where) == number
    assert value(table, "images", reading="best", space="") == readings["best"]["images"]
    assert value(table, "of", reading="best", space="") == readings["best"]["of"]
    assert value(table, "frechet_distance", "real", "validation") == 3.1
    assert value(table, "frechet_distance", "real_sd", "validation") == 0.2
    assert value(table, "leak_share", "reconstructed") == written["leak"]["share_reconstructed"]
    quality = written["autoencoder"]["quality"]
    kept = [value(table, f"labels_kept@{gamma:g}", "autoencoder", "validation") for gamma in quality["gammas"]]
    assert kept == quality["labels_kept"]
    assert set(table.loc[table["set"] == "autoencoder", "note"]) == {written["autoencoder"]["key"]}


def test_the_numbers_of_the_run_itself_are_read_where_they_stand(folder):
    table = rows(folder)
    status, written = (json.loads((folder / name).read_text()) for name in ("status.json", "metrics.json"))
    last = json.loads((folder / "history.jsonl").read_text().splitlines()[-1])["discriminator"]
    seconds = status["seconds"]
    expected = {
        "r_v": last["r_v"],
        "r_t": last["r_t"],
        "logit_gap": last["logit_train"] - last["logit_validation"],
        "diverged": 0.0,
        "seconds_gan": seconds["gan"],
        "seconds_total": sum(seconds.values()) - seconds["shared"],
        "seconds_shared": seconds["shared"],
        "seconds_training": seconds["autoencoder"] + seconds["augmentation"] + seconds["gan"],
        "seconds_augmentation_epoch": seconds["augmentation"] / 20,
        "processor_seconds": sum(status["processor_seconds"].values()),
        "images_per_second": 240_000 / (seconds["gan"] + seconds["augmentation"]),
        "peak_memory": status["peak_memory"]["host_bytes"] / 2**30,
        "synthetic_share": written["work"]["synthetic"] / written["work"]["shown"],
        "images_shown": written["work"]["shown"],
        "images_real": written["work"]["real"],
        "discriminator_passes": written["work"]["discriminator"],
        "parameters_autoencoder": written["parameters"]["autoencoder"],
    }
    assert {key: value(table, key, "run") for key in expected} == pytest.approx(expected)
    assert value(table, "leak_share") == written["leak"]["share_generated"]
    assert value(table, "leak_frechet") == written["leak"]["frechet_difference"]


def test_every_metric_of_a_finished_run_is_in_its_table(folder):
    written = json.loads((folder / "metrics.json").read_text())
    written["gate"] = {"kind": "labels", "value": 0.9, "bar": 0.8, "passed": True}  # not every run has one
    written["readings"]["end"]["modes"] = {"covered": 900, "kl": 0.5, "samples": 26_000}  # nor these
    (folder / "metrics.json").write_text(json.dumps(written))
    tested = rows(folder).query("split == 'test' and images.isna()").dropna(subset="value")
    filtered = {("run", "acceptance_rate")}  # which this arm is not
    assert {(metric.place, metric.key) for metric in METRICS.values()} - filtered <= set(
        zip(tested["set"], tested["metric"], strict=True)
    )
    (run,) = results_of(rows(folder)).runs
    frechet = METRICS["frechet_distance"]
    distances = {run.of(frechet, None, reading, space) for reading in ("end", "best") for space in SPACES}
    assert len(distances - {None}) == 4
    for metric in METRICS.values():  # what may be zero or negative needs its natural scale, or it would not be compared
        number = run.of(metric)
        assert metric.scale == "natural" or number > 0
        assert run.on_scale(metric) == pytest.approx(math.log(number) if metric.scale == "log" else number)


def test_a_table_can_be_given_away(folder, tmp_path):
    """It says where a run lies within its experiment, and nothing of the machine."""
    table = rows(folder)
    assert table.loc[table["metric"] == "folder", "note"].tolist() == [f"{folder.parent.name}/{folder.name}"]
    for column in ("experiment", "arm", "note"):
        assert not table[column].str.contains(str(tmp_path.parents[1]), regex=False).any()


def test_the_curves_are_rows_with_the_images_shown(folder):
    table = rows(folder)
    points = [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]
    curve = table[(table["metric"] == "frechet_distance") & (table["split"] == "validation") & table["images"].notna()]
    assert curve["images"].tolist() == [point["images"] for point in points]
    assert curve["value"].tolist() == [point["frechet_distance"] for point in points]
    for of, key in (("train", "logit_train"), ("decoded", "logit_decoded")):
        logits = table[(table["metric"] == "logit") & (table["set"] == of)]["value"]
        assert logits.tolist() == [point["discriminator"][key] for point in points]


def test_settings_are_what_makes_the_science(folder, tmp_path):
    table = rows(folder)
    held = table[table["set"] == "setting"].set_index("metric")
    assert held.loc["augmentation.ratio", "value"] == 1.0
    assert held.loc["data.n_train", "note"] == "500"
    assert not any(key.endswith("seed") or key in ("data.root", "trainer.accelerator") for key in held.index)
    none = rows(run_directory(tmp_path / "runs"))
    assert not any(key.startswith(("autoencoder.", "perturbation.")) for key in none["metric"])
    assert settings({}) == {}


@pytest.mark.parametrize("state", ["running", "diverged", "failed"])
def test_a_run_that_is_not_done_has_no_numbers_but_whether_it_diverged_and_what_it_was_shown(tmp_path, state):
    table = rows(run_directory(tmp_path / "runs", state=state))
    numbers = table[(table["split"] == "test") & table["set"].isin(["generated", "run"])].dropna(subset="value")
    work = {"images_shown": 144_000, "images_real": 144_000, "discriminator_passes": 450_000}  # and no synthetic share
    assert dict(zip(numbers["metric"], numbers["value"], strict=True)) == (
        work | {"diverged": 1.0} if state == "diverged" else {}
    )


def test_an_arm_that_injects_nothing_has_no_synthetic_share(tmp_path):
    table = rows(run_directory(tmp_path / "runs"))
    assert np.isnan(value(table, "synthetic_share", "run"))
    assert value(table, "images_real", "run") == value(table, "images_shown", "run")


def test_a_run_that_measured_little_lacks_that_alone(tmp_path):
    folder = run_directory(tmp_path / "runs", variant="append-gaussian", injection="append", old=True)
    table, written = rows(folder), json.loads((folder / "metrics.json").read_text())
    tested = table[(table["split"] == "test") & (table["reading"] == "end") & (table["space"] == "classifier")]
    measured = written["readings"]["end"]["spaces"]["classifier"]
    assert set(tested.dropna(subset="value")["metric"]) - {f"class_{n}" for n in range(10)} == (
        measured.keys() - {"class_histogram"}
    )


def test_a_run_that_never_looked_at_the_test_set_has_its_curve(tmp_path):
    table = rows(run_directory(tmp_path / "runs", tested=False, evaluation={"test": False}))
    of_images = table[table["set"].isin(["generated", "real", "copy"])].dropna(subset="value")
    assert "test" not in set(of_images["split"])
    assert (of_images["metric"] == "frechet_distance").sum() == 10 + 1  # the curve, and its floor


def test_a_floor_of_which_there_are_too_few_images_is_none(folder):
    written = json.loads((folder / "metrics.json").read_text())
    written["floors"]["real"] = written["validation_floor"] = None
    (folder / "metrics.json").write_text(json.dumps(written))
    assert not rows(folder)["set"].isin(["real_sd"]).any()


def test_numbers_of_an_earlier_version_are_refused_in_one_line(folder):
    written = json.loads((folder / "metrics.json").read_text())
    written["test"] = written.pop("readings")["end"]["spaces"]["classifier"]
    (folder / "metrics.json").write_text(json.dumps(written))
    with pytest.raises(Fault, match=r"metrics\.json: an earlier version measured it") as caught:
        rows(folder)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, None])
def test_what_is_not_finite_is_no_number(folder, bad):
    written = json.loads((folder / "metrics.json").read_text())
    written["readings"]["end"]["spaces"]["classifier"]["frechet_distance"] = bad
    (folder / "metrics.json").write_text(json.dumps(written))
    table = rows(folder)
    assert np.isnan(value(table, "frechet_distance"))
    (run,) = results_of(table).runs
    assert run.of(METRICS["frechet_distance"]) is None


def test_no_distance_has_no_logarithm(folder):
    table = rows(folder)
    table.loc[table["metric"] == "frechet_distance", "value"] = 0.0
    (run,) = results_of(table).runs
    assert (run.of(METRICS["frechet_distance"]), run.on_scale(METRICS["frechet_distance"])) == (0.0, None)


def test_why_there_is_no_number_stands_beside_it(folder):
    written = json.loads((folder / "metrics.json").read_text())
    written["readings"]["end"]["spaces"]["classifier"] |= {"data_copying": None, "data_copying_cells": 0}
    (folder / "metrics.json").write_text(json.dumps(written))
    table = rows(folder)
    copying = table[(table["metric"] == "data_copying") & (table["set"] == "generated")]
    assert copying[copying["reading"] == "end"]["note"].tolist() == ["cells too small"]


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("metrics.json", '{"data": ', r"metrics\.json is not readable"),
        ("status.json", "[]", r"status\.json is not readable \(it holds list"),
        ("config.yaml", "a: [1", r"config\.yaml is not readable"),
        ("config.yaml", "- 1", r"config\.yaml is not readable \(it holds list"),
        ("history.jsonl", '{"epoch": 1}\n', r"history\.jsonl is not readable \(line 1: it has no images"),
        ("history.jsonl", '{"images": 1}\n1\n', r"history\.jsonl is not readable \(line 2: it holds int"),
        ("claims.jsonl", "{}\n", r"claims\.jsonl is not readable \(line 1: no statement"),
    ],
)
def test_a_damaged_file_is_named_in_one_line(folder, file, text, message):
    (folder / file).write_text(text)
    with pytest.raises(ValueError, match=message) as error:
        rows(folder)
    assert "\n" not in str(error.value)


def test_a_line_still_being_written_is_left_for_later(folder):
    before = rows(folder)
    with (folder / "history.jsonl").open("a") as lines:
        lines.write('{"images": 24000, "epo')
    pd.testing.assert_frame_equal(rows(folder), before)


MADE_UP = """
from aeaug.evaluation.metric import Measurement, Metric

MEASUREMENT = Measurement(
    (Metric("sharpness", "Sharpness", "higher", "log", 3, "a metric made up in a test", "fidelity"),),
    lambda reference: lambda sample: {"sharpness": float(sample.images.abs().mean())},
)
"""


@pytest.fixture
def made_up(tmp_path):
    """A file that declares a metric, in a folder where metrics are looked for."""
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "sharpness.py").write_text(MADE_UP)
    of_images.__path__.append(str(tmp_path / "more"))
    of_images.find()
    yield METRICS["sharpness"]
    of_images.__path__.remove(str(tmp_path / "more"))
    of_images.find()
    assert "sharpness" not in METRICS


def test_a_new_metric_is_one_file(made_up, tmp_path):
    stated = claim(metric="sharpness", direction="higher", statement="Images are sharper.", seeds=6)
    for seed in range(6):
        for variant, injection, number in (("none", "none", 1.0), ("append-gaussian", "append", 1.5)):
            folder = run_directory(tmp_path / "runs", variant=variant, injection=injection, seed=seed, claims=[stated])
            written = json.loads((folder / "metrics.json").read_text())
            written["readings"]["end"]["spaces"]["classifier"]["sharpness"] = number + seed / 100
            written["floors"]["real"]["spaces"]["classifier"]["sharpness"] = 2.0
            (folder / "metrics.json").write_text(json.dumps(written))
    assert value(rows(folder), "sharpness") == 1.55
    assert made_up.tag == "fidelity/sharpness"  # in TensorBoard
    paths = report(["demo"], None, tmp_path)
    html, csv = paths.html.read_text(), pd.read_csv(paths.table.with_suffix(".csv"))
    assert '<b class="supported">supported</b> <span>Sharpness +4' in html
    assert "Sharpness ↑" in html
    assert "<dt>Sharpness</dt><dd>a metric made up in a test</dd>" in html
    assert "1.525 [1.500–1.550]" in html
    sets = csv[csv["metric"] == "sharpness"]["set"].value_counts()
    assert (sets["generated"], sets["real"]) == (24, 12)  # twice, at the end and at the best reading
    assert "supported, higher beyond chance, on average by 5% or more; Sharpness +4" in " ".join(paths.terminal.split())


def test_a_file_that_declares_nothing_and_a_key_declared_twice_are_refused(tmp_path):
    of_images.__path__.append(str(tmp_path))
    try:
        (tmp_path / "nothing.py").write_text("")
        with pytest.raises(ValueError, match=r"nothing\.py: declares no MEASUREMENT"):
            of_images.find()
        (tmp_path / "nothing.py").unlink()
        (tmp_path / "again.py").write_text(MADE_UP.replace("sharpness", "coverage"))
        with pytest.raises(ValueError, match="another file declares 'coverage' too"):
            of_images.find()
    finally:
        of_images.__path__.remove(str(tmp_path))
        of_images.find()


def test_several_experiments_are_one_table(tmp_path):
    for name in ("one", "two"):
        run_directory(tmp_path / "runs", name=name)
    both = experiment_rows(tmp_path / "runs", ["one", "two"])
    alone = [experiment_rows(tmp_path / "runs", [name]) for name in ("one", "two")]
    pd.testing.assert_frame_equal(both, pd.concat(alone, ignore_index=True))


def made_under(folder, **status):
    """What the run's records say after its status says that."""
    file = folder / "status.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **status}))
    found = rows(folder)
    records = found[found["set"] == "record"]
    return dict(zip(records["metric"], records["note"], strict=True))


def under(threads, torch="2.14.1", processor="EPYC (AVX2)"):
    return {"processor": processor, "threads": threads, "versions": {"torch": torch, "python": "3.11.7"}}


def test_under_what_a_run_was_made_is_in_the_table_and_no_host_is(folder):
    starts = [under(1), under(4, "2.11.0"), under(1, processor="Xeon (AVX512)")]
    found = made_under(folder, circumstances=starts, host="somewhere", versions={"torch": "2.14.1", "python": "3.11.7"})
    assert found["threads"] == "1 then 4"
    assert found["processor"] == "EPYC (AVX2) then Xeon (AVX512)"
    assert found["versions"] == "python 3.11.7, torch 2.14.1 then 2.11.0"
    assert not any("somewhere" in note for note in found.values())


def test_of_a_run_of_an_earlier_version_the_table_says_what_there_is(folder):
    found = made_under(folder)
    assert "processor" not in found
    assert "threads" not in found
    assert found["versions"].endswith("torch 2.14.1")
    config = yaml.safe_load((folder / "config.yaml").read_text())
    (folder / "config.yaml").write_text(yaml.safe_dump({**config, "trainer": {"threads": 2}}))
    assert made_under(folder)["threads"] == "2"
    assert made_under(folder, circumstances=[under(4)])["threads"] == "4"


@pytest.mark.long
@pytest.mark.parametrize("threads", [pytest.param((1, 1), marks=pytest.mark.long), (1, 2)])
def test_a_page_of_a_table_says_the_same_of_halves_as_one_of_the_runs(tmp_path, threads):
    for seed in range(2):
        for arm, count in zip(("none", "append"), threads, strict=True):
            made = run_directory(tmp_path / "runs", variant=arm, injection=arm, seed=seed, old=True)
            made_under(made, circumstances=[under(count)])
    of_runs = report(["demo"], None, tmp_path)
    again = report(None, of_runs.table, tmp_path / "again")
    pages = [paths.html.read_text() for paths in (of_runs, again)]
    said = ["2 of 2 with 1 and 2 threads" in page for page in pages]
    assert said == [threads == (1, 2)] * 2
