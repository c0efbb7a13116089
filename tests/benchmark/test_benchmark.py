"""That the benchmark compares like with like; nothing here depends on how fast anything is."""

import runpy
from pathlib import Path

import pytest
import torch

from aeaug.benchmark.augmentation import augmentation_seconds
from aeaug.benchmark.evaluation import evaluation_seconds
from aeaug.benchmark.loading import loader_worker, torchvision_loader
from aeaug.benchmark.pairs import Ratio, interleave, paired_ratio
from aeaug.benchmark.suite import Settings, Suite
from aeaug.benchmark.table import Row, markdown, number, spread
from aeaug.benchmark.training import HandWrittenLoop, hand_worker, trainer_worker
from aeaug.data import MNISTDataModule, to_float
from aeaug.data.mixture import mixture_plan
from aeaug.gan import GANModule
from aeaug.gan.options import GANOptions
from aeaug.randomness import generator

SCRIPT = Path(__file__).parents[2] / "scripts" / "benchmark.py"
BATCH = 20


@pytest.fixture(scope="module")
def options(tmp_path_factory):
    mlp = Suite(Settings(tmp_path_factory.mktemp("no MNIST here"))).gan
    return mlp.model_copy(update={"generator_width": 16, "discriminator_width": 16, "latent_dim": 8})


def data():
    return MNISTDataModule("mnist_5k", n_train=100, batch_size=BATCH, images_per_epoch=100)


def module(options, seed=0):
    return GANModule(**options.model_dump(exclude={"name"}), seed=seed, log_every=5)


def weights(trained):
    return [*trained.generator.parameters(), *trained.discriminator.parameters()]


def test_the_hand_written_loop_trains_what_the_trainer_trains(options, tmp_path):
    """On the same images and latents, the same weights: 12 steps over epochs of 5, two of them with R1."""
    trained, batches = module(options), data()
    trainer_worker(lambda: (trained, batches), tmp_path, 12)(lambda: False)
    loop = HandWrittenLoop(batches.train_images, options)
    start = [weight.detach().clone() for weight in weights(loop)]
    order = mixture_plan(100, 0, 12 * BATCH, seed=0).origin
    for step, index in enumerate(order.split(BATCH)):
        loop.step(index, torch.randn(BATCH, 8, generator=generator(0, "training latents", step)))
    assert (loop.steps, loop.images_seen) == (trained.steps, trained.images_seen) == (12, 12 * BATCH)
    for before, mine, theirs in zip(start, weights(loop), weights(trained), strict=True):
        assert not torch.allclose(before, mine, rtol=1e-3, atol=1e-4)
        torch.testing.assert_close(mine, theirs, rtol=1e-3, atol=1e-5)


def test_both_sides_of_a_pair_take_the_same_steps_in_turns(options, tmp_path):
    trained, batches = module(options), data()
    batches.setup()
    loop = HandWrittenLoop(batches.train_images, options)
    seen = []

    def watching(worker):
        def work(pause):
            def noting():
                seen.append((trained.steps, loop.steps))
                return pause()

            worker(noting)

        return work

    both = [trainer_worker(lambda: (trained, batches), tmp_path, 3), hand_worker(loop, BATCH, 3)]
    blocks = interleave([watching(worker) for worker in both], pairs=4)
    assert [len(own) for own in blocks] == [4, 4]
    assert seen == [(3 * (k + 1), 3 * (k + side)) for k in range(5) for side in (0, 1)]
    assert trained.steps == loop.steps == 15
    assert trained.images_seen == loop.images_seen == 15 * BATCH
    assert all(block.wall > 0 for own in blocks for block in own)


def test_the_trainers_side_logs_averages_and_saves(options, tmp_path):
    trained = module(options)
    trainer_worker(lambda: (trained, data()), tmp_path, 10)(lambda: False)
    assert (tmp_path / "last.ckpt").is_file()
    assert list((tmp_path / "tensorboard").glob("events*"))
    assert trained.mean_losses().keys() == {"loss_d", "loss_g"}
    averaged = zip(trained.ema.parameters(), trained.generator.parameters(), strict=True)
    assert all(not mine.equal(theirs) for mine, theirs in averaged)


def test_bf16_is_trained_under_autocast(options, tmp_path):
    """Otherwise the row compares float32 with itself."""
    found = []

    class Watched(GANModule):
        def training_step(self, batch, batch_idx):
            found.append(torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else torch.float32)
            super().training_step(batch, batch_idx)

    for precision in ("bf16-mixed", "32-true"):
        watched = Watched(**options.model_dump(exclude={"name"}))
        trainer_worker(lambda watched=watched: (watched, data()), tmp_path, 1, precision)(lambda: False)
    assert found == [torch.bfloat16, torch.float32]


def test_workers_run_one_at_a_time_and_the_first_block_is_not_counted():
    written = []

    def worker(name):
        def work(pause):
            written.append(name)
            while pause():
                written.append(name)

        return work

    blocks = interleave([worker("A"), worker("B")], pairs=3)
    assert "".join(written) == "ABABABAB"
    assert [len(own) for own in blocks] == [3, 3]


