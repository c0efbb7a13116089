"""What a run counts, what it may be matched on, what it looks at, and how much room it takes."""

import json

import pytest
import torch

from aeaug.gan import GANModule
from aeaug.run.options import unused
from aeaug.run.pipeline import Run
from aeaug.run.table.rows import rows
from aeaug.sweep.composition.lacking import Job
from aeaug.sweep.composition.used import require_used
from tests.conftest import options
from tests.run.runs import metrics_of, run

MOST_BYTES = 15e9 / 1_600  # of a finished run of the default networks


@pytest.mark.parametrize(
    ("arm", "rate", "shown"),
    [
        ("append_reconstruct", "augmentation.ratio=1", 800),
        ("append_reconstruct", "augmentation.ratio=0.1", 600),  # 440, in whole epochs
        ("append_reconstruct", "augmentation.ratio=2.5", 1_400),
        ("replace_reconstruct", "augmentation.probability=0.5", 800),
        ("replace_reconstruct", "augmentation.probability=0.9", 4_000),  # a float would make 20 epochs and one more
        ("replace_reconstruct", "augmentation.probability=0.99", 40_000),
    ],
)
def test_an_arm_that_is_matched_on_real_images_shows_more(arm, rate, shown, tmp_path):
    chosen = options(tmp_path, f"arm={arm}", rate, "budget.match=real")
    assert chosen.images_shown == shown
    assert chosen.epochs == shown // 200
    assert options(tmp_path, f"arm={arm}", rate).images_shown == chosen.budget.images == 400
    extended = options(tmp_path, f"arm={arm}", rate, "budget.match=real", "budget.extend=4000")
    assert extended.with_budget(4_000).images_shown >= 10 * (shown - 200)


def test_without_injection_there_is_nothing_to_match(tmp_path):
    baseline = options(tmp_path, "arm=none", "budget.match=real")
    assert baseline.images_shown == 400
    with pytest.raises(ValueError, match=r"budget\.match=real: augmentation=none shows real images alone"):
        require_used([Job(baseline, ["arm=none", "budget.match=real"])])
    other = options(tmp_path, "arm=append_gaussian", "budget.match=real")
    require_used([Job(baseline, ["budget.match=real"]), Job(other, ["budget.match=real"])])  # of a sweep, one uses it
    with pytest.raises(ValueError, match=r"^budget\.match=real: augmentation\.probability=1\.0 shows none$"):
        options(tmp_path, "arm=replace_gaussian", "augmentation.probability=1", "budget.match=real")


@pytest.mark.usefixtures("stocked")
def test_work_is_what_was_shown_and_passed_through_the_discriminator(tmp_path):
    """The run counts as a hook on the discriminator does, matched on real images, over an interruption."""
    overrides = ["arm=append_reconstruct", "budget.match=real", "variant=it", "evaluation.test=false"]
    passed, step = [], GANModule.training_step

    def counted(self, batch, index):
        hook = self.discriminator.register_forward_hook(
            lambda _, given, made: passed.append((self.current_epoch, len(given[0])))
        )
        step(self, batch, index)
        hook.remove()

    healthy = GANModule.mean_losses
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(GANModule, "training_step", counted)
        patch.setattr(GANModule, "mean_losses", lambda self: healthy(self) if self.images_seen < 400 else 1 / 0)
        halted = Run(options(tmp_path, *overrides))
        with pytest.raises(ZeroDivisionError):
            halted.run()
        passed[:] = [one for one in passed if one[0] == 0]  # the second epoch will be trained again
        patch.setattr(GANModule, "mean_losses", healthy)
        experiment = run(tmp_path, *overrides)
    work = metrics_of(experiment)["work"]
    assert work == {"shown": 800, "real": 400, "synthetic": 400, "discriminator": sum(n for _, n in passed)}
    table = rows(experiment.folder.path)
    share = table.loc[table["metric"] == "synthetic_share", "value"].tolist()
    assert share == [0.5]
    status = json.loads((experiment.folder.path / "status.json").read_text())
    assert status["images"] == status["budget"] == 800
    assert metrics_of(experiment)["budget"]["images"] == 400


def test_a_run_for_tuning_does_not_look_at_the_test_split(tmp_path):
    """Whatever is in it: the same numbers, but for its size."""
    found = []
    for place, images in (("a", 1_000), ("b", 7)):
        experiment = Run(options(tmp_path / place, "arm=append_gaussian", "variant=it", "evaluation.test=false"))
        splits = experiment.data.splits
        other = torch.randint(0, 255, (images, 28, 28), dtype=torch.uint8)
        experiment.data.splits = splits._replace(test_images=other, test_labels=splits.test_labels[:images])
        experiment.run()
        found.append(metrics_of(experiment))
        assert found[-1]["data"].pop("n_test") == images
    first, second = found
    assert first == second
    assert not {"readings", "floors", "leak"} & first.keys()
    assert first["work"]["shown"] == 400
    assert first["validation"]["images"] == 400
    assert first["parameters"]["autoencoder"] > 0
    assert "quality" not in first["autoencoder"]
    assert experiment.summary().startswith("done: not measured on the test split, validation FD ")
    assert (experiment.folder.best).is_file()


def test_what_only_the_test_has_a_use_for_is_refused_without_it(tmp_path):
    without = ["arm=none", "evaluation.autoencoder=true"]
    for more, key in (([], "classifier_steps=20"), (without, "autoencoder=true")):
        given = ["evaluation.test=false", f"evaluation.{key}", *more]
        chosen = options(tmp_path, *given)
        with pytest.raises(ValueError, match=rf"^evaluation\.{key}: evaluation\.test=false measures nothing"):
            require_used([Job(chosen, given)])
    assert "autoencoder" in unused(options(tmp_path, "evaluation.test=false", *without))


def logged_at_every_step(self, batch, index, step=GANModule.training_step):
    self.log_every = 1
    step(self, batch, index)


@pytest.mark.usefixtures("stocked")
def test_a_finished_run_of_the_default_networks_takes_little_room(tmp_path, monkeypatch):
    """With as many readings (25) and entries of the log (100) as the default budget has."""
    monkeypatch.setattr(GANModule, "training_step", logged_at_every_step)
    widths = ["gan.generator_width=256", "gan.discriminator_width=256"]
    budget = ["budget.images=1600", "budget.images_per_epoch=64", "budget.batch_size=16"]
    experiment = run(tmp_path, "arm=append_gaussian", "variant=it", *widths, *budget)
    files = {path: path.stat().st_size for path in experiment.folder.path.rglob("*") if path.is_file()}
    assert metrics_of(experiment)["readings"]["best"]["of"] == 25
    assert sum(files.values()) <= MOST_BYTES, files
    assert sorted(path.name for path in files if path.suffix == ".ckpt") == ["best.ckpt", "last.ckpt"]
