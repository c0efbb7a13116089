"""The whole pipeline, small: what a run writes, and what arms share."""

import json
import math
import shutil
from pathlib import Path

import pytest
import torch
import yaml
from lightning.pytorch.accelerators import CUDAAccelerator
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from aeaug.evaluation import SPACES
from aeaug.evaluation.assess import assess
from aeaug.faults import Fault
from aeaug.gan import GANModule
from aeaug.run.identity.circumstances import circumstances
from aeaug.run.options import parse_options
from aeaug.run.parts import probe_of
from aeaug.run.pipeline import Run
from aeaug.sweep.composition.overrides import CONF
from tests.conftest import CLAIM, compose, options

EXPERIMENTS = sorted(Path(CONF, "experiment").glob("*.yaml"))
CORE = {
    "frechet_distance",
    "precision",
    "recall",
    "density",
    "coverage",
    "class_histogram",
    "class_kl",
    "modes",
}
METRICS = CORE | {
    "frechet_distance_infinity",
    "kernel_distance",
    "classifier_score",
    "accuracy_score",
    "confident_share",
    "frechet_gap",
    "authenticity",
    "data_copying",
    "data_copying_cells",
    "clipped_density",
    "clipped_coverage",
    "feature_likelihood",
    "feature_likelihood_gap",
    "vendi_score",
}


def run(outputs, *overrides):
    experiment = Run(options(outputs, *overrides))
    return experiment, experiment.run()


def of(measured):
    """The numbers in the classifier's features."""
    return measured["spaces"]["classifier"]


def read(experiment, name):
    return json.loads((experiment.folder.path / name).read_text())


@pytest.fixture(scope="module")
def outputs(measured_before, tmp_path_factory):
    outputs = tmp_path_factory.mktemp("outputs")
    shutil.copytree(measured_before, outputs / "artifacts")
    return outputs


@pytest.fixture(scope="module")
def arms(outputs):
    return {arm: run(outputs, f"arm={arm}")[0] for arm in ("none", "append_gaussian", "replace_interpolate")}


def test_a_run_leaves_what_it_promises(arms, outputs):
    for arm, experiment in arms.items():
        folder = experiment.folder.path
        assert folder == outputs / "runs" / "adhoc" / arm / "seed=0"
        status, metrics = read(experiment, "status.json"), read(experiment, "metrics.json")
        assert status["state"] == "done"
        assert status["images"] == status["budget"] == 400
        assert status["finished"] is not None
        assert {"gan", "evaluation", "augmentation", "shared"} <= set(status["seconds"])
        assert {"training"} <= set(status["processor_seconds"]) <= {"training", "autoencoder"}
        images, spent = zip(*status["pace"], strict=True)
        assert images == (200, 400)
        assert status["processor_seconds"].get("autoencoder", 0.0) < spent[0] < spent[1]
        assert spent[1] == pytest.approx(sum(status["processor_seconds"].values()))
        (made,) = status["circumstances"]
        assert made == circumstances(torch.device("cpu"))
        assert (made["threads"], made["versions"]) == (1, status["versions"])
        best = min(experiment.folder.read_history(), key=lambda entry: entry["frechet_distance"])
        at = {reading: found["images"] for reading, found in metrics["readings"].items()}
        assert at == {"end": 400, "best": best["images"]}
        assert metrics["readings"]["best"]["of"] == 2
        for reading in ("end", "best"):
            assert set(of(metrics["readings"][reading])) == METRICS
        assert set(metrics["floors"]) == {"real", "copy", "pixels"} | (set() if arm == "none" else {"decoded"})
        assert all(set(of(floor)) == METRICS for floor in metrics["floors"].values())
        assert set(of(metrics["validation_floor"])) == {"frechet_distance"}
        assert set(metrics["feature_nets"]) == set(metrics["readings"]["end"]["spaces"]) == {*SPACES}
        assert (metrics["leak"] is None) == (arm == "none")
        assert (metrics["autoencoder"] is None) == (arm == "none")
        assert metrics["data"]["n_train"] == 100
        work = metrics["work"]
        assert work["shown"] == work["real"] + work["synthetic"] == 400
        assert work["synthetic"] == {"none": 0, "append_gaussian": 200}.get(
            arm,
            pytest.approx(200, abs=5 * 100**0.5),  # five standard deviations
        )
        assert work["discriminator"] == 20 * (3 * 20 + 3)  # 20 steps, R1 at three of them
        config = yaml.safe_load((folder / "config.yaml").read_text())
        assert parse_options(config) == experiment.options
        names = sorted(path.name for path in (folder / "samples").iterdir())
        assert names == ["best.png", "comparison.png", "images=000000400.png", "nearest.png"]
        assert sorted(path.name for path in (folder / "checkpoints").iterdir()) == ["best.ckpt", "last.ckpt"]


