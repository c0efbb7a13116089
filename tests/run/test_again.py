"""Measuring what is there already: a finished run again, and images from another program."""

import json
import math
import re
import runpy
import shutil
import subprocess
import sys
from functools import partial

import numpy as np
import pytest
import torch
import yaml
from PIL import Image

from aeaug.artifacts import artifact_key, file_sha256
from aeaug.cli import evaluate
from aeaug.data import to_float
from aeaug.data.sets.mnist_5k import load_mnist_5k
from aeaug.data.sets.stacked_mnist_5k import STACKED_MNIST_5K
from aeaug.evaluation.final import FinalEvaluator
from aeaug.evaluation.floors import floors
from aeaug.evaluation.metric import Metric
from aeaug.evaluation.metrics import METRICS
from aeaug.faults import Fault
from aeaug.gan import GANModule
from aeaug.run.again import image_set
from aeaug.run.again.agreement import agreement, remarks
from aeaug.run.again.evaluation import Evaluation
from aeaug.run.again.finished_run import FinishedRun
from aeaug.run.again.image_set import FEWEST, ImageSet, reference_positions
from aeaug.run.identity.provenance import versions
from aeaug.run.pipeline import Run
from aeaug.sweep.composition.command_line import for_hydra
from aeaug.sweep.composition.command_options import compose_reevaluation
from tests.conftest import REPOSITORY, compose, options

N = 1000  # images in the embedded test split
SEED = 3


def asked(*overrides):
    typed = for_hydra(overrides, "command/evaluate", ("run", "images"))
    config = compose(["trainer.progress=false", "trainer.threads=1", *typed], "command/evaluate")
    return compose_reevaluation(config, typed)


def of_images(path, *overrides):
    return ImageSet(asked(f"images={path}", "data=mnist_5k", "data.n_train=100", *overrides))


def load_stacked():
    return STACKED_MNIST_5K.load(None)


def of_run(folder, outputs):
    return FinishedRun(asked(f"run={folder}", f"outputs={outputs}", "data.root=nowhere"))


@pytest.fixture(scope="module", autouse=True)
def quick():
    """Images are measured with as short a training of the small classifiers as tests' runs are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(image_set, "FinalEvaluator", partial(FinalEvaluator, classifier_steps=20))
        patch.setattr(image_set, "floors", partial(floors, draws=2))
        yield


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    return tmp_path_factory.mktemp("outputs")


@pytest.fixture(scope="module")
def run(outputs):
    """The folder of a finished run, with a comma and a blank in its path."""
    experiment = Run(
        options(
            outputs / "a b",
            "arm=append_gaussian",
            "variant='append,tiny'",
            f"seed={SEED}",
        )
    )
    experiment.run()
    return experiment.folder.path


@pytest.fixture(scope="module")
def stored(run):
    return json.loads((run / "metrics.json").read_text())


@pytest.fixture(scope="module")
def generated(run):
    """What the run measured at its end."""
    module = GANModule.load_from_checkpoint(run / "checkpoints" / "last.ckpt", weights_only=True)
    return module.sample(N, SEED, "evaluation latents")


@pytest.fixture
def copy(run, tmp_path):
    """A copy of the run, to be damaged."""
    return shutil.copytree(run, tmp_path / "copy")


def of(measured):
    """The numbers in the classifier's features."""
    return measured["spaces"]["classifier"]


def to_bytes(images):
    return images.squeeze(1).add(1).mul(127.5).round().to(torch.uint8).numpy()


def save_pngs(folder, images):
    folder.mkdir()
    for number, image in enumerate(images):
        Image.fromarray(image).save(folder / f"{number:05d}.png")


def command(monkeypatch, *arguments):
    """As the script does, without another process: importing everything takes longer than the rest."""
    monkeypatch.setattr(sys, "argv", ["evaluate.py", *arguments])
    evaluate()


# --- a finished run


