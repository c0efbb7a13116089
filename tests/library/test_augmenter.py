"""LatentAugmenter against its parts and against a run, its draws, its gradients, and what it leaves alone."""

import io
import logging
import pickle
import random
import subprocess
import sys
import warnings
from contextlib import contextmanager
from copy import deepcopy
from functools import partial

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision import tv_tensors
from torchvision.transforms import v2

from aeaug import LatentAugmenter
from aeaug.augmentation import DecodedSource
from aeaug.autoencoder.steps import chosen_steps
from aeaug.data import to_float
from aeaug.library.images import class_labels
from aeaug.perturbation.gaussian import gaussian
from aeaug.randomness import generator
from aeaug.run.parts import autoencoder_of, data_of, source_of
from aeaug.training.divergence import Diverged
from tests.conftest import options


def weights(augmenter):
    return list(augmenter.autoencoder.state_dict().values())


def same(one, other):
    return len(one) == len(other) and all(a.equal(b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(
    ("autoencoder", "perturbation", "own"),
    [
        ("mlp", "gaussian", {"gamma": 0.3}),
        ("article", "interpolate", {"within": "class"}),
        ("vae", "posterior", {}),
        ("pca", "mixup", {"alpha": 1.0}),
    ],
)
def test_it_decodes_what_a_run_decodes(tmp_path, autoencoder, perturbation, own):
    """Of the same options, images and seed: by the autoencoder of a run's artifact, from its source."""
    typed = [f"perturbation.{key}={value}" for key, value in own.items()]
    run = options(
        tmp_path,
        "augmentation=append",
        f"autoencoder={autoencoder}",
        f"perturbation={perturbation}",
        *typed,
        "seed=5",
        "data.n_train=100",
    )
    data = data_of(run)
    artifact = autoencoder_of(run, data, torch.device("cpu"))
    steps = {} if autoencoder == "pca" else {"steps": run.autoencoder.steps}
    augmenter = LatentAugmenter(autoencoder, perturbation, seed=5, **steps, **own)
    augmenter.fit(data.train_images, data.train_labels)
    assert same(weights(augmenter), list(artifact.module.state_dict().values()))
    drawn = augmenter.draw(150)
    draw = generator(5, "augmenter's sample", 0)
    torch.rand(2, 100, generator=draw)  # the order of the training images
    expected = source_of(run, artifact, data, None)(drawn.sources, draw)
    torch.testing.assert_close(drawn.images, expected, atol=1e-6, rtol=0)


def test_what_reconstruct_samples_is_the_autoencoder_applied_to_the_training_images(fitted, embedded):
    augmenter = fitted(perturbation="reconstruct")
    images, sources = augmenter.draw(500)
    real = to_float(embedded.train_images[sources])
    torch.testing.assert_close(images, augmenter.autoencoder(real), atol=1e-6, rtol=0)


def test_no_image_is_a_source_twice_before_all_are(fitted):
    sources = fitted().draw(450).sources
    first, second, rest = sources.split([200, 200, 50])
    assert first.sort().values.equal(torch.arange(200))
    assert second.sort().values.equal(torch.arange(200))
    assert not first.equal(second)
    assert not first.equal(torch.arange(200))
    assert len(rest.unique()) == 50


def test_images_and_bytes_of_them_are_the_same_images(embedded):
    one, other = (
        LatentAugmenter("mlp", "gaussian", steps=3, seed=1).fit(images)
        for images in (embedded.train_images, to_float(embedded.train_images).double().numpy())
    )
    assert same(weights(one), weights(other))
    assert one.sample(9).equal(other.sample(9))
    batch = embedded.splits.val_images[:5, None]
    assert one(batch).equal(other(to_float(batch.squeeze(1))))


AUTOENCODERS = ["mlp", "conv", "vae", "conv_vae", "rae", "denoising", "article", "pca", "identity"]


@pytest.mark.parametrize(
    ("autoencoder", "shape"),
    [*((name, (3, 32, 32)) for name in AUTOENCODERS), ("mlp", (1, 28, 20)), ("conv", (3, 64, 64))],
)
def test_it_is_of_images_of_any_shape(tmp_path, autoencoder, shape):
    """Samples, transforms, gradients, and what is loaded."""
    draw = torch.Generator().manual_seed(0)
    images = torch.randint(0, 9, (12, *shape), dtype=torch.uint8, generator=draw)  # dark ones, which is soon learnt
    options = {"pca": {"latent_dim": 4}, "identity": {}}.get(autoencoder, {"steps": 5, "batch_size": 4})
    augmenter = LatentAugmenter(autoencoder, "interpolate", neighbours=2, **options).fit(images)
    sampled = augmenter.sample(5)
    assert sampled.shape == (5, *shape)
    assert sampled.abs().max() <= 1
    given = torch.rand(2, *shape, generator=draw).mul(2).sub(1).requires_grad_()
    made = augmenter.transform(given)
    assert made.shape == given.shape
    made.sum().backward()
    assert given.grad.abs().sum() > 0
    augmenter.save(tmp_path / "it.safetensors")
    loaded = LatentAugmenter.load(tmp_path / "it.safetensors")
    assert loaded.sample(5).equal(augmenter.sample(5))
    with pytest.raises(ValueError, match=r"^images: shape \(2, 1, 20, 20\), expected \(B, "):
        loaded.transform(torch.zeros(2, 1, 20, 20))


@pytest.mark.parametrize("draw", ["sample", "transform"])
def test_the_same_seed_draws_the_same_and_every_call_anew(fitted, embedded, draw):
    others = to_float(embedded.splits.val_images[:6])

    def images(augmenter):
        return augmenter.sample(6) if draw == "sample" else augmenter(others)

    one, other, another = fitted(seed=1), fitted(seed=1), fitted(seed=2)
    first = images(one)
    torch.manual_seed(7)
    other.sample(3) if draw == "transform" else other(others)  # draws of its own
    assert images(other).equal(first)
    assert not images(one).equal(first)
    assert not images(another).equal(first)


def test_steps_auto_are_those_of_a_run_and_nothing_else(embedded, monkeypatch):
    asked = []
    monkeypatch.setattr("aeaug.library.augmenter.trained", lambda encoder, *rest: asked.append(encoder.steps) or 1 / 0)
    one = LatentAugmenter("mlp")
    for n in (100, 150):
        with pytest.raises(ZeroDivisionError):
            one.fit(embedded.train_images[:n])
    assert asked == [chosen_steps(one.options.autoencoder, n, "mnist") for n in (100, 150)]
    with pytest.raises(ValueError, match=r"^autoencoder.steps=auto: measured for images from 100 to .*, not 50;"):
        one.fit(embedded.train_images[:50])
    with pytest.raises(ValueError, match=r"^autoencoder.steps=auto: measured for autoencoder.network=.*, not article"):
        LatentAugmenter("article", steps="auto").fit(embedded.train_images)


def test_the_caller_keeps_streams_threads_warnings_and_logging(embedded, tmp_path, monkeypatch):
    """Stopping early has a DataLoader, which draws from the global stream; and nothing is left in the folder."""
    monkeypatch.chdir(tmp_path)

    def state():
        streams = (torch.get_rng_state().tolist(), random.getstate(), str(np.random.get_state()))  # noqa: NPY002
        logger = logging.getLogger("lightning.pytorch")
        return streams, torch.get_num_threads(), list(warnings.filters), logger.level, list(tmp_path.iterdir())

    LatentAugmenter("mlp", steps=2)  # what is imported for the first time may filter warnings
    before = state()
    one = LatentAugmenter("mlp", "mixup", steps=20, stopping="hold_out", check_every=10).fit(embedded.train_images)
    one.sample(3)
    one(to_float(embedded.train_images[:2]))
    LatentAugmenter("pca", "density").fit(embedded.train_images).sample(3)
    assert state() == before
    one.save(tmp_path / "one")
    LatentAugmenter.load(tmp_path / "one")
    assert state()[:4] == before[:4]


def test_it_encodes_perturbs_and_decodes_any_images(fitted, embedded):
    augmenter, images = fitted(gamma=0.5), to_float(embedded.splits.val_images[:7])
    z = augmenter.autoencoder.encode(images)
    noisy = gaussian(z, augmenter.z.std(0, correction=0), 0.5, generator(0, "augmenter's transform", 0))
    torch.testing.assert_close(augmenter(images), augmenter.autoencoder.decode(noisy), atol=1e-6, rtol=0)


def test_gradients_are_those_of_finite_differences(fitted, embedded):
    augmenter, images = fitted(gamma=0.5), to_float(embedded.splits.val_images[:4]) * 0.9
    weights = torch.randn(images.shape, generator=generator(0, "a test's weights of pixels"))

    def value(x):
        return (deepcopy(augmenter)(x).double() * weights).sum()  # the same call, so the same draw

    x = images.clone().requires_grad_()
    value(x).backward()
    size = x.grad.norm()
    step = 1e-2 * x.grad / size
    difference = (value(images + step) - value(images - step)) / 2e-2
    torch.testing.assert_close(difference.detach(), size.double(), rtol=1e-2, atol=0)
    assert (x.grad.flatten(1).abs().sum(1) > 0).all()
    assert all(weight.grad is None for weight in augmenter.parameters())


def test_a_module_that_trains_leaves_the_autoencoder_as_it_is(fitted):
    """A spectral norm would take a step of its power iteration at every image that is decoded."""
    augmenter = fitted("rae")
    expected, before = deepcopy(augmenter).sample(20), deepcopy(weights(augmenter))
    around = torch.nn.Sequential(augmenter).train()
    assert around.training
    assert augmenter.sample(20).equal(expected)
    assert same(weights(augmenter), before)


def test_autocast_changes_nothing(fitted, embedded):
    images = to_float(embedded.splits.val_images[:4])
    expected = fitted().sample(9), fitted()(images)
    augmenter = fitted()
    with torch.autocast("cpu", torch.bfloat16):
        assert augmenter.sample(9).equal(expected[0])
        assert augmenter(images).equal(expected[1])


@contextmanager
def float64_by_default():
    torch.set_default_dtype(torch.float64)
    try:
        yield
        assert torch.get_default_dtype() == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize("autoencoder", ["mlp", "rae", "pca"])
@pytest.mark.parametrize(
    "mode",
    [
        partial(torch.autocast, "cpu", torch.bfloat16),
        torch.inference_mode,
        torch.no_grad,
        float64_by_default,
        partial(torch.device, "meta"),
    ],
    ids=["autocast", "inference_mode", "no_grad", "float64", "device"],
)
def test_the_modes_around_it_change_nothing(embedded, tmp_path, autoencoder, mode):
    """Neither what is trained, drawn, loaded or copied, nor that gradients pass to images later."""
    images, others = embedded.train_images[:40], to_float(embedded.splits.val_images[:4])

    def all_of_it():
        steps = {"latent_dim": 4} if autoencoder == "pca" else {"steps": 3}
        one = LatentAugmenter(autoencoder, "gaussian", gamma=0.5, **steps).fit(to_float(images))
        found = [one.sample(50), one(others)]
        one.save(tmp_path / "it.safetensors")
        others_of_it = [
            LatentAugmenter.load(tmp_path / "it.safetensors"),
            deepcopy(one),
            pickle.loads(pickle.dumps(one)),
        ]
        found += [same_one.sample(5) for same_one in others_of_it]
        return [one, *others_of_it], [*found, *weights(one)]

    _, expected = all_of_it()
    with mode():
        augmenters, found = all_of_it()
    assert {part.dtype for part in found} == {part.dtype for part in expected}
    assert same(found, expected)
    for augmenter in augmenters:
        given = others.clone().requires_grad_()
        augmenter(given).sum().backward()
        assert given.grad.abs().sum() > 0
        assert augmenter.sample(3).shape == (3, 1, 28, 28)


@pytest.mark.parametrize("autoencoder", ["rae", "vae", "identity"])
def test_a_pickle_and_a_copy_go_on_as_it_would(fitted, embedded, autoencoder):
    """By what pickle has, by torch.save, and within another module."""
    augmenter, others = fitted(autoencoder), to_float(embedded.splits.val_images[:4])
    augmenter.sample(3)
    file = io.BytesIO()
    torch.save(torch.nn.Sequential(augmenter), file)
    file.seek(0)
    found = [
        pickle.loads(pickle.dumps(augmenter)),
        torch.load(file, weights_only=False)[0],
        deepcopy(augmenter),
    ]
    expected = augmenter.sample(9), augmenter(others)
    for one in found:
        assert same(weights(one), weights(augmenter))
        assert not any(part.requires_grad or part.is_inference() for part in one.parameters())
        assert not one.autoencoder.training
        assert one.sample(9).equal(expected[0])
        assert one(others).equal(expected[1])
        assert one.state_dict().keys() == augmenter.state_dict().keys()
    unfitted = pickle.loads(pickle.dumps(LatentAugmenter(autoencoder, seed=3)))
    assert unfitted.autoencoder is None
    assert unfitted.options.seed == 3


def test_in_a_compose_it_takes_batches_images_and_pairs(fitted, embedded):
    """Of torchvision's own images too, and the label of a pair passes."""
    pixels = embedded.splits.val_images[:3, None]
    tail = [v2.ToDtype(torch.float32, scale=True), v2.Normalize([0.5], [0.5])]
    for of in (pixels, pixels[0]):
        expected = fitted()(to_float(of.reshape(-1, 28, 28))).reshape(of.shape)
        torch.testing.assert_close(v2.Compose([*tail, fitted()])(of), expected, atol=1e-5, rtol=0)
        wrapped = v2.Compose([*tail, fitted()])(tv_tensors.Image(of))
        assert isinstance(wrapped, tv_tensors.Image)
        torch.testing.assert_close(wrapped.as_subclass(torch.Tensor), expected, atol=1e-5, rtol=0)
    image, label = v2.Compose([*tail, fitted()])(tv_tensors.Image(pixels[0]), torch.tensor(4))
    assert image.shape == (1, 28, 28)
    assert label == 4
    pictures = v2.Compose([v2.PILToTensor(), fitted()])(Image.fromarray(pixels[0, 0].numpy()))
    torch.testing.assert_close(pictures, fitted()(pixels[0]), atol=0, rtol=0)


class Same(Dataset):
    """The same image eight times."""

    def __init__(self, augmenter, image):
        self.augmenter, self.image = augmenter, image

    def __len__(self):
        return 8

    def __getitem__(self, place):
        return self.augmenter(self.image)


@pytest.mark.parametrize(
    ("sample", "kinds"),
    [
        (np.zeros((2, 1, 28, 28), np.float32), "ndarray"),
        ((np.zeros((1, 28, 28), np.uint8), 3), "ndarray, int"),
        (tv_tensors.Video(torch.zeros(2, 1, 28, 28)), "Video"),
        ({"video": tv_tensors.Video(torch.zeros(2, 1, 28, 28)), "label": torch.tensor(3)}, "Video, Tensor"),
        ([], "nothing"),
    ],
)
def test_a_sample_that_would_come_back_as_it_is_is_refused(fitted, sample, kinds):
    for call in (fitted(), v2.Compose([fitted()])):
        with pytest.raises(ValueError, match=f"^images: {kinds}, expected a tensor; of arrays .*$"):
            call(sample)


def test_workers_and_epochs_draw_what_no_other_does(fitted, embedded):
    def epochs():
        torch.manual_seed(3)
        loader = DataLoader(Same(fitted(gamma=1.0), to_float(embedded.splits.val_images[:1])[0]), 4, num_workers=2)
        return torch.cat([batch for _ in range(2) for batch in loader])

    first = epochs()
    assert len(first.flatten(1).unique(dim=0)) == 16
    assert epochs().equal(first)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        ({"autoencoder": "mpl"}, r"^autoencoder=mpl: must be one of article, conv, "),
        ({"perturbation": "gausian"}, r"^perturbation=gausian: must be one of chain, "),
        ({"autoencoder": {"steps": 3}}, r"^autoencoder.name: it is missing$"),
        ({"gama": 0.5}, r"^gama=0.5: no such option of autoencoder=mlp or perturbation=gaussian; is it gamma\?$"),
        ({"gamma": -1}, r"^perturbation.gamma=-1: input should be greater than or equal to 0.001$"),
        ({"gamma": float("nan")}, r"^perturbation.gamma=nan: "),
        ({"latent_dim": 0}, r"^autoencoder.latent_dim=0: input should be greater than or equal to 1$"),
        ({"seed": -1}, r"^seed=-1: input should be greater than or equal to 0$"),
        (
            {"autoencoder": "rae", "perturbation": "difference", "weight": 1},
            r"^weight=1: autoencoder=rae and pert.* both",
        ),
        ({"perturbation": "hard"}, r"^perturbation=hard: it asks a discriminator"),
        ({"perturbation": "posterior"}, r"^autoencoder=mlp: perturbation=posterior needs a variational one"),
        ({"patience": 3, "steps": 40}, r"^patience=3: autoencoder.stopping=fixed has no use for it$"),
        ({"stopping": "validation", "steps": 50}, r"^autoencoder.stopping=validation: there are no images here beyond"),
        ({"device": "nowhere"}, r"^device=nowhere: there is no such device here"),
    ],
)
def test_wrong_options_are_named_with_their_value(build, message):
    with pytest.raises(ValueError, match=message) as caught:
        LatentAugmenter(**build)
    assert "\n" not in str(caught.value)


