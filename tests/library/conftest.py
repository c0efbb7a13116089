from copy import deepcopy

import pytest

from aeaug import LatentAugmenter

STEPS = 30  # enough for codes that differ


@pytest.fixture(scope="session")
def fitted(embedded):
    """``fitted(autoencoder, **options)``: an augmenter of the embedded subset of 200, one's own; trained once for the
    same autoencoder."""
    trained = {}

    def build(autoencoder="mlp", perturbation="gaussian", *, seed=0, labelled=False, **options):
        key = (autoencoder, seed, labelled)
        if autoencoder not in ("pca", "identity"):
            options = {"steps": STEPS, **options}
        asked = LatentAugmenter(autoencoder, perturbation, seed=seed, **options)
        if key not in trained:
            plain = {"steps": STEPS} if "steps" in options else {}
            one = LatentAugmenter(autoencoder, "reconstruct", seed=seed, **plain)
            trained[key] = one.fit(embedded.train_images, embedded.train_labels if labelled else None)
        asked._take(*deepcopy(trained[key]._fitted()))
        return asked

    return build