def test_a_run_measured_again_gives_the_same_bits_and_stays_as_it_is(run, stored, outputs):
    files = sorted(path for path in run.rglob("*") if path.is_file())
    before = [(path, path.stat().st_mtime_ns, path.read_bytes()) for path in files]
    torch.manual_seed(123)  # whatever the global stream
    evaluation = of_run(run, outputs).measure()
    for part in ("readings", "floors", "validation_floor", "leak", "autoencoder", "data", "feature_nets"):
        assert json.loads(json.dumps(evaluation.record[part])) == stored[part]
    found = evaluation.record["agreement"]
    assert found["different"] == {}
    assert found["new"] == []
    assert found["same"] > 100
    assert evaluation.name == f"adhoc/append,tiny/seed={SEED}"
    assert any("are the same, bit for bit" in line for line in evaluation.remarks)
    assert max(map(len, evaluation.table().splitlines())) <= 100
    after = sorted(path for path in run.rglob("*") if path.is_file())
    assert [(path, path.stat().st_mtime_ns, path.read_bytes()) for path in after] == before


def test_what_differs_is_told_from_what_is_new():
    stored = {"test": {"fd": 1.0, "histogram": [0.5, 0.5], "c_t": None}, "leak": None, "validation": {"fd": 7.0}}
    now = {"test": {"fd": 1.0, "histogram": [0.5, 0.25], "c_t": None, "kid": 2.0}, "leak": {"share": 0.5}}
    found = agreement(stored, now)
    assert found["different"] == {"test.histogram[1]": {"stored": 0.5, "now": 0.25}}
    assert found["new"] == ["test.kid", "leak.share"]
    assert found["same"] == 3
    lines = remarks(found, {**versions(), "torch": "1.0"})
    assert lines[:2] == [
        "1 numbers differ from metrics.json, 3 are the same:",
        "  test.histogram[1]: 0.5 there, 0.25 here (-5e-01 of it)",
    ]
    assert lines[2].startswith("torch 1.0 there, ")
    assert lines[3] == "2 more are new: test.kid, leak.share"
    assert agreement(now, stored)["different"] == {
        "test.histogram[1]": {"stored": 0.25, "now": 0.5},
        "test.kid": {"stored": 2.0, "now": None},
        "leak.share": {"stored": 0.5, "now": None},
    }


def change(file, **changes):
    content = json.loads(file.read_text())
    file.write_text(json.dumps({**content, **changes}))


def reconfigure(file, **changes):
    content = yaml.safe_load(file.read_text())
    file.write_text(yaml.safe_dump({**content, **changes}))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda run: shutil.rmtree(run), "no such folder"),
        (lambda run: (run / "config.yaml").unlink(), r"this folder is no run \(it has no config.yaml\)$"),
        (lambda run: (run / "config.yaml").rename(run / "samples" / "config.yaml"), "there are 1 below it, such as"),
        (lambda run: (run / "config.yaml").write_text("a: ]"), "config.yaml is not readable"),
        (lambda run: reconfigure(run / "config.yaml", seed=-1), "config.yaml: seed=-1: input should be greater than"),
        (lambda run: change(run / "status.json", state="diverged"), "state=diverged, there is no generator"),
        (lambda run: change(run / "status.json", state="running"), "state=running, the run is not finished"),
        (lambda run: (run / "status.json").unlink(), "status.json is missing"),
        (lambda run: (run / "metrics.json").write_text("{"), "metrics.json is not readable"),
        (
            lambda run: change(run / "metrics.json", feature_nets={"classifier": "abc"}),
            "measured with feature_nets.classifier=abc…, here it is",
        ),
        (
            lambda run: change(
                run / "metrics.json",
                feature_nets=json.loads((run / "metrics.json").read_text())["feature_nets"] | {"self_supervised": "b"},
            ),
            "measured with feature_nets.self_supervised=b…, here it is",
        ),
        (lambda run: change(run / "metrics.json", test={"n": 1}), "an earlier version measured it, by other rules"),
        (lambda run: change(run / "metrics.json", readings=None), "evaluation.test=false, it was not measured"),
        (lambda run: (run / "checkpoints" / "best.ckpt").unlink(), "checkpoints/best.ckpt: it is missing: delete"),
        (
            lambda run: shutil.copy(run / "checkpoints" / "last.ckpt", run / "checkpoints" / "best.ckpt"),
            "checkpoints/best.ckpt: 'frechet_distance': delete",
        ),
        (lambda run: change(run / "metrics.json", data={}), r"measured with data\.sha256=None"),
        (
            lambda run: (run / "checkpoints" / "last.ckpt").unlink(),
            "checkpoints/last.ckpt is missing: delete .*metrics.json and the folder .*checkpoints and repeat",
        ),
        (lambda run: (run / "checkpoints" / "last.ckpt").write_bytes(b"PK"), "last.ckpt is not readable"),
        (
            lambda run: reconfigure(
                run / "config.yaml", budget={"images": 800, "images_per_epoch": 200, "batch_size": 20}
            ),
            "last.ckpt is of 400 images, but budget.images=800",
        ),
    ],
)
def test_a_run_that_cannot_be_measured_says_why_in_one_line(copy, damage, message):
    damage(copy)
    with pytest.raises(ValueError, match=message) as caught:
        of_run(copy, copy.parent)
    assert str(caught.value).startswith(f"run={copy}: ")
    assert "\n" not in str(caught.value)