def test_options_that_both_have_are_told_apart_by_a_mapping():
    one = LatentAugmenter(
        {"name": "rae", "weight": 0.5}, {"name": "difference", "weight": 2.0}, steps=7, seed=4
    ).options
    assert (one.autoencoder.weight, one.perturbation.weight, one.autoencoder.steps) == (0.5, 2.0, 7)
    assert (one.seed, one.autoencoder.seed) == (4, 4)


@pytest.mark.parametrize(
    ("perturbation", "labels", "message"),
    [
        (
            {"name": "interpolate", "neighbours": 20},
            None,
            r"^perturbation.neighbours=20: must be below the number of images, 20$",
        ),
        (
            {"name": "density", "components": 21},
            None,
            r"^perturbation.components=21: must be at most the number of images, 20$",
        ),
        ({"name": "interpolate", "within": "class"}, None, r"^perturbation.within=class: it needs labels"),
        (
            {"name": "difference", "within": "class"},
            range(20),
            r"^perturbation.within=class: the smallest class .* 1 image,",
        ),
        ("gaussian", range(19), r"^labels: shape \(19,\), expected \(20,\)"),
        ("gaussian", [0.5] * 20, r"^labels: torch.float64, expected integers"),
        ("gaussian", [-1] * 20, r"^labels: -1 is among them"),
        ("gaussian", [10**12] * 20, r"^labels: 1000000000000 is among them, expected integers from 0 to 1,000,000$"),
    ],
)
def test_what_does_not_go_with_the_images_is_said_before_training(embedded, monkeypatch, perturbation, labels, message):
    monkeypatch.delattr("aeaug.library.augmenter.trained")
    given = None if labels is None else np.array(list(labels))
    with pytest.raises(ValueError, match=message):
        LatentAugmenter("mlp", perturbation, steps=3).fit(embedded.train_images[:20], given)