def test_the_curve_has_every_evaluation(arms):
    history = arms["none"].folder.read_history()
    assert [(entry["images"], entry["epoch"]) for entry in history] == [(200, 1), (400, 2)]
    known = {"images", "epoch", "frechet_distance", "loss_d", "loss_g", "penalties", "discriminator"}
    assert all(set(entry) == known for entry in history)
    assert all(entry["penalties"].keys() == {"r1"} for entry in history)


def test_tensorboard_has_scalars_pictures_layout_and_hparams(arms):
    folder = arms["append_gaussian"].folder.path
    events = EventAccumulator(str(folder)).Reload()
    tags = events.Tags()
    assert {"distance/frechet_distance", "floor/frechet_distance", "overfitting/r_t", "test/frechet_distance"} <= set(
        tags["scalars"]
    )
    assert [event.step for event in events.Scalars("distance/frechet_distance")] == [200, 400]
    assert [event.step for event in events.Images("samples/from fixed latents")] == [200, 400]
    assert set(tags["images"]) == {"samples/from fixed latents"}  # the others are files
    plugins = {key for path in folder.glob("events*") for key in _plugins(path)}
    assert {"hparams", "custom_scalars"} <= plugins
    (text,) = events.Tensors("options/text_summary")
    assert "variant: append_gaussian\n" in text.tensor_proto.string_val[0].decode()
    assert text.step == 0


def _plugins(path):
    accumulator = EventAccumulator(str(path)).Reload()
    return set(accumulator.summary_metadata[tag].plugin_data.plugin_name for tag in accumulator.summary_metadata)


def test_arms_share_everything_but_what_distinguishes_them(arms):
    """Same subset, same real floors, same initial weights; different results."""
    metrics = [read(experiment, "metrics.json") for experiment in arms.values()]
    for key in ("data", "feature_nets", "budget"):
        assert metrics[0][key] == metrics[1][key] == metrics[2][key]
    for floor in ("real", "copy", "pixels"):
        assert metrics[0]["floors"][floor] == metrics[1]["floors"][floor]
    distances = {of(entry["readings"]["end"])["frechet_distance"] for entry in metrics}
    assert len(distances) == 3
    assert metrics[1]["autoencoder"]["key"] == metrics[2]["autoencoder"]["key"]  # trained once


def test_an_autoencoder_is_trained_on_the_gans_subset(arms, outputs):
    metrics = read(arms["append_gaussian"], "metrics.json")
    manifest = outputs / "artifacts" / "autoencoder" / metrics["autoencoder"]["key"] / "manifest.json"
    assert json.loads(manifest.read_text())["recipe"]["subset"] == metrics["data"]["subset_sha256"]


def test_the_discriminator_is_watched_and_memory_too(arms):
    for arm, experiment in arms.items():
        last = experiment.folder.read_history()[-1]["discriminator"]
        assert -1 <= last["r_t"] <= 1
        assert (last["logit_decoded"] is None) == (arm == "none")
        assert 10**8 < read(experiment, "status.json")["peak_memory"]["host_bytes"] < 10**11


