import lightning as L
import pytest
import torch

from aeaug.data import MNISTDataModule, to_float
from aeaug.data.subset import held_out_of
from tests.conftest import quiet_trainer


class Collector(L.LightningModule):
    """Trains nothing; keeps the origins of what it is shown."""

    def __init__(self):
        super().__init__()
        self.automatic_optimization = False
        self.epochs = []

    def on_train_epoch_start(self):
        self.epochs.append([])

    def training_step(self, batch, batch_idx):
        self.epochs[-1].append((batch.origin, batch.synthetic, batch.images))

    def configure_optimizers(self):
        return None


def collect(data, epochs):
    module = Collector()
    L.Trainer(
        accelerator="cpu",
        max_epochs=epochs,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        limit_val_batches=0,
    ).fit(module, data)
    return [[torch.cat(parts) for parts in zip(*epoch, strict=True)] for epoch in module.epochs]


def fresh(**options):
    return MNISTDataModule("mnist_5k", **({"n_train": 100, "batch_size": 32, "images_per_epoch": 150} | options))


def test_lightning_gets_a_new_epoch_each_time():
    """Lightning tells the loader the epoch: three epochs of 150 images are four and a half passes over 100."""
    origins = torch.cat([epoch[0] for epoch in collect(fresh(), 3)])
    assert len(origins) == 450
    for one_pass in origins[:400].split(100):
        assert one_pass.sort().values.equal(torch.arange(100))


def test_injected_images_reach_the_module_with_their_provenance():
    data = fresh(images_per_epoch=200)  # one pass: 100 real images, 100 synthetic ones
    calls = []

    def source(indices, generator):
        calls.append(len(indices))
        return torch.full((len(indices), 1, 28, 28), 0.25)

    data.inject(source, ratio=1.0)
    (origin, synthetic, images), _ = collect(data, 2)
    assert calls == [100, 100]
    assert synthetic.sum() == 100
    assert (images[synthetic] == 0.25).all()
    assert images[~synthetic].equal(to_float(data.train_images)[origin[~synthetic]])


def test_the_counts_survive_a_resumption(tmp_path):
    def source(indices, generator):
        return torch.zeros(len(indices), 1, 28, 28)

    def train(epochs, path=None):
        data = fresh(images_per_epoch=130)
        data.inject(source, ratio=0.123)
        trainer = quiet_trainer(max_epochs=epochs)
        trainer.fit(Collector(), data, ckpt_path=path, weights_only=True)
        return trainer, data

    half, counted = train(2)
    assert counted.shown.images == 260
    half.save_checkpoint(tmp_path / "half.ckpt")
    resumed, undisturbed = train(4, tmp_path / "half.ckpt")[1].shown, train(4)[1].shown
    assert resumed == undisturbed
    assert resumed.images == 520
    assert abs(resumed.synthetic - 520 * 0.123 / 1.123) < 13  # of a pass that is not over, where they stand is chance
    # Complete already: nothing is shown any more.
    assert train(2, tmp_path / "half.ckpt")[1].shown == counted.shown
    # Of a version that did not count, how many it showed is not known.
    checkpoint = torch.load(tmp_path / "half.ckpt", weights_only=True)
    del checkpoint["MNISTDataModule"]
    torch.save(checkpoint, tmp_path / "old.ckpt")
    assert train(4, tmp_path / "old.ckpt")[1].shown is None


def test_validation_batches_are_the_slice_in_order(embedded):
    batches = [batch[0] for batch in embedded.val_dataloader()]
    assert torch.cat(batches).equal(to_float(embedded.splits.val_images))
    assert len(batches) == 10


def test_subsets_of_growing_size_are_nested(embedded):
    small = MNISTDataModule("mnist_5k", n_train=50)
    small.setup()
    assert small.train_images.equal(embedded.train_images[:50])
    assert small.subset_sha256 != embedded.subset_sha256


def test_default_epoch_is_one_pass():
    data = MNISTDataModule("mnist_5k", n_train=100, batch_size=10)
    data.setup()
    assert len(data.train_dataloader()) == 10


def test_what_is_held_out_has_all_classes_and_is_nowhere_else():
    """The last round, of ten classes, and five of the one before."""
    whole = fresh()
    ten = whole.holding_out(10)
    assert ten.train_images.equal(whole.train_images[:90])
    assert ten.held_out_images.equal(whole.train_images[90:])
    held = whole.holding_out(15)
    out = held_out_of(whole.train_labels, 15, whole.subset_seed, balanced=True)
    assert out[90:].all()
    assert int(out[80:90].sum()) == 5
    assert held.train_images.equal(whole.train_images[~out])
    assert held.train_labels.equal(whole.train_labels[~out])
    assert held.held_out_images.equal(whole.train_images[out])
    assert len(whole.held_out_images) == 0
    assert held.subset_sha256 != whole.subset_sha256
    assert held.fresh_positions.equal(whole.fresh_positions)
    assert (held.n_train, held.net_seen) == (whole.n_train, whole.net_seen)
    again = held.rebatched(20, seed=3)
    assert again.train_images.equal(held.train_images)
    origins = torch.cat([epoch[0] for epoch in collect(held, 3)])
    for one_pass in origins[: 5 * 85].split(85):
        assert one_pass.sort().values.equal(torch.arange(85))


def test_where_nothing_is_held_out_it_is_the_subset():
    whole = fresh()
    same = whole.holding_out(0)
    assert same.subset_sha256 == whole.subset_sha256
    assert same.train_images.equal(whole.train_images)
    (mine,), (others,) = collect(same, 1), collect(fresh(), 1)
    assert all(one.equal(other) for one, other in zip(mine, others, strict=True))


def test_a_checkpoint_makes_no_datamodule_and_says_in_one_line_how_one_is_made():
    with pytest.raises(ValueError, match=r"^MNISTDataModule\.load_from_checkpoint: .*ckpt_path[^\n]*$"):
        MNISTDataModule.load_from_checkpoint("last.ckpt")