@pytest.mark.parametrize("broken", [0, 1])
def test_a_failing_worker_ends_the_measurement(broken):
    def fails(pause):
        pause()
        raise ArithmeticError("here")

    def works(pause):
        while pause():
            pass

    workers = [works, works]
    workers[broken] = fails
    with pytest.raises(ArithmeticError, match="here"):
        interleave(workers, pairs=5)


def test_ratios_are_medians_of_neighbours():
    """A machine that is ten times slower during the second pair changes nothing; totals would say 1.9."""
    assert paired_ratio([2, 20, 3], [1, 10, 2]) == Ratio(2, 1.5, 2)
    assert paired_ratio([2, 20, 3], [1, 10, 2]).median != pytest.approx(25 / 13)
    with pytest.raises(ValueError, match="zip"):
        paired_ratio([1, 2], [1])


def test_both_loaders_deliver_the_same_images(mnist_root):
    ours = MNISTDataModule("mnist", mnist_root, batch_size=50)
    ours.setup()
    theirs = torchvision_loader(mnist_root, 50, workers=0)
    index = torch.tensor([0, 1, 4999, 10_000, 59_999])
    place = torch.where(index < 5_000, index, index - 5_000)  # the pool lacks 5,000 to 9,999
    expected = torch.stack([theirs.dataset[int(i)][0] for i in index])
    torch.testing.assert_close(to_float(ours.splits.pool_images[place]), expected)
    assert next(iter(theirs))[0].shape == next(iter(ours.train_dataloader())).images.shape == (50, 1, 28, 28)


def test_a_block_of_loading_is_that_many_batches():
    read = []
    pauses = []

    def pause():
        pauses.append(len(read))
        return len(pauses) < 3

    class Batches:
        def __iter__(self):
            for batch in range(5):
                read.append(batch)
                yield batch

    loader_worker(Batches(), 4)(pause)
    assert pauses == [4, 8, 12]
    assert read == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1]


def test_augmentation_is_a_part_of_every_block(options, tmp_path):
    trained, batches = module(options), data()
    batches.setup()
    seconds = augmentation_seconds(trained, batches, tmp_path, steps=5, blocks=2)
    assert trained.steps == 15
    assert len(seconds) == 2
    assert all(augmenting > 0 and training > 0 for augmenting, training in seconds)
    assert batches.ratio == 1.0


def test_evaluations_parts_are_timed(embedded):
    splits = embedded.splits
    seconds = evaluation_seconds(
        to_float(splits.val_images),
        splits.val_labels,
        to_float(embedded.train_images),
        to_float(splits.pool_images[:500]),
    )
    assert {"reference", "features", "all", "extrapolation", "accuracy score", "data copying"} <= seconds.keys()
    assert all(value > 0 for value in seconds.values())
    parts = sum(value for part, value in seconds.items() if part not in ("reference", "all"))
    assert 0.2 * seconds["all"] < parts < 5 * seconds["all"]


@pytest.mark.parametrize(
    ("value", "text"), [(1234567.8, "1,234,568"), (99.44, "99.4"), (1.0, "1.00"), (0.01234, "0.0123"), (123.4, "123")]
)
def test_numbers_have_three_digits(value, text):
    assert number(value) == text


def test_the_table_is_markdown():
    lines = markdown([Row("a", "1 ms", "2 ms", spread(Ratio(0.5, 0.4, 0.6)), "0.51", "≤ 1")]).splitlines()
    assert lines[2] == "| a | 1 ms | 2 ms | 0.500 (0.400–0.600) | 0.51 | ≤ 1 |"
    assert len({line.count("|") for line in lines}) == 1


def test_the_command_prints_the_machine_and_every_row(capsys, tmp_path):
    """Without MNIST, quickly: the real thing takes minutes."""
    main = runpy.run_path(str(SCRIPT))["main"]
    before = torch.get_num_threads()
    main(["--quick", "--root", str(tmp_path), "--only", "gan", "precision", "loading", "augmentation", "evaluation"])
    printed = capsys.readouterr()
    assert torch.get_num_threads() == before
    lines = printed.out.splitlines()
    assert f"torch {torch.__version__}" in lines[0]
    assert "threads used: 1 unless" in lines[0]
    rows = [line for line in lines if line.startswith("| ")][2:]
    assert len(rows) == 7
    assert sum("skipped: MNIST's files are not here" in row for row in rows) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--threads", "0"], "--threads=0: must be at least 1"),
        (["--only", "nothing"], "--only=nothing: must be some of"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(arguments, message, capsys, tmp_path):
    main = runpy.run_path(str(SCRIPT))["main"]
    with pytest.raises(SystemExit):
        main([*arguments, "--root", str(tmp_path)])
    assert message in capsys.readouterr().err


def test_side_by_side_counts_the_steps_of_both(options):
    """Two processes: each measurement is of whole blocks, and there is one for every pair."""
    from aeaug.benchmark.side_by_side import side_by_side

    images = torch.zeros(64, 28, 28, dtype=torch.uint8)
    together, alone = side_by_side(images, GANOptions(**options.model_dump()), BATCH, steps=2, pairs=1)
    assert len(together) == len(alone) == 1
    assert together[0] > 0
    assert alone[0] > 0