def test_the_probe_sees_the_whole_validation_slice_whatever_its_order(tmp_path):
    """MNIST's is ordered by writer; this one by brightness, which is all that this discriminator sees."""
    experiment = Run(options(tmp_path, "arm=none"))
    brightness = torch.linspace(0, 255, 5_000).round().to(torch.uint8)
    ordered = brightness[:, None, None].expand(-1, 28, 28)
    experiment.data.splits = experiment.data.splits._replace(val_images=ordered)
    module = GANModule(generator_width=8, discriminator_width=8)
    module.discriminator.forward = lambda images: images.mean((1, 2, 3))
    probe = probe_of(experiment.options, experiment.fed, experiment.data.splits.val_images, experiment.source)
    report = probe(module)
    assert report["logit_validation"] == pytest.approx(0, abs=0.01)
    assert report["real_validation"] == pytest.approx(0.5, abs=0.01)


@pytest.mark.usefixtures("stocked")
def test_a_run_shows_its_losses_and_last_validation_and_ends_with_its_row(tmp_path, capsys, caplog):
    caplog.set_level("INFO")
    experiment, fd = run(tmp_path, "arm=none", "trainer.progress=true")
    (line,) = [line for line in capsys.readouterr().err.split("\n") if line.startswith("gan")]
    last = experiment.folder.read_history()[-1]
    assert f"epoch=2, loss_d={last['loss_d']:.4g}, loss_g={last['loss_g']:.4g}, FD={fd:,.0f}]" in line
    assert "\r" not in line
    assert experiment.summary() in caplog.text
    assert experiment.summary() in (experiment.folder.path / "run.log").read_text()


def test_the_baseline_can_be_measured_by_the_same_autoencoder(arms, outputs):
    """Its leak is what the others' is read against; training is as without."""
    measured, _ = run(outputs, "arm=none", "evaluation.autoencoder=true", "variant=none_measured")
    metrics, other = read(measured, "metrics.json"), read(arms["append_gaussian"], "metrics.json")
    assert metrics["readings"] == read(arms["none"], "metrics.json")["readings"]
    assert metrics["autoencoder"] == other["autoencoder"]
    assert metrics["leak"]["share_decoded"] is None
    for same in ("held_out_accuracy", "share_real", "share_reconstructed"):
        assert metrics["leak"][same] == other["leak"][same]
    # What it cost is no cost of the method.
    assert metrics["parameters"]["autoencoder"] is None
    assert "autoencoder" not in read(measured, "status.json")["seconds"]
    assert set(metrics["floors"]) == {"real", "copy", "pixels"}


def test_claims_are_written_down_before_the_run_and_change_nothing(arms, outputs):
    config = yaml.safe_load((arms["none"].folder.path / "config.yaml").read_text())
    claiming = Run(parse_options(config | {"claims": [CLAIM]}))  # no other run: it may stand in its folder
    assert claiming.folder.path == arms["none"].folder.path
    other = Run(parse_options(config | {"claims": [CLAIM], "variant": "claiming"}))
    other.folder.open()
    other.folder.close()
    written = yaml.safe_load((other.folder.path / "config.yaml").read_text())
    (stated,) = written["claims"]  # with the defaults of what it does not say
    assert stated.items() >= CLAIM.items()
    with pytest.raises(
        ValueError, match=r"claims\.0\.metric='fid': no metric of the report; known: frechet_distance, "
    ):
        parse_options(config | {"claims": [CLAIM | {"metric": "fid"}]})
    with pytest.raises(ValueError, match=r"claims\.0\.direction=down: "):
        parse_options(config | {"claims": [CLAIM | {"direction": "down"}]})


def test_the_row_of_a_run(arms):
    experiment = arms["none"]
    metrics, status = read(experiment, "metrics.json"), read(experiment, "status.json")
    readings, floors = metrics["readings"], metrics["floors"]
    fd, best, floor = (of(one)["frechet_distance"] for one in (readings["end"], readings["best"], floors["real"]))
    spread = fd / floor * floors["real"]["sd"]["classifier"]["frechet_distance"] / floor
    row, pictures = experiment.summary().splitlines()
    assert row == (
        f"done: FD {fd:,.1f} ({fd / floor:.1f} ± {spread:.1f} × floor), "
        f"coverage {of(readings['end'])['coverage']:.3f}, "
        f"best of 2 readings FD {best:,.1f} at {readings['best']['images']} images, "
        f"{sum(status['seconds'].values()):.0f} s"
    )
    assert pictures == f"pictures: {experiment.folder.samples}"