@pytest.mark.parametrize("n", [0, -3, 2.0, True, "7", None, 10**13])
def test_a_number_of_images_is_one(fitted, n):
    with pytest.raises(ValueError, match=r"^n=.*: must be a whole number from 1 to 10,000,000$"):
        fitted().sample(n)


def test_a_call_that_comes_to_nothing_is_none(fitted, embedded, monkeypatch):
    """Who catches what went wrong, such as too little memory, and asks again draws what he would have drawn."""
    one, images = fitted(), to_float(embedded.splits.val_images[:2])
    drawn, moved = deepcopy(one).sample(4), deepcopy(one)(images)
    with monkeypatch.context() as broken:
        broken.setattr(type(one.autoencoder), "decode", lambda self, z: 1 / 0)
        for use in (lambda: one.sample(4), lambda: one(images)):
            with pytest.raises(ZeroDivisionError):
                use()
    assert one.sample(4).equal(drawn)
    assert one(images).equal(moved)


def test_before_fit_there_is_nothing():
    one = LatentAugmenter("mlp")
    for use in (lambda: one.sample(3), lambda: one(torch.zeros(2, 1, 28, 28)), lambda: one.save("nowhere")):
        with pytest.raises(ValueError, match=r"^LatentAugmenter: fit\(images\) comes first"):
            use()