def test_a_run_from_before_these_keys_can_be_measured(copy):
    file = copy / "config.yaml"
    config = yaml.safe_load(file.read_text())
    del config["claims"], config["evaluation"]["autoencoder"]
    file.write_text(yaml.safe_dump(config))
    assert of_run(copy, copy.parent).options.claims == ()


def of_other_code(run, outputs):
    """The run's autoencoder as one that other code has made: under a key that today's code would not give it."""
    stored = json.loads((run / "metrics.json").read_text())["autoencoder"]
    folder = outputs / "artifacts" / "autoencoder" / stored["key"]
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["recipe"]["version"]["code"] = "0" * 16
    change(folder / "manifest.json", **manifest)
    key = artifact_key(manifest["recipe"])
    folder.rename(folder.with_name(key))
    change(run / "metrics.json", autoencoder=stored | {"key": key})
    return key


@pytest.mark.long
def test_the_autoencoder_that_a_run_recorded_is_found_whatever_made_it(run, copy, outputs, tmp_path):
    shutil.copytree(outputs / "a b" / "artifacts", tmp_path / "artifacts")
    key = of_other_code(copy, tmp_path)
    kept = [path for path in (tmp_path / "artifacts").glob("*/*/*.*") if path.parts[-3] != "autoencoder"]
    assert {path.parts[-3] for path in kept} >= {"features", "floor", "leak", "autoencoder_quality"}
    for path in kept:
        path.write_bytes(b"damaged, and never looked at: all but the autoencoder is measured anew")
    evaluation = of_run(copy, tmp_path).measure()
    assert [path.name for path in (tmp_path / "artifacts" / "autoencoder").iterdir() if path.is_dir()] == [key]
    assert evaluation.record["agreement"]["different"] == {}
    assert not any("trained anew" in line for line in evaluation.remarks)


@pytest.mark.long
def test_an_autoencoder_that_is_no_more_is_trained_anew_and_that_is_said(copy, stored, tmp_path):
    evaluation = of_run(copy, tmp_path).measure()
    assert f"Its autoencoder {stored['autoencoder']['key']} was not in" in evaluation.remarks[-1]
    assert json.loads(json.dumps(evaluation.record["readings"])) == stored["readings"]


# --- images from another program


def test_a_runs_images_measure_as_the_run_does(generated, stored, tmp_path, monkeypatch, capsys):
    path, out = tmp_path / "my, images.npy", tmp_path / "out"
    np.save(path, generated.numpy())
    same = ["data=mnist_5k", "data.n_train=100", f"seed={SEED}", "trainer.threads=1", "trainer.progress=false"]
    command(monkeypatch, f"images={path}", *same, f"outputs={out}")
    record = json.loads((out / "evaluations" / "my,_images" / "evaluation.json").read_text())
    assert record["readings"]["end"]["spaces"] == stored["readings"]["end"]["spaces"]
    assert record["floors"] == {name: stored["floors"][name] for name in ("real", "copy", "pixels")}
    assert record["data"] == stored["data"]
    assert record["feature_nets"] == stored["feature_nets"]
    shown = capsys.readouterr().out
    for words in (
        "my, images.npy: 1,000 images",
        "against the 1,000 of",
        "↓ FD ",
        "↑ recall",
        "real",
        "copy",
        "pixels",
    ):
        assert words in shown


def test_fewer_images_are_measured_against_as_many(embedded, tmp_path, monkeypatch):
    save_pngs(tmp_path / "few", 255 - embedded.splits.test_images[:FEWEST].numpy())
    evaluation = of_images(tmp_path / "few").measure()
    record = evaluation.record
    assert record["n"] == FEWEST
    assert record["floors"]["real"]["draws"] == 2
    assert record["measured"]["range"] == "byte"
    shown = evaluation.table()
    assert "few: 194 images with values in [0, 255]" in shown
    assert "Inverted?" in shown
    assert "against 194 of the 1,000" in shown
    assert re.search(r"FD, self-supervised .* ± \d", shown)
    assert "real ±: standard deviation of 2 draws" in shown
    assert max(map(len, shown.splitlines())) <= 100


