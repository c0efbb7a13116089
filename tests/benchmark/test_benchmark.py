"""That the benchmark compares like with like; nothing here depends on how fast anything is."""

import re
import runpy
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from aeaug.autoencoder.options import AutoencoderOptions
from aeaug.benchmark.suite import PARTS, Suite, reading, torchvision_loader
from aeaug.benchmark.table import compared, markdown, number
from aeaug.benchmark.training import HandWrittenLoop, trained
from aeaug.benchmark.turns import interleave
from aeaug.benchmark.views import OURS
from aeaug.data import MNISTDataModule, to_float
from aeaug.data.mixture import mixture_plan
from aeaug.evaluation.metrics import MEASUREMENTS
from aeaug.gan import GANModule
from aeaug.gan.options import GANOptions
from aeaug.randomness import generator
from tests.conftest import compose

SCRIPTS = Path(__file__).parents[2] / "scripts"
BATCH = 20
CONF = SCRIPTS.parent / "conf"
TO_TRAIN = AutoencoderOptions(**yaml.safe_load((CONF / "autoencoder" / "mlp.yaml").read_text()) | {"seed": 0})


@pytest.fixture(scope="module")
def options():
    return GANOptions(
        **dict(compose(["gan=mlp"]).gan) | {"generator_width": 16, "discriminator_width": 16, "latent_dim": 8}
    )


@pytest.fixture
def main():
    return runpy.run_path(str(SCRIPTS / "benchmark.py"))["main"]


def data():
    datamodule = MNISTDataModule("mnist_5k", n_train=100, batch_size=BATCH, images_per_epoch=100)
    datamodule.setup()
    return datamodule


def gan(options, kind=GANModule):
    return kind(**options.model_dump(exclude={"name"}), log_every=5)


def weights(trained):
    return [*trained.generator.parameters(), *trained.discriminator.parameters()]


def test_the_hand_written_loop_trains_what_the_trainer_trains(options):
    """On the same images and latents, the same weights: 12 steps over epochs of 5, two of them with R1."""
    module, batches = gan(options), data()
    interleave([trained(module, batches, 12)], pairs=0)
    loop = HandWrittenLoop(batches.train_images, options, BATCH)
    start = [weight.detach().clone() for weight in weights(loop)]
    order = mixture_plan(100, 0, 12 * BATCH, seed=0).origin
    for step, index in enumerate(order.split(BATCH)):
        loop.step(index, torch.randn(BATCH, 8, generator=generator(0, "training latents", step)))
    assert loop.steps == module.steps == 12
    for before, mine, theirs in zip(start, weights(loop), weights(module), strict=True):
        assert not torch.allclose(before, mine, rtol=1e-3, atol=1e-4)
        torch.testing.assert_close(mine, theirs, rtol=1e-3, atol=1e-5)


def test_both_sides_of_a_pair_take_the_same_steps_in_turns(options):
    module, batches = gan(options), data()
    loop = HandWrittenLoop(batches.train_images, options, BATCH)
    seen = []

    def watched(side):
        for _ in side:
            seen.append((module.steps, loop.steps))
            yield

    both = trained(module, batches, 3), (loop.train(3) for _ in count())
    wall, _ = interleave([watched(side) for side in both], pairs=4)
    assert seen == [(3 * (k + 1), 3 * (k + side)) for k in range(5) for side in (0, 1)]
    assert wall.shape == (2, 4)
    assert (wall > 0).all()


