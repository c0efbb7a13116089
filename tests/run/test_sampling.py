"""scripts/sample.py as it is typed: the images of a finished run's averaged generator, as files."""

import json
import shutil

import numpy as np
import pytest
import torch
from PIL import Image

from aeaug.data.image_files import open_images
from aeaug.data.sets.mnist import MNIST
from aeaug.export.pixels import to_bytes
from aeaug.gan import GANModule
from tests.run.runs import UNTESTED, run
from tests.terminal import content, typed

SEED = 3


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The folder of a finished run, with a comma and a blank in its path."""
    outputs = tmp_path_factory.mktemp("a b")
    return run(outputs, "arm=none", UNTESTED, "variant='none,tiny'", f"seed={SEED}").folder.path


@pytest.fixture
def copy(finished, tmp_path):
    """A copy of it, to be damaged."""
    return shutil.copytree(finished, tmp_path / "copy")


def generated(folder, file="last.ckpt", n=30, seed=SEED):
    module = GANModule.load_from_checkpoint(folder / "checkpoints" / file, weights_only=True)
    return to_bytes(module.sample(n, seed, "evaluation latents")).numpy()


def sample(folder, *more):
    return typed("sample", f"run={folder}", "progress=false", "threads=1", *more)


@pytest.mark.parametrize("more", [{}, {"seed": 8}, {"reading": "best"}])
def test_images_are_those_that_the_runs_evaluation_draws(finished, tmp_path, more):
    """Of the averaged weights at the end or at the best reading, by the run's own seed unless another is asked for."""
    before = content(finished)
    ended = sample(
        finished, "n=30", f"out={tmp_path / 'a' / 'one.npy'}", *(f"{key}={one}" for key, one in more.items())
    )
    assert (ended.status, ended.said) == (0, "")
    assert ended.printed == f"30 images: {tmp_path / 'a' / 'one.npy'}\n"
    file = "best.ckpt" if more.get("reading") == "best" else "last.ckpt"
    expected = generated(finished, file, seed=more.get("seed", SEED))
    assert np.array_equal(np.load(tmp_path / "a" / "one.npy"), expected)
    assert content(finished) == before


def test_other_seeds_and_readings_are_other_images(finished):
    assert not np.array_equal(generated(finished), generated(finished, seed=8))


def test_a_folder_and_a_grid_have_the_same_images(finished, tmp_path):
    assert sample(finished, "n=30", f"out={tmp_path / 'one'}").status == 0
    assert sample(finished, "n=30", f"out={tmp_path / 'one.png'}").status == 0
    expected = generated(finished)
    files = open_images(tmp_path / "one", MNIST.shape)
    assert np.array_equal(files.read(torch.arange(len(files))), expected)
    picture = np.asarray(Image.open(tmp_path / "one.png"))
    cells = [picture[29 * row + 1 :, 29 * column + 1 :][:28, :28] for row in range(5) for column in range(6)]
    assert np.array_equal(np.stack(cells), expected)


def test_a_bar_tells_how_far_it_is(finished, tmp_path):
    ended = typed("sample", f"run={finished}", "n=30", f"out={tmp_path / 'one'}")
    assert ended.status == 0
    assert "sampling: 100%" in ended.said
    assert "30/30" in ended.said


def test_many_images_are_those_of_one_call_in_parts(finished, tmp_path):
    assert sample(finished, "n=2500", f"out={tmp_path / 'one.npy'}").status == 0
    assert np.array_equal(np.load(tmp_path / "one.npy"), generated(finished, n=2500))


@pytest.mark.parametrize("out", ["one.npy", "one.png", "one"])
def test_nothing_is_left_where_it_ends_early(finished, tmp_path, monkeypatch, out):
    forward, calls = GANModule.forward, []

    def fail(self, z):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return forward(self, z)

    monkeypatch.setattr(GANModule, "forward", fail)
    ended = sample(finished, "n=5000", f"out={tmp_path / 'deep' / out}")
    assert (ended.status, len(calls)) == (130, 3)
    assert content(tmp_path) == {}


def test_images_that_are_not_finite_are_no_files(copy, tmp_path):
    file = copy / "checkpoints" / "last.ckpt"
    whole = torch.load(file, weights_only=True)
    for name, one in whole["state_dict"].items():
        if name.startswith("ema.") and one.is_floating_point():
            one.fill_(torch.nan)
    torch.save(whole, file)
    ended = sample(copy, f"out={tmp_path / 'one'}")
    assert ended.status == 1
    assert "images that the generator made are not finite" in ended.said
    assert ended.said.startswith(f"error: run={copy}: ")
    assert len(ended.lines) == 1
    assert not (tmp_path / "one").exists()


def state(folder, value):
    status = json.loads((folder / "status.json").read_text())
    (folder / "status.json").write_text(json.dumps({**status, "state": value}))


DAMAGE = {
    "running": (lambda folder: state(folder, "running"), "state=running, there is no finished generator"),
    "diverged": (lambda folder: state(folder, "diverged"), "state=diverged, there is no finished generator"),
    "no status": (lambda folder: (folder / "status.json").unlink(), "state=missing, there is no finished generator"),
    "no config": (lambda folder: (folder / "config.yaml").unlink(), "this folder is no run (it has no config.yaml)"),
    "no checkpoint": (
        lambda folder: (folder / "checkpoints" / "last.ckpt").unlink(),
        "last.ckpt is not readable (it is mis",
    ),
    "torn": (lambda folder: (folder / "checkpoints" / "last.ckpt").write_bytes(b"PK"), "last.ckpt is not readable ("),
    "foreign": (
        lambda folder: torch.save({"a": 1}, folder / "checkpoints" / "last.ckpt"),
        "last.ckpt is not of this version",
    ),
    "gone": (shutil.rmtree, "no such folder"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_run_without_a_finished_generator_is_refused(copy, tmp_path, damage):
    change, says = DAMAGE[damage]
    change(copy)
    ended = sample(copy, f"out={tmp_path / 'one'}")
    assert ended.status == 1
    assert len(ended.lines) == 1
    assert ended.said.startswith(f"error: run={copy}: ")
    assert says in ended.said
    assert not (tmp_path / "one").exists()


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("run=x", "nowhere to write to: say out=<folder>, out=<file>.npy or out=<picture>.png"),
        ("out=x", "nothing to sample from: say run=<folder of a finished run>"),
        ("run=x out=y", "run=x: no such folder"),
        ("run=x out=y.npz", "out=y.npz: a name without a suffix is a folder, and files end in .npy or .png"),
        ("run=x out=there", "out=there: there is there already, and nothing is overwritten; take another name"),
        ("run=x out=y n=0", "n=0: input should be greater than or equal to 1"),
        ("run=x out=y n=1.5", "n=1.5: input should be a valid integer"),
        ("run=x out=y.png n=10001", "n=10001: a picture has room for 10000 images; out=<folder> or <file>.npy"),
        ("run=x out=y seed=-1", "seed=-1: input should be greater than or equal to 0"),
        ("run=x out=y reading=last", "reading=last: input should be 'end' or 'best'"),
        ("x", "x: say run=x or out=x"),
        ("run=x otu=y", "otu=y: no such option; did you mean out?"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_before_any_work(tmp_path, monkeypatch, line, says):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there").touch()
    ended = typed("sample", *line.split())
    assert ended.status == 1
    assert ended.lines == [f"error: {says}"] or ended.lines[0].startswith(f"error: {says}")
    assert len(ended.lines) == 1
    assert list(content(tmp_path)) == ["there"]