def test_bytes_and_files_are_the_same_images_but_for_rounding(generated, tmp_path):
    rounded = to_bytes(generated)
    np.save(tmp_path / "mine.npy", rounded)
    save_pngs(tmp_path / "mine", rounded)
    from_array, from_files = (of_images(tmp_path / name).images for name in ("mine.npy", "mine"))
    assert from_array.equal(from_files)
    assert (from_array - generated).abs().max() <= 1 / 255 + 1e-6


def test_the_test_split_is_as_good_as_images_can_be(embedded, tmp_path, monkeypatch):
    monkeypatch.setattr(image_set, "floors", lambda *_, **__: {})
    np.save(tmp_path / "test.npy", embedded.splits.test_images.numpy())
    found = of(of_images(tmp_path / "test.npy").measure().record["readings"]["end"])
    assert found["frechet_distance"] == pytest.approx(0, abs=1e-4)
    assert [found[key] for key in ("precision", "recall", "coverage")] == [1, 1, 1]


def test_of_many_images_some_are_drawn_and_for_few_the_reference_shrinks(tmp_path):
    images, _ = load_mnist_5k()
    np.save(tmp_path / "many.npy", images.numpy())
    many, again, other = (of_images(tmp_path / "many.npy", f"seed={seed}") for seed in (0, 0, 1))
    assert many.n == N
    assert many.images.equal(again.images)
    assert not many.images.equal(other.images)
    drawn = {image.numpy().tobytes() for image in many.images}
    assert len(drawn) > 0.99 * N  # not the same one twice (MNIST has a few twins)
    assert drawn <= {image.numpy().tobytes() for image in to_float(images)}
    assert len(drawn & {image.numpy().tobytes() for image in to_float(images[:N])}) < N / 2  # nor the first ones
    assert of_images(tmp_path / "many.npy", "n_images=300").n == 300


def test_a_smaller_reference_is_balanced_and_no_prefix():
    labels = torch.arange(10).repeat_interleave(50)
    assert reference_positions(labels, 500).equal(torch.arange(500))
    chosen = reference_positions(labels, 200)
    assert labels[chosen].bincount().tolist() == [20] * 10
    assert len(chosen.unique()) == 200
    first_of_class_0 = chosen[labels[chosen] == 0]
    assert not first_of_class_0.equal(torch.arange(20))


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ((), "floats from 0 to 1 may be .*: say range=unit or range=signed"),
        (("range=byte", "n_images=100"), f"n_images=100: must be between {FEWEST} and 300"),
        (("n_images=301",), "n_images=301: must be between"),
        (("range=wide",), "range=wide: input should be 'byte', 'unit' or 'signed'"),
        (("n_images=0",), "n_images=0: input should be greater than 0"),
        (("data.n_train=5",), "data.n_train=5: input should be greater than or equal to 10"),
        (("name=../up",), "name=../up: a name has letters, digits and"),
    ],
)
def test_options_that_do_not_fit_are_said_in_one_line(tmp_path, overrides, message):
    np.save(tmp_path / "unit.npy", np.linspace(0, 1, 300 * 784).reshape(300, 28, 28))
    with pytest.raises(ValueError, match=message) as caught:
        ImageSet(asked(f"images={tmp_path / 'unit.npy'}", "data=mnist_5k", f"outputs={tmp_path}", *overrides))
    assert "\n" not in str(caught.value)


def test_outputs_that_cannot_be_written_are_refused_before_any_work(tmp_path):
    (tmp_path / "file").write_text("")
    for thing in ("run=a", "images=a"):
        with pytest.raises(ValueError, match=r"^outputs=.*file/below: .*file is not a writable folder$"):
            asked(thing, f"outputs={tmp_path / 'file' / 'below'}")


def test_too_few_images_are_refused(tmp_path):
    np.save(tmp_path / "few.npy", np.zeros((FEWEST - 1, 28, 28), np.uint8))
    with pytest.raises(ValueError, match=f"few.npy: {FEWEST - 1} images, at least {FEWEST} are needed"):
        of_images(tmp_path / "few.npy")