def test_the_trainers_side_logs_averages_and_saves(options, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    module = gan(options)
    side = trained(module, data(), 10)
    next(side)
    assert list(tmp_path.rglob("last.ckpt"))
    assert list(tmp_path.rglob("events*"))
    assert module.mean_losses().keys() == {"loss_d", "loss_g"}
    averaged = zip(module.ema.parameters(), module.generator.parameters(), strict=True)
    assert all(not mine.equal(theirs) for mine, theirs in averaged)
    side.close()
    assert not list(tmp_path.iterdir())


def test_bf16_is_trained_under_autocast(options):
    """Otherwise the row compares float32 with itself."""
    found = []

    class Watched(GANModule):
        def training_step(self, batch, batch_idx):
            found.append(torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else torch.float32)
            super().training_step(batch, batch_idx)

    for precision in ("bf16-mixed", "32-true"):
        interleave([trained(gan(options, Watched), data(), 1, precision)], pairs=0)
    assert found == [torch.bfloat16, torch.float32]


def test_sides_take_turns_and_the_first_block_is_not_counted():
    clock, written = count(), []

    def side(name, ticks):
        while True:
            written.append(name)
            for _ in range(ticks):
                next(clock)
            yield

    # Reading the clock moves it by one.
    taken = interleave([side("A", 4), side("B", 9)], 3, [lambda: next(clock)])
    assert "".join(written) == "ABABABAB"
    assert taken.tolist() == [[[5, 5, 5], [10, 10, 10]]]


@pytest.mark.parametrize("broken", [0, 1])
def test_a_failing_side_ends_the_measurement_and_the_others_training(broken, options):
    def fails():
        yield
        raise ArithmeticError("here")

    module = gan(options)
    sides = [trained(module, data(), 3), trained(gan(options), data(), 3)]
    sides[broken] = fails()
    with pytest.raises(ArithmeticError, match="here"):
        interleave(sides, pairs=5)
    with pytest.raises(StopIteration):
        next(sides[1 - broken])


def test_what_breaks_a_training_is_raised(options):
    class Broken(GANModule):
        def training_step(self, batch, batch_idx):
            raise ArithmeticError("here")

    with pytest.raises(ArithmeticError, match="here"):
        interleave([trained(gan(options, Broken), data(), 3)], pairs=1)


def test_ratios_are_medians_of_neighbours():
    """A machine that is ten times slower during the second pair changes nothing; totals would say 1.9."""
    pairs = np.array([[2.0, 20.0, 3.0], [1.0, 10.0, 2.0]])
    assert compared("a", "ms", pairs) == ("a", "3.00 ms", "2.00 ms", "2.00 (1.50–2.00)", "", "")
    assert compared("a", "ms", pairs, pairs[::-1], "≤ 1")[4:] == ("0.500", "≤ 1")


def test_both_loaders_deliver_the_same_images(mnist_root):
    ours = MNISTDataModule("mnist", mnist_root, batch_size=50)
    ours.setup()
    theirs = torchvision_loader(mnist_root, 50, workers=0)
    index = torch.tensor([0, 1, 24_999, 35_000, 59_999])
    place = torch.where(index < 25_000, index, index - 10_000)  # the pool lacks 25,000 to 34,999
    expected = torch.stack([theirs.dataset[int(i)][0] for i in index])
    torch.testing.assert_close(to_float(ours.splits.pool_images[place]), expected)
    assert next(iter(theirs))[0].shape == next(iter(ours.train_dataloader())).images.shape == (50, 1, 28, 28)


def test_a_block_of_loading_is_that_many_batches():
    read = []

    class Batches:
        def __iter__(self):
            for batch in range(5):
                read.append(batch)
                yield batch

    blocks = reading(Batches(), 4)
    assert [(next(blocks) and len(read)) or len(read) for _ in range(3)] == [4, 8, 12]
    assert read == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1]


@pytest.mark.parametrize(
    ("value", "text"),
    [(1234567.8, "1,234,568"), (123.4, "123"), (99.96, "100"), (99.44, "99.4"), (1.0, "1.00"), (6.9e-05, "0.0000690")],
)
def test_numbers_have_three_digits_and_no_exponent(value, text):
    assert number(value) == text


def test_the_table_is_markdown():
    lines = markdown([("a", "1 ms", "2 ms", "0.500 (0.400–0.600)", "0.51", "≤ 1")]).splitlines()
    assert lines[2] == "| a | 1 ms | 2 ms | 0.500 (0.400–0.600) | 0.51 | ≤ 1 |"
    assert len({line.count("|") for line in lines}) == 1


def test_the_command_prints_the_machine_and_every_row(main, capsys, tmp_path):
    """Without MNIST, quickly: the real thing takes minutes."""
    before = torch.get_num_threads()
    main(
        [
            "--quick",
            "--root",
            str(tmp_path),
            "--only",
            *(part for part in PARTS if part not in ("threads", "arms", "operations", "views", "sweeps")),
        ]
    )
    printed = capsys.readouterr()
    assert torch.get_num_threads() == before
    lines = printed.out.splitlines()
    assert f"torch {torch.__version__}" in lines[0]
    assert "threads used: 1 unless" in lines[0]
    rows = [line.split(" | ") for line in lines if line.startswith("| ")][2:]
    assert len(rows) == 10
    assert sum("skipped: MNIST's files are not here" in row[1] for row in rows) == 2
    # Augmentation takes time, and less than the training around it.
    augmenting, training = (float(cell.removesuffix(" s")) for cell in rows[-4][1:3])
    assert 0 < augmenting < training
    assert rows[-3][0].startswith("| LatentAugmenter.sample(2,000), the article's autoencoder, over its decoder alone")
    # Every metric's file is timed.
    parts = dict(re.findall(r"(\w+) ([\d.]+) s(?=,|;)", rows[-2][2]))
    assert parts.keys() == {"features", *MEASUREMENTS}
    assert all(float(seconds) > 0 for seconds in parts.values())
    assert rows[-1][0].startswith("| evaluation from the second arm of a subset of 500 on, 25 readings")
    assert rows[-1][-1].startswith("≤ 0.2")


def test_operations_are_those_that_products_of_matrices_have(main, capsys, tmp_path):
    """Appending decodes half a batch of 128, through 32-512-784, and without it a step has the two networks' passes:
    the discriminator's of twice as many images, R1 at every eighth, and the generator's."""
    main(["--root", str(tmp_path), "--only", "operations"])
    rows = [line.split(" | ") for line in capsys.readouterr().out.splitlines() if line.startswith("| operations")]
    names = [row[0].removeprefix("| operations of a GAN step, batch 128: ").removesuffix(" over none") for row in rows]
    ways = {file.stem for file in (CONF / "augmentation").glob("*.yaml")} - {"none", "auto"}
    assert {f"{way}_gaussian" for way in ways} <= set(names)
    here, none = (
        float(cell.removesuffix(" million")) for cell in dict(zip(names, rows, strict=True))["append_gaussian"][1:3]
    )
    decoding = 2 * 64 * (32 * 512 + 512 * 784) / 1e6
    assert here - none == pytest.approx(decoding, abs=1)
    generator, discriminator, first = 64 * 256 + 256**2 + 256 * 784, 784 * 256 + 256**2 + 256, 784 * 256
    own, generators = 2 * 128 * (3 * discriminator - first), 128 * (3 * generator - 64 * 256 + 2 * discriminator)
    assert 2 * (own + generators) / 1e6 < none < 1.1 * 2 * (own + generators) / 1e6


