"""What a training holds out is of the subset, and is what it does not train on."""

import pytest

from aeaug.autoencoder import training
from aeaug.autoencoder.hold_out import held_out_images
from aeaug.autoencoder.options import PlainOptions
from tests.conftest import compose


def chosen(**changes):
    given = dict(compose(["autoencoder=mlp", "seed=3"]).autoencoder)
    return PlainOptions.model_validate(given | {"steps": 2, "check_every": 2} | changes)


def listed(images):
    return sorted(image.numpy().tobytes() for image in images)


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5])
def test_it_is_the_rest_of_the_subset(share, embedded, monkeypatch, tmp_path):
    trained = []

    class Watched(training.ReconstructionData):
        def __init__(self, images, held_out, **options):
            trained.extend([images, held_out])
            super().__init__(images, held_out, **options)

    monkeypatch.setattr(training, "ReconstructionData", Watched)
    options = chosen(stopping="hold_out", hold_out=share)
    training.fit(options, embedded, tmp_path, progress=False)
    own, held_out = trained
    assert held_out_images(options, embedded).equal(held_out)
    assert len(held_out) == round(200 * share)
    assert not set(listed(own)) & set(listed(held_out))
    assert sorted(listed(own) + listed(held_out)) == listed(embedded.train_images)


@pytest.mark.parametrize("stopping", ["fixed", "validation"])
def test_where_all_of_the_subset_is_trained_on_there_is_none(stopping, embedded):
    assert held_out_images(chosen(stopping=stopping), embedded) is None