def test_missing_mnist_is_said(tmp_path):
    np.save(tmp_path / "mine.npy", np.zeros((FEWEST, 28, 28), np.uint8))
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match=r"data\.root: MNIST not found in"):
        ImageSet(asked(f"images={tmp_path / 'mine.npy'}", f"data.root={tmp_path / 'file'}"))


def test_nothing_is_overwritten(tmp_path):
    first, second = (Evaluation("set", "", {}, {"n": n}) for n in (1, 2))
    written = first.write(tmp_path)
    assert written == tmp_path / "evaluations" / "set" / "evaluation.json"
    assert first.write(tmp_path) == written  # the same again
    beside = second.write(tmp_path)
    assert beside == tmp_path / "evaluations" / "set.2" / "evaluation.json"
    assert second.write(tmp_path) == beside
    assert [json.loads(path.read_text())["n"] for path in (written, beside)] == [1, 2]
    assert second.write(tmp_path, "other") == tmp_path / "evaluations" / "other" / "evaluation.json"


def test_the_table_has_a_row_for_every_metric_that_is_declared(monkeypatch):
    made_up = Metric("sharpness", "sharpness", "higher", "natural", 3, "how sharp edges are", "fidelity")
    monkeypatch.setitem(METRICS, "sharpness", made_up)
    real = {"draws": 20, "spaces": {"classifier": {"sharpness": -12345.678}}, "sd": {"classifier": {"sharpness": 1.25}}}
    record = {"floors": {"real": real, "copy": {"spaces": {"classifier": {}}}, "pixels": None}}
    columns = {"images": {"classifier": {"sharpness": 0.5}, "self_supervised": {"frechet_distance": 7.0}}}
    shown = Evaluation("set", "Title", columns, record, ("Mind.",)).table()
    rows = {line[2:].split("  ")[0]: line for line in shown.splitlines() if line[:1] in "↓↑ "}
    assert {metric.label for metric in METRICS.values()} <= set(rows)
    # No more than five digits, for the row is read across; a true minus, thousands apart.
    assert rows["sharpness"].split(" ")[-1] == "–"
    assert "  0  −12,346 ± 1.2  " in rows["sharpness"]
    assert rows["FD, self-supervised"].split() == ["↓", "FD,", "self-supervised", "7.00", "–", "–"]
    assert "recall, self-supervised" not in rows
    assert "real ±: standard deviation of 20 draws" in shown
    assert "pixels: too few images for this floor" in shown
    for metric in METRICS.values():
        assert (f"  {metric.label}: {metric.meaning}" in shown) == (metric.better == "neither")
    assert shown.splitlines()[0] == "Title"
    assert shown.splitlines()[-1] == "Mind."


@pytest.mark.long
def test_of_stacked_images_the_table_says_how_many_modes_there_are(tmp_path, monkeypatch):
    """All images are looked at, those beyond the test split's number too; of one image a mode there are all of these
    and the divergence is ln (1000 / modes)."""
    monkeypatch.setattr(image_set, "floors", lambda *_, **__: {})
    images, labels = load_stacked().pool_images, load_stacked().pool_labels
    chosen = torch.cat([images[labels < 500][:2500], images[labels == 7][:1]])
    np.save(tmp_path / "mine.npy", chosen.numpy())
    few = of_images(tmp_path / "mine.npy", "data=stacked_mnist_5k", "data.n_train=1000", "n_images=600")
    evaluation = few.measure()
    found = evaluation.record["readings"]["end"]["modes"]
    assert found["samples"] == 2501
    assert abs(found["covered"] - 500) <= 15  # the classifier of digits errs in one of some hundred channels
    assert found["kl"] == pytest.approx(math.log(2), abs=0.06)
    rows = [line.split() for line in evaluation.table().splitlines()]
    assert ["↑", "modes", "covered,", "of", "2,501", "images", f"{found['covered']:,}"] in rows
    assert ["↓", "mode", "KL", f"{found['kl']:.3f}"] in rows
    assert "modes covered" not in Evaluation("set", "Title", {}, {"floors": {}}).table()


# --- the command