def test_views_have_rows_and_kornias_beside_them_where_it_is(main, capsys, tmp_path):
    main(["--quick", "--root", str(tmp_path), "--only", "views"])
    rows = [line.split(" | ") for line in capsys.readouterr().out.splitlines() if line.startswith("| three")]
    names = [row[0].removeprefix("| three passes of ").partition(", batch")[0] for row in rows]
    here = find_spec("kornia") is not None
    assert names == [f"gan/view={name}" for name in OURS] + (
        [f"{name} by kornia {version('kornia')}" for name in OURS] if here else ["kornia's transforms"]
    )
    assert here or rows[-1][1] == "skipped: pip install kornia"
    assert all(float(row[1].removesuffix(" ms")) > 0 for row in rows[: len(OURS)])


def test_views_are_timed_on_images_that_they_change():
    images = torch.rand(8, 1, 28, 28) * 2 - 1
    for view in OURS.values():
        seen = view(images, torch.Generator().manual_seed(0))
        assert seen.shape == images.shape
        assert (seen - images).abs().mean() > 0.05
        assert seen.abs().max() <= 1 + 1e-6


@pytest.mark.long
def test_every_way_in_and_rival_has_a_row_beside_none(main, capsys, tmp_path):
    main(["--quick", "--root", str(tmp_path), "--only", "arms"])
    rows = [line.split(" | ") for line in capsys.readouterr().out.splitlines() if line.startswith("| GAN step")]
    names = [row[0].removeprefix("| GAN step, batch 128: ").removesuffix(" over none") for row in rows]
    ways = {file.stem for file in (CONF / "augmentation").glob("*.yaml")} - {"none", "auto"}
    assert {f"{way}_gaussian" for way in ways} <= set(names)
    assert {file.stem for file in (CONF / "gan" / "view").glob("*.yaml")} <= set(names)
    others = {
        "apa",
        "apa_r_v",
        "bcr",
        "lecam",
        "r3gan",
        "wgan_gp",
        "spectral_norm",
        "dropout",
    }  # r2, gradient among them
    assert others <= set(names)
    targets = {name: row[-1].removesuffix(" |") for name, row in zip(names, rows, strict=True)}
    assert targets["append_gaussian"] == targets["replace_gaussian"] == "≤ 1.05"
    assert (targets["two_sided_gaussian"], targets["consistency_gaussian"], targets["ada"]) == ("≤ 1.5", "≤ 2.0", "")
    assert all(float(row[1].removesuffix(" ms")) > 0 for row in rows)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--threads", "0"], "--threads=0: must be at least 1"),
        (["--only", "nothing"], "--only: invalid choice: 'noth"),
        (
            ["--accelerator", "gpu", "--only", "gan", "loading"],
            "--only=gan loading: with --accelerator=gpu, gan and pr",
        ),
        pytest.param(
            ["--accelerator", "gpu"],
            "trainer.accelerator=gpu: there is no GPU here",
            marks=pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here"),
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_line(arguments, message, main, capsys, tmp_path):
    with pytest.raises(SystemExit):
        main([*arguments, "--root", str(tmp_path)])
    assert message in capsys.readouterr().err


@pytest.mark.long
def test_side_by_side_counts_the_steps_of_both(options, tmp_path, monkeypatch):
    """Two processes take twice the steps of one: that and the seconds are all that the rates are made of."""
    asked = []

    def noted(sides, pairs):
        for side in sides:
            asked.append(next(side))
        return np.ones((2, 2, pairs))

    monkeypatch.setattr("aeaug.benchmark.suite.interleave", noted)
    (row,) = Suite(tmp_path, options, TO_TRAIN, steps=2, pairs=1).threads()
    assert asked == [[2, 2], 4]  # steps by then, in each process
    assert row[1:3] == ("4.00 steps/s", "2.00 steps/s")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here")
def test_on_a_gpu_both_sides_train_there(options, tmp_path):
    suite = Suite(tmp_path, options, TO_TRAIN, steps=2, pairs=1, accelerator="gpu")
    begun = torch.cuda.memory_stats()["allocation.all.allocated"]
    (row,) = suite.precision()
    assert torch.cuda.memory_stats()["allocation.all.allocated"] > begun
    assert row[1].endswith(" ms")
    loop = HandWrittenLoop(suite.data.train_images.to("cuda"), options, BATCH)
    assert loop.train(1) == 1
    assert {weight.device.type for weight in weights(loop)} == {"cuda"}
