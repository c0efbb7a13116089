"""Every arm, and every option file that no arm chooses, goes through the whole pipeline in small."""

import json
import math
import re
from pathlib import Path

import pytest

from aeaug.run.pipeline import Run
from aeaug.sweep.composition.composing import composed
from tests.conftest import REPOSITORY, options
from tests.data.by_content.drawing import draw

CONF = REPOSITORY / "conf"
ARMS = sorted(file.stem for file in (CONF / "arm").glob("*.yaml"))
MORE = {
    "autoencoder": "append_gaussian",
    "gan": "append_gaussian",
    "gan/loss": "append_gaussian",
    "gan/penalty": "append_gaussian",
    "gan/r1_schedule": "none",
    "gan/penalty_schedule": "lecam",
    "gan/view": "none",
    "gan/view_schedule": "none",
    "gan/pseudo": "none",
    "gan/pseudo_schedule": "none",
    "schedule": "append_gaussian",
    "source": "append_gaussian",
}
"""Groups, and the arm by which each of their files is tried."""
SMALL = ("autoencoder.latent_dim=8", "evaluation.test=false")
ASKED = {
    "autoencoder=identity": ("autoencoder.latent_dim=auto",),
    "gan/loss=wasserstein": ("gan.r1_gamma=0", "gan/penalty=[gradient]"),
    "schedule=linear": ("schedule.until=400",),
    "schedule=cosine": ("schedule.until=400",),
    "schedule=step": ("schedule.at=200",),
    "schedule=r_t": ("schedule.images=400",),
    "schedule=r_v": ("schedule.images=400",),
    **{f"gan/view={name}": (f"gan.view.{name}.images=400",) for name in ("ada", "ada_r_v")},
    **{f"gan/pseudo={name}": (f"gan.pseudo.{name}.images=400",) for name in ("apa", "apa_r_v")},
}
"""What a choice takes besides."""
WHEN = {"linear": "until=200", "cosine": "until=200", "step": "at=200", "r_t": "images=400", "r_v": "images=400"}
"""Of a schedule of the GAN's."""
SCHEDULED = {"gan/view_schedule": ("gan/view=[geometric]",), "gan/pseudo_schedule": ("gan/pseudo=[generated]",)}
"""What has a rate that it may change."""
LISTS = ("gan/penalty", "gan/view", "gan/pseudo")
NEEDS_CLASSES = {"append_labels"}


def choices():
    for group, arm in MORE.items():
        for file in sorted((CONF / group).glob("*.yaml")):
            choice = f"{group}={file.stem}"
            if choice == "source=decoded":
                continue
            typed = f"{group}=[{file.stem}]" if group in LISTS else choice
            when = (f"{group.replace('/', '.')}.{WHEN[file.stem]}",) if group.endswith("_schedule") else ()
            yield pytest.param(arm, typed, (*ASKED.get(choice, ()), *SCHEDULED.get(group, ()), *when), id=choice)


def goes_through(tmp_path, *given):
    ended = Run(options(tmp_path, *given, "variant=x"))
    value = ended.run()
    assert math.isfinite(value)
    folder = Path(ended.folder.path)
    assert json.loads((folder / "status.json").read_text())["state"] == "done"
    metrics = json.loads((folder / "metrics.json").read_text())
    assert metrics["work"]["discriminator"] > 0
    return metrics


@pytest.mark.usefixtures("stocked")
@pytest.mark.parametrize("arm", ARMS)
def test_every_arm(arm, tmp_path):
    posterior = () if arm.endswith("posterior") else ("autoencoder=mlp",)
    steps = ("autoencoder.steps=20",)
    linear = ("schedule.until=400",) if arm.endswith("_linear") else ()
    controlled = ()
    if arm.startswith(("ada", "apa")):
        controlled = (f"gan.{'view' if arm.startswith('ada') else 'pseudo'}.{arm}.images=400",)
    elif arm.endswith(("_r_t", "_r_v")):
        controlled = ("schedule.images=400",)
    metrics = goes_through(tmp_path, f"arm={arm}", *posterior, *steps, *SMALL, *linear, *controlled)
    injects = arm.startswith(("append", "replace"))
    if not linear and not controlled:
        assert bool(metrics["work"]["synthetic"]) == injects


@pytest.mark.usefixtures("stocked")
@pytest.mark.parametrize(("arm", "choice", "besides"), list(choices()))
def test_every_option_file(arm, choice, besides, tmp_path):
    steps = () if choice in ("autoencoder=pca", "autoencoder=identity") else ("autoencoder.steps=20",)
    small = SMALL[1:] if choice == "autoencoder=identity" else SMALL
    goes_through(tmp_path, f"arm={arm}", choice, *steps, *small, *besides)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("own")
    draw(root / "flat", 240, side=32)
    draw(root / "sorted", 240, side=32, classes=True)
    return root


WITH_CLASSES = "own, with classes"
KINDS = {
    "in colour, of 1,000 modes": ("data=stacked_mnist_5k", "data.n_train=1000"),
    "own, without classes": ("data=folder", "data.root={root}/flat"),
    WITH_CLASSES: ("data=folder", "data.root={root}/sorted"),
    "own, of 28 pixels in grey": ("data=folder", "data.root={root}/flat", "data.size=28", "data.channels=1"),
}


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("arm", ARMS)
def test_every_arm_works_on_every_kind_of_data_or_is_refused_by_key_and_value(arm, kind, folders, tmp_path):
    data = [one.format(root=folders) for one in KINDS[kind]]
    try:
        found = composed([f"arm={arm}", *data, "autoencoder.steps=20", f"outputs={tmp_path}", "trainer=cpu"])
    except ValueError as refused:
        lines = str(refused).splitlines()
        assert all(re.match(r"[\w./]+=\S.*: \S", line) for line in lines), lines
        assert (arm in NEEDS_CLASSES, kind != WITH_CLASSES) == (True, True), lines
        return
    assert found.data.of.shape[0] == (1 if "grey" in kind else 3)
    assert arm not in NEEDS_CLASSES or kind == WITH_CLASSES