def test_paths_reach_hydra_as_they_are(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # what is asked for has to be there
    path = "runs/a b/none,data.n_train=100/it's [1] {2}/seed=0"
    for strange in (path, "C:\\runs\\'x'\\", "ends in '", "\\'", "a,b", "1", "true", "a", path.replace("'", "")):
        (tmp_path / strange).mkdir(parents=True)
        (tmp_path / strange / "config.yaml").touch()
        assert asked(f"run={strange}").run == strange
    assert asked("run=a", f"data.root={path}", f"outputs={path}", "trainer.progress=false").data.root == path
    assert asked("run=null", "images=a").run is None
    assert asked(f"images='{path.replace(chr(39), '')}'").images == path.replace("'", "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "nothing to measure: say run=<folder of a finished run> or images="),
        (["mine.npy"], "mine.npy: say run=mine.npy or images=mine.npy"),
        (["image=mine.npy"], r"image=mine.npy: no such option; did you mean images\?"),
        (["n_train=5"], "n_train=5: no such option"),
        (
            ["images=a", "data=cifar"],
            "data=cifar: must be one of fashion_mnist, folder, hf, mnist, mnist_5k, stacked_mnist, stacked_mnist_5k",
        ),
        (["images=a", "threads=1"], "threads=1: no such option; there are .* trainer"),
        (
            ["images=a", "trainer.thread=1"],
            r"trainer\.thread=1: no such option of trainer; did you mean",
        ),
        (["images=a", "trainer=gpu"], r"trainer\.accelerator=gpu: images are measured on the CPU"),
        (["images=a", "trainer=ddp"], r"trainer\.devices=2: images are measured on the CPU"),
        (["images=a", "trainer.threads=0"], r"trainer\.threads=0: input should be greater than or equal to 1"),
        (["run=a", "data=mnist_5k"], "data=mnist_5k: it goes with images=…; run=a has its own"),
        (["run=a", "data.n_train=500"], r"data\.n_train=500: it goes with images=…"),
        (["run=a", "trainer=cpu"], "trainer=cpu: it goes with images=…; run=a has its own"),
        (["run=a", "seed=1"], "seed=1: it goes with images=…"),
        (["run=a", "images=b"], "run=a, images=b: one of them at a time"),
        (["images="], "images=: a path must not be empty"),
        (["-m", "images=a"], "-m: one thing at a time"),
    ],
)
def test_what_is_mistyped_is_said_in_one_line(arguments, message):
    with pytest.raises(ValueError, match=message) as caught:
        asked(*arguments)
    assert "\n" not in str(caught.value)


def test_the_command_says_what_is_wrong(tmp_path, monkeypatch):
    with pytest.raises(SystemExit, match=r"^error: images=nowhere: no such file or folder$"):
        command(monkeypatch, "images=nowhere", f"outputs={tmp_path}")
    with pytest.raises(SystemExit, match=r"^error: mine\.npy: say run="):
        command(monkeypatch, "mine.npy")


def test_the_script_says_what_there_is(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["evaluate.py", "--help"])
    with pytest.raises(SystemExit) as left:
        runpy.run_path(str(REPOSITORY / "scripts" / "evaluate.py"), run_name="__main__")
    assert not left.value.code
    shown = capsys.readouterr().out
    assert "images=my_images.npy" in shown
    assert "n_images: null" in shown


# --- damage, and media that are read only


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.long
def test_a_damaged_generator_is_one_line_and_the_way_out_works(run, outputs, tmp_path):
    home = shutil.copytree(outputs / "a b", tmp_path / "home")
    copy = home / run.relative_to(outputs / "a b")
    flip(copy / "checkpoints" / "last.ckpt")
    with pytest.raises(
        Fault, match=r"delete .*metrics\.json and the folder .*checkpoints and repeat the run's command"
    ) as caught:
        of_run(copy, tmp_path)
    assert "\n" not in str(caught.value)
    (copy / "metrics.json").unlink()
    shutil.rmtree(copy / "checkpoints")
    given = ["arm=append_gaussian", "variant='append,tiny'", f"seed={SEED}"]
    Run(options(home, *given)).run()
    assert (copy / "metrics.json").read_bytes() == (run / "metrics.json").read_bytes()
    assert of_run(copy, tmp_path).measure().record["agreement"]["different"] == {}


