"""One table of rows: what a run's folder holds, number by number."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from aeaug.evaluation import metrics as of_images
from aeaug.report.results import results_of
from aeaug.report.write import report
from aeaug.run.metrics import METRICS
from aeaug.run.rows import COLUMNS, experiment_rows, rows, settings
from tests.report.conftest import claim, run_directory


@pytest.fixture
def folder(tmp_path):
    return run_directory(tmp_path / "runs", variant="append-gaussian", injection="append", claims=[claim()])


def value(table, metric, of="generated", split="test"):
    """The only one at the end."""
    here = table[(table["metric"] == metric) & (table["set"] == of) & (table["split"] == split)]
    (found,) = here.loc[here["images"].isna(), "value"]
    return found


def test_every_run_says_who_it_is_in_every_row(folder):
    table = rows(folder)
    assert table.dtypes.astype(str).to_dict() == COLUMNS
    one = table[["experiment", "arm", "n_train", "seed", "state"]].drop_duplicates()
    assert one.values.tolist() == [["demo", "append-gaussian", 500, 0, "done"]]
    place = ["split", "set", "metric", "images"]
    assert not table.duplicated(place).any()


def test_every_number_of_every_set_is_a_row(folder):
    table, written = rows(folder), json.loads((folder / "metrics.json").read_text())
    floors = {name: one["spaces"]["classifier"] for name, one in written["floors"].items()}
    sets = {"generated": written["readings"]["end"]["spaces"]["classifier"], **floors}
    assert sets.keys() == {"generated", "real", "copy", "pixels", "decoded"}
    for name, measured in sets.items():
        for key, number in measured.items():
            if key == "class_histogram":
                assert [value(table, f"class_{digit}", name) for digit in range(10)] == number
            else:
                assert value(table, key, name) == number
    assert (
        value(table, "frechet_distance", "real", "validation")
        == written["validation_floor"]["spaces"]["classifier"]["frechet_distance"]
    )
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
        "seconds_total": sum(seconds.values()),
        "seconds_training": seconds["autoencoder"] + seconds["augmentation"] + seconds["gan"],
        "seconds_augmentation_epoch": seconds["augmentation"] / 20,
        "images_per_second": 240_000 / (seconds["gan"] + seconds["augmentation"]),
        "peak_memory": status["peak_memory"]["host_bytes"] / 2**30,
        "synthetic_share": written["work"]["synthetic"] / written["work"]["shown"],
        "parameters_autoencoder": written["parameters"]["autoencoder"],
    }
    assert {key: value(table, key, "run") for key in expected} == pytest.approx(expected)
    assert value(table, "leak_share") == written["leak"]["share_generated"]
    assert value(table, "leak_frechet") == written["leak"]["frechet_difference"]


def test_every_metric_of_a_finished_run_is_in_its_table(folder):
    tested = rows(folder).query("split == 'test' and images.isna()").dropna(subset="value")
    assert {(metric.place, metric.key) for metric in METRICS.values()} <= set(
        zip(tested["set"], tested["metric"], strict=True)
    )
    (run,) = results_of(rows(folder)).runs
    for metric in METRICS.values():  # what may be zero or negative needs its natural scale, or it would not be compared
        number = run.of(metric)
        assert metric.scale == "natural" or number > 0
        assert run.on_scale(metric) == pytest.approx(math.log(number) if metric.scale == "log" else number)


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
    assert dict(zip(numbers["metric"], numbers["value"], strict=True)) == (
        {"synthetic_share": 0.0, "diverged": 1.0} if state == "diverged" else {}
    )


def test_a_run_of_an_earlier_version_lacks_only_what_it_did_not_measure(tmp_path):
    folder = run_directory(tmp_path / "runs", variant="append-gaussian", injection="append", old=True)
    table, written = rows(folder), json.loads((folder / "metrics.json").read_text())
    tested = table[(table["split"] == "test") & (table["set"] == "generated")].dropna(subset="value")
    assert set(tested["metric"]) - {f"class_{n}" for n in range(10)} == written["readings"]["end"]["spaces"][
        "classifier"
    ].keys() - {"class_histogram"}
    assert (
        value(table, "frechet_distance", "real")
        == written["floors"]["real"]["spaces"]["classifier"]["frechet_distance"]
    )


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
    assert table[(table["metric"] == "data_copying") & (table["set"] == "generated")]["note"].tolist() == [
        "cells too small"
    ]


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
    assert (sets["generated"], sets["real"]) == (12, 12)
    assert "supported, higher beyond chance, at the median by 5% or more; Sharpness +4" in " ".join(
        paths.terminal.split()
    )


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
