"""labels: what a classifier of the subset says of an image, beside the class of its source."""

import pytest
import torch

from aeaug.augmentation.filters import labels as module
from aeaug.augmentation.filters.labels import Labels
from aeaug.augmentation.sources.decoded import DecodedSource
from aeaug.autoencoder import AutoencoderModule
from aeaug.classifier import train_classifier
from aeaug.data import to_float
from aeaug.perturbation.gaussian import Gaussian


@pytest.fixture(scope="module")
def labelled(embedded):
    """The embedded subset with its labels."""
    perturbation = Gaussian(name="gaussian", gamma=1.0)
    return DecodedSource(
        AutoencoderModule("mlp", latent_dim=8),
        embedded.train_images,
        perturbation,
        embedded.train_labels,
        classes=embedded.description.classes,
    )


def rule_of(source, seed=0, steps=60):
    return Labels(name="labels", steps=steps, tries=1).rule(source, None, seed)


def test_the_classifier_sees_the_subset_and_its_labels_and_nothing_else(labelled, embedded, monkeypatch):
    given = []
    monkeypatch.setattr(module, "train_classifier", lambda *some: given.append(some) or train_classifier(*some))
    rule_of(labelled, seed=3, steps=2)
    ((images, labels, classes, seed, purpose, steps),) = given
    assert images.equal(to_float(embedded.train_images))
    assert labels.equal(embedded.train_labels)
    assert (classes, seed, purpose, steps) == (10, 3, "filter of labels", 2)


def test_an_image_is_accepted_where_it_is_taken_for_its_sources_class(labelled, embedded):
    images, sources = to_float(embedded.splits.val_images[:300]), torch.arange(300) // 2
    classifier = train_classifier(
        to_float(embedded.train_images), embedded.train_labels, 10, 0, "filter of labels", steps=60
    )
    expected = torch.tensor(
        [
            int(classifier(one[None]).argmax()) == int(embedded.train_labels[source])
            for one, source in zip(images, sources, strict=True)
        ]
    )
    found = rule_of(labelled)(images, sources)
    assert found.equal(expected)
    assert 0 < found.sum() < 150


def test_most_training_images_are_taken_for_what_they_are_and_labels_of_others_are_rejected(labelled, embedded):
    rule, images, sources = rule_of(labelled, steps=150), to_float(embedded.train_images), torch.arange(200)
    assert rule(images, sources).float().mean() > 0.9
    others = (embedded.train_labels[sources, None] != embedded.train_labels).int().argmax(1)
    assert rule(images, others).float().mean() < 0.1