@pytest.mark.parametrize("file", ["autoencoder.ckpt", "report.json"])
@pytest.mark.parametrize("content", [b"", b"PK", b"[" * 100_000, b"[]", b'{"seconds": "x"}'])
def test_an_autoencoder_whose_damage_its_checksums_confirm_is_one_line(copy, outputs, tmp_path, file, content):
    shutil.copytree(outputs / "a b" / "artifacts", tmp_path / "artifacts")
    (folder,) = (path for path in (tmp_path / "artifacts" / "autoencoder").iterdir() if path.is_dir())
    (folder / file).write_bytes(content)
    sums = json.loads((folder / "manifest.json").read_text())["sha256"]
    change(folder / "manifest.json", sha256=sums | {file: file_sha256(folder / file)})
    with pytest.raises(
        Fault, match=rf"{file} is not readable .*: delete the folder .*, and it is trained anew"
    ) as caught:
        of_run(copy, tmp_path)
    assert "\n" not in str(caught.value)


def test_an_autoencoder_of_other_networks_is_one_line(copy, outputs, tmp_path, monkeypatch):
    shutil.copytree(outputs / "a b" / "artifacts", tmp_path / "artifacts")
    monkeypatch.setattr("aeaug.autoencoder.module.build_encoder", lambda network, latent_dim: torch.nn.Linear(3, 3))
    with pytest.raises(Fault, match="does not fit this version of the code") as caught:
        of_run(copy, tmp_path)
    assert "\n" not in str(caught.value)


def test_an_autoencoder_of_another_subset_is_refused(copy, outputs, tmp_path):
    shutil.copytree(outputs / "a b" / "artifacts", tmp_path / "artifacts")
    stored = json.loads((copy / "metrics.json").read_text())["autoencoder"]
    folder = tmp_path / "artifacts" / "autoencoder" / stored["key"]
    recipe = json.loads((folder / "manifest.json").read_text())["recipe"] | {"subset": "0" * 64}
    change(folder / "manifest.json", recipe=recipe)
    folder.rename(folder.with_name(artifact_key(recipe)))
    change(copy / "metrics.json", autoencoder=stored | {"key": artifact_key(recipe)})
    with pytest.raises(Fault, match="was trained on another subset"):
        of_run(copy, tmp_path).measure()


def test_a_claim_of_an_earlier_version_is_no_obstacle(copy, outputs):
    reconfigure(copy / "config.yaml", claims=[{"metric": "of then"}])
    assert of_run(copy, outputs / "a b").options.claims == ()


@pytest.mark.long
def test_a_run_on_a_medium_that_is_read_only_is_measured(run, outputs, tmp_path, monkeypatch):
    place = tmp_path / "medium"
    shutil.copytree(outputs / "a b", place)
    made = subprocess.run(["mount", "--bind", "-o", "ro", str(place), str(place)], capture_output=True)
    if made.returncode:
        pytest.skip("this user may not mount")
    subprocess.run(["mount", "-o", "remount,ro,bind", str(place)], check=True)
    try:
        with pytest.raises(OSError, match="Read-only"):
            (place / "x").write_text("")
        copy = place / run.relative_to(outputs / "a b")
        evaluation = of_run(copy, tmp_path / "out").measure()
        assert evaluation.record["agreement"]["different"] == {}
        assert evaluation.write(tmp_path / "out").is_file()
        with pytest.raises(Fault, match=r"^outputs=.*Read-only"):
            asked(f"run={copy}", f"outputs={place}")
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_folder_appears_with_its_record_in_it(tmp_path):
    record = Evaluation("a/set", "", {}, {"n": 1})
    empty = tmp_path / "evaluations" / "a" / "set"
    empty.mkdir(parents=True)  # as a kill of an earlier version left it
    stray = empty.with_name(".set.1.tmp")
    stray.mkdir()
    (stray / "half").write_text("")
    assert record.write(tmp_path) == empty / "evaluation.json"
    assert [path.name for path in empty.parent.iterdir()] == ["set"]
    (empty / "evaluation.json").write_bytes(b"\xff")  # torn: it is nobody's, and is not overwritten
    assert record.write(tmp_path) == empty.with_name("set.2") / "evaluation.json"
    (tmp_path / "evaluations" / "file").write_text("")
    other = Evaluation("file", "", {}, {"n": 1}).write(tmp_path)
    assert other.parent.name == "file.2"


def test_a_full_disk_is_named_and_leaves_no_folder(mounted):
    with pytest.raises(OSError, match="No space left") as caught:
        Evaluation("set", "", {}, {"n": "x" * 2**21}).write(mounted)
    assert caught.value.filename == str(mounted / "evaluations" / "set" / "evaluation.json")
    assert list((mounted / "evaluations").iterdir()) == []
