"""The notebook: its cells run in their order, and what it shows is so."""

import json

import matplotlib.pyplot as plt
import pytest
import torch

from tests.conftest import REPOSITORY

NOTEBOOK = REPOSITORY / "examples" / "latent_augmenter.ipynb"
CELLS = json.loads(NOTEBOOK.read_text())["cells"]
CODE = [cell for cell in CELLS if cell["cell_type"] == "code"]


@pytest.fixture(scope="module")
def after(tmp_path_factory):
    """What its names stand for once all cells have run, in an empty folder and without a window; the folder."""
    place, scope = tmp_path_factory.mktemp("notebook"), {"__name__": "__main__"}
    with pytest.MonkeyPatch.context() as patch, torch.random.fork_rng():
        patch.chdir(place)
        patch.setattr(plt, "show", lambda: plt.close("all"))
        plt.switch_backend("agg")
        for number, cell in enumerate(CODE):
            exec(compile("".join(cell["source"]), f"{NOTEBOOK.name}, cell {number}", "exec"), scope)
    return scope, place


def test_it_is_committed_without_outputs():
    assert not any(cell["outputs"] or cell["execution_count"] is not None for cell in CODE)
    assert len({cell["id"] for cell in CELLS}) == len(CELLS)


def test_it_leaves_no_file_behind(after):
    assert not list(after[1].iterdir())


def test_its_manifold_is_a_picture_of_many_images(after):
    picture = after[0]["picture"]
    assert picture.shape == (1, 20 * 29 + 1, 20 * 29 + 1)
    assert 0 <= picture.min() < picture.max() <= 1
    tiles = picture[0, 1:, 1:].unfold(0, 29, 29).unfold(1, 29, 29)[..., :28, :28].flatten(2).flatten(0, 1)
    across = (tiles[0] - tiles[-1]).abs().mean()
    beside = (tiles[0] - tiles[1]).abs().mean()
    assert across > 3 * beside  # it changes little by little, and from corner to corner altogether


def test_decoded_images_are_new_ones_near_those_they_were_made_for(after):
    real, images, sources = (after[0][name] for name in ("real", "images", "sources"))
    assert real.shape == (100, 1, 28, 28)
    assert images.shape == (20, 1, 28, 28)
    assert images.abs().max() <= 1
    distances = torch.cdist(images.flatten(1), real.flatten(1))
    own = distances.gather(1, sources[:, None]).squeeze(1)
    assert (own > 0).all()
    assert own.mean() < 0.8 * distances.mean()


def test_what_was_loaded_goes_on_where_the_saved_one_was(after):
    scope = after[0]
    augmenter, loaded = scope["augmenter"], scope["loaded"]
    assert loaded.options == augmenter.options
    assert loaded.z.equal(augmenter.z)
    assert loaded._calls["sample"] == 1  # the draw before; the other was trained with meanwhile
    assert augmenter._calls["sample"] == 1 + scope["STEPS"] + 1


def test_both_gans_learn_and_differ_by_the_augmentation_alone(after, monkeypatch):
    scope = after[0]
    one, other = scope["losses_without"], scope["losses_with"]
    assert one.shape == other.shape == (scope["STEPS"], 2)
    assert one.isfinite().all()
    assert other.isfinite().all()
    assert not one.equal(other)
    for images in scope["generated"].values():
        assert images.shape == (500, 1, 28, 28)
        assert images.abs().max() <= 1
    distances = scope["distances"]
    assert distances["decoded"] > 0
    assert max(distances["without"], distances["with"]) < 0.5 * distances["untrained"]
    monkeypatch.setitem(scope, "STEPS", 20)
    assert scope["train"]()[1].equal(one[:20])  # whatever was drawn before