def test_what_says_nothing_of_other_images_samples_and_does_not_transform(fitted, embedded):
    images = to_float(embedded.splits.val_images[:2])
    for perturbation, why in (
        ({"name": "density"}, "perturbation=density makes images that have nothing to do with x"),
        ({"name": "interpolate", "within": "class"}, "perturbation.within=class, and generated images have no label"),
    ):
        one = fitted(perturbation=perturbation, labelled=True)
        assert one.sample(5).isfinite().all()
        with pytest.raises(ValueError, match=f"^transform: {why}$"):
            one(images)


def test_within_a_class_it_moves_towards_images_of_that_class(fitted, embedded):
    """With one neighbour and the code of it known: z′ lies on the way there."""
    one = fitted("identity", {"name": "interpolate", "within": "class", "neighbours": 1}, labelled=True)
    images, sources = one.draw(200)
    same_class = embedded.train_labels[sources, None] == embedded.train_labels
    pixels = to_float(embedded.train_images).flatten(1)
    distance = torch.cdist(pixels, pixels)[sources]
    distance[~same_class | (torch.arange(200) == sources[:, None])] = torch.inf
    a, b, c = pixels[sources], pixels[distance.argmin(1)], images.flatten(1)
    detour = (a - c).norm(dim=1) + (c - b).norm(dim=1) - (a - b).norm(dim=1)
    assert detour.abs().max() < 1e-2