def test_a_finished_run_is_left_alone(arms, outputs, caplog):
    folder = arms["none"].folder.path
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    caplog.set_level("INFO")
    _, value = run(outputs, "arm=none")
    assert arms["none"].summary() in caplog.text  # its row again
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before
    assert value == arms["none"].folder.read_history()[-1]["frechet_distance"]


def test_another_config_in_the_same_folder_is_refused(arms, outputs):
    with pytest.raises(ValueError, match=r"another config \(gan\.r1_gamma: 1\.0 there, 2\.0 here\)"):
        Run(options(outputs, "arm=none", "variant=none", "gan.r1_gamma=2"))


@pytest.mark.usefixtures("stocked")
def test_the_same_config_gives_the_same_run_bit_for_bit(arms, tmp_path):
    torch.manual_seed(123)  # whatever the global stream
    again, _ = run(tmp_path, "arm=append_gaussian")
    first = arms["append_gaussian"]
    assert again.folder.metrics.read_bytes() == first.folder.metrics.read_bytes()
    states = [torch.load(e.folder.checkpoint, weights_only=True)["state_dict"] for e in (first, again)]
    assert states[0].keys() == states[1].keys()
    assert all(states[0][key].equal(states[1][key]) for key in states[0])


def test_the_returned_value_is_of_the_validation_slice(arms, outputs):
    _, value = run(outputs, "arm=none")
    metrics = read(arms["none"], "metrics.json")
    tested = of(metrics["readings"]["end"])["frechet_distance"]
    assert value == metrics["validation"]["frechet_distance"] != tested


def test_the_reported_models_are_the_averages_in_the_two_files(arms):
    """Both are loaded by the same call."""
    experiment = arms["none"]
    files = {"end": experiment.folder.checkpoint, "best": experiment.folder.best}
    modules = {name: GANModule.load_from_checkpoint(file, weights_only=True) for name, file in files.items()}
    found = experiment.data, experiment.nets, experiment.validation
    measured = assess(modules, *found, 0, store=experiment.store, classifier_steps=20, draws=2)["readings"]
    for name, found in read(experiment, "metrics.json")["readings"].items():
        assert measured[name]["images"] == found["images"] == modules[name].images_seen
        assert of(measured[name])["frechet_distance"] == pytest.approx(of(found)["frechet_distance"], rel=1e-9)


def reckless(outputs, *overrides, **learning):
    """A run with learning rates that no network survives, and no option admits: of a stage, ``stage={rate: value}``."""
    chosen = options(outputs, *overrides)
    stages = {stage: getattr(chosen, stage).model_copy(update=rates) for stage, rates in learning.items()}
    experiment = Run(chosen.model_copy(update=stages))
    return experiment, experiment.run()


@pytest.mark.usefixtures("stocked")
def test_divergence_ends_the_run_with_its_last_finite_metrics(tmp_path):
    """A learning rate that no network survives, after an epoch that it does."""
    rates = {"lr_generator": 1e30, "lr_discriminator": 1e30}
    experiment, value = reckless(tmp_path, "arm=none", gan=rates)
    status, metrics = read(experiment, "status.json"), read(experiment, "metrics.json")
    assert status["state"] == "diverged"
    assert "after" in status["traceback"]
    assert "readings" not in metrics
    assert metrics["work"] == {"shown": 200, "real": 200, "synthetic": 0, "discriminator": 10 * (3 * 20 + 2 * 2)}
    assert value == math.inf
    row, pictures = experiment.summary().splitlines()
    assert row.startswith(f"diverged: {status['traceback']}, last checkpoint at ")
    assert row.endswith(" s")
    assert pictures.startswith(f"pictures: {experiment.folder.samples}") or pictures.endswith("run.log")
    # It has its line in TensorBoard's table of runs.
    folder = experiment.folder.path
    assert "hparams" in {key for path in folder.glob("events*") for key in _plugins(path)}
    assert reckless(tmp_path, "arm=none", gan=rates)[1] == math.inf