def test_a_conversion_to_another_type_is_refused(fitted):
    with pytest.raises(ValueError, match=r"converted to torch.bfloat16, and computes in float32 alone"):
        fitted().bfloat16().sample(2)


def test_a_device_that_holds_no_numbers_is_none():
    with pytest.raises(ValueError, match=r"^device=meta: there is no such device here \(it holds no numbers\)$"):
        LatentAugmenter("mlp", device="meta")


def test_images_on_another_device_are_refused(fitted):
    with pytest.raises(ValueError, match=r"^images: they are on meta, and the augmenter is on cpu$"):
        fitted()(torch.empty(2, 1, 28, 28, dtype=torch.uint8, device="meta"))


def test_a_training_that_diverges_leaves_what_was_fitted(embedded):
    one = LatentAugmenter("mlp", steps=2).fit(embedded.train_images)
    before = deepcopy(weights(one))
    one.options = LatentAugmenter("mlp", steps=2, lr=1.0).options
    with pytest.raises(Diverged):
        one.fit(embedded.train_images)
    assert same(weights(one), before)


def test_what_is_decoded_and_not_finite_is_no_sample(fitted):
    one = fitted()
    one.autoencoder.decoder[-2].bias.fill_(torch.nan)
    with pytest.raises(Diverged, match="4 of 4 images that the autoencoder made are not finite"):
        one.sample(4)


def test_the_state_of_one_becomes_that_of_another(fitted):
    """Mean and spread of the codes, which are no part of it, too."""
    one, other = fitted(seed=1), fitted(seed=2)
    other.sample(1)
    other.load_state_dict(one.state_dict())
    other.options, other._calls = one.options, dict(one._calls)
    assert other.sample(20).equal(one.sample(20))


def test_importing_the_package_imports_nothing_that_takes_long():
    program = "import sys, aeaug; print({'torch', 'lightning', 'torchvision', 'hydra', 'pydantic'} & set(sys.modules))"
    program += "; from aeaug import LatentAugmenter; print('hydra' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=600)
    assert ended.stdout == "set()\nFalse\n", ended.stderr


def test_the_source_of_codes_is_that_of_a_run(fitted, embedded):
    one = fitted("vae", "posterior")
    codes = DecodedSource(one.autoencoder, embedded.train_images, one.options.perturbation).codes
    assert codes.z.equal(one.z)
    assert codes.deviation.equal(one.deviation)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.uint32, np.uint64, np.int16])
def test_labels_may_be_of_any_kind_of_integer(kind):
    assert class_labels(np.array([0, 3, 1], dtype=kind), 3).tolist() == [0, 3, 1]