@pytest.mark.usefixtures("stocked")
def test_a_failure_leaves_its_traceback_and_can_be_resumed(tmp_path, monkeypatch):
    experiment = Run(options(tmp_path, "arm=none"))
    healthy = GANModule.mean_losses
    monkeypatch.setattr(GANModule, "mean_losses", lambda self: healthy(self) if self.images_seen < 400 else 1 / 0)
    with pytest.raises(ZeroDivisionError):
        experiment.run()
    assert "ZeroDivisionError" in read(experiment, "status.json")["traceback"]
    assert read(experiment, "status.json")["state"] == "failed"
    assert experiment.summary().startswith(
        "failed: ZeroDivisionError: division by zero, last checkpoint at 200 of 400 "
    )
    monkeypatch.undo()
    with pytest.raises(ValueError, match=r"unfinished run: go on with resume=auto"):
        Run(options(tmp_path, "arm=none", "resume=false"))
    resumed, _ = run(tmp_path, "arm=none")
    assert read(resumed, "status.json")["state"] == "done"
    assert read(resumed, "status.json")["traceback"] is None


@pytest.mark.usefixtures("stocked")
def test_a_failure_before_the_first_checkpoint_blocks_nothing(tmp_path, monkeypatch):
    experiment = Run(options(tmp_path, "arm=none", "variant=none", "budget.images=800"))
    monkeypatch.setattr(GANModule, "mean_losses", lambda self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        experiment.run()
    monkeypatch.undo()
    corrected, _ = run(tmp_path, "arm=none", "variant=none", "gan.r1_gamma=2", "evaluation.test=false")
    status = read(corrected, "status.json")
    assert (status["state"], status["images"], status["asked"]) == ("done", 400, [400])


@pytest.mark.usefixtures("stocked")
def test_an_autoencoder_that_diverges_ends_the_run_and_is_not_kept(tmp_path):
    experiment, value = reckless(tmp_path, "arm=append_gaussian", "autoencoder.steps=12", autoencoder={"lr": 1e30})
    assert read(experiment, "status.json")["state"] == "diverged"
    assert "autoencoder" in read(experiment, "status.json")["traceback"]
    assert value == math.inf
    assert not [path for path in (tmp_path / "artifacts" / "autoencoder").iterdir() if path.is_dir()]


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_a_machine_without_gpu_is_said_before_any_work(tmp_path):
    with pytest.raises(ValueError, match=r"trainer\.accelerator=gpu: there is no GPU here"):
        Run(options(tmp_path / "out", "trainer.accelerator=gpu"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("accelerator", ["gpu", "auto"])
def test_more_devices_than_gpus_are_said_before_any_work(accelerator, tmp_path, monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    assert CUDAAccelerator.auto_device_count() == 1
    ddp = [
        f"trainer.accelerator={accelerator}",
        "trainer.devices=2",
        "trainer.strategy=ddp_find_unused_parameters_true",
    ]
    with pytest.raises(
        ValueError, match=r"^trainer\.devices=2: there is 1 GPU here; trainer\.accelerator=cpu takes cores$"
    ):
        Run(options(tmp_path / "out", *ddp))
    assert not (tmp_path / "out").exists()


def test_an_epoch_that_ends_before_the_generators_first_step_says_so(tmp_path):
    """Where rates change, Lightning's batch is a block of four."""
    fading = ["arm=append_gaussian", "schedule=linear", "schedule.until=300"]
    cut = ["debug=true", "++trainer.limit_train_batches=1", "gan.discriminator_steps=8", *fading]
    with pytest.raises(
        Fault, match=r"gan\.discriminator_steps=8: the epoch ended after \d+ steps of the discriminator"
    ):
        Run(options(tmp_path, *cut)).run()


def test_where_the_data_lies_does_not_make_another_run(arms, outputs):
    Run(options(outputs, "arm=none", "variant=none", "data.root=/elsewhere"))


def test_two_processes_do_not_train_the_same_run(tmp_path):
    first, second = (Run(options(tmp_path, "arm=none")) for _ in range(2))
    first.folder.open()
    with pytest.raises(ValueError, match="another process is at work"):
        second.run()
    with pytest.raises(ValueError, match="another process is at work"):
        Run(options(tmp_path, "arm=none"))
    first.folder.close()


def test_outputs_that_cannot_be_written_are_refused_before_any_work(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match=r"outputs=.*file/below: .*file is not a writable folder"):
        Run(options(tmp_path / "file" / "below"))


def test_missing_data_is_refused_before_any_work(tmp_path):
    with pytest.raises(ValueError, match=r"data\.root"):
        Run(options(tmp_path / "out", "data=mnist", f"data.root={__file__}"))
    assert not (tmp_path / "out").exists()


def test_too_large_a_subset_is_refused_before_any_work(tmp_path):
    with pytest.raises(ValueError, match=r"data\.n_train=3501: must be between 10 .* and 3500"):
        Run(options(tmp_path / "out", "data.n_train=3501"))
    assert not (tmp_path / "out").exists()


@pytest.mark.cases(8)
@pytest.mark.usefixtures("stocked")
@pytest.mark.parametrize("path", EXPERIMENTS, ids=lambda path: path.stem)
def test_every_experiment_smoke_trains(path, tmp_path):
    swept = compose([f"experiment={path.stem}"])
    arm = [] if path.stem == "article" else ["arm=append_gaussian"]
    arm += ["autoencoder.check_every=2"] if path.stem == "advise" else []  # it stops by what it holds out
    # What modes claims cannot be counted in single digits.
    data = ["data=stacked_mnist_5k", "data.n_train=1000"] if swept.data.name == "stacked_mnist" else []
    # auto knows no network and no budget so small.
    experiment, value = run(tmp_path, f"experiment={path.stem}", "gan.r1_gamma=1", *data, *arm)
    assert read(experiment, "status.json")["state"] == "done"
    assert experiment.folder.path.parts[-3] == swept.name
    assert math.isfinite(value)


@pytest.mark.usefixtures("stocked")
@pytest.mark.parametrize("arm", ["two_sided_gaussian", "consistency_interpolate"])
def test_what_enters_in_the_gans_step_resumes_to_the_same_bits(arm, tmp_path):
    """It shows no synthetic image, and needs an autoencoder all the same."""
    given = [f"arm={arm}", "evaluation.test=false"]
    whole, _ = run(tmp_path, *given, "variant=whole", "budget.images=400")
    assert read(whole, "metrics.json")["work"]["synthetic"] == 0
    assert read(whole, "metrics.json")["autoencoder"] is not None
    run(tmp_path, *given, "variant=parts", "budget.images=200")
    parts, _ = run(tmp_path, *given, "variant=parts", "budget.images=200", "budget.extend=400")
    plain, _ = run(tmp_path, "arm=none", "variant=plain", "evaluation.test=false")
    weights = [torch.load(one.folder.checkpoint, weights_only=True)["state_dict"] for one in (whole, parts, plain)]
    assert all(weights[0][key].equal(weights[1][key]) for key in weights[0])
    assert not all(weights[0][key].equal(weights[2][key]) for key in weights[0])


@pytest.mark.usefixtures("stocked")
@pytest.mark.parametrize("arm", ["append_noise", "append_rounded", "append_fresh", "append_duplicates"])
def test_a_control_goes_through_the_same_injection(arm, tmp_path):
    experiment, value = run(tmp_path, f"arm={arm}", "variant=x", "evaluation.test=false")
    assert math.isfinite(value)
    assert read(experiment, "metrics.json")["work"]["synthetic"] == 200
    name = arm.removeprefix("append_")
    assert experiment.source.identity["source"] in (name, {"name": name})


@pytest.mark.usefixtures("stocked")
@pytest.mark.parametrize(
    "gan",
    [
        ["gan=dcgan"],
        ["gan=resnet", "gan.spectral_norm=true", "gan.dropout=0.3"],
        ["gan=article"],
        ["gan/loss=relativistic", "gan/penalty=[r2,lecam]", "gan.discriminator_steps=2", "gan.r1_on=real"],
    ],
    ids=",".join,
)
def test_every_kind_of_gan_runs_through_the_pipeline(gan, tmp_path):
    experiment, value = run(tmp_path, *gan, "arm=append_reconstruct", "variant=x")
    assert math.isfinite(value)
    signs = [entry["discriminator"]["r_t"] is not None for entry in experiment.folder.read_history()]
    assert signs == [experiment.module.loss.zero_decides] * 2
