import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from aeaug.options import flat
from aeaug.run.identity.free import makes_no_other
from aeaug.run.identity.identity import differences, identity
from aeaug.run.options import parse_options
from aeaug.sweep.composition.naming import variant_name
from aeaug.sweep.plan.standing import plan_text, standings
from tests.conftest import CLAIM, options
from tests.data.by_content.drawing import draw


@pytest.fixture(scope="module")
def roots(tmp_path_factory):
    """Folders of images without classes and with two, and a cache for both; read only."""
    place = tmp_path_factory.mktemp("folders")
    draw(place / "flat", 240, side=32)
    draw(place / "sorted", 240, side=32, classes=True)
    return place


def folder(roots, tmp_path, *overrides, kind="flat"):
    own = [f"data.root={roots / kind}", f"data.cache={roots / 'cache'}"]
    return options(tmp_path, "data=folder", *own, *overrides)


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("flat", {"channels": 3, "classes": "none", "balanced": False}),
        ("sorted", {"channels": 3, "classes": "folders", "balanced": True}),
    ],
)
def test_what_is_auto_is_found_and_kept(kind, found, roots, tmp_path):
    data = folder(roots, tmp_path, kind=kind).data
    assert {key: getattr(data, key) for key in found} == found
    assert len(data.content) == 16
    assert data.of.classes == (2 if kind == "sorted" else 0)


def test_the_recorded_config_is_the_same_run(roots, tmp_path):
    asked = folder(roots, tmp_path, "arm=append_gaussian")
    again = parse_options(yaml.safe_load(yaml.safe_dump(asked.model_dump(mode="json"))))
    assert again == asked
    assert again.data.of == asked.data.of
    assert identity(again) == identity(asked)


def test_another_folder_is_another_run_and_another_place_is_not(roots, tmp_path):
    asked = folder(roots, tmp_path, "arm=append_gaussian", kind="flat")
    moved = draw(tmp_path / "moved", 240, side=32)
    there = options(tmp_path, "data=folder", f"data.root={moved}", f"data.cache={tmp_path}", "arm=append_gaussian")
    assert identity(there) == identity(asked)
    next(moved.iterdir()).unlink()
    changed = options(tmp_path, "data=folder", f"data.root={moved}", f"data.cache={tmp_path}", "arm=append_gaussian")
    assert identity(changed) != identity(asked)
    (difference,) = differences(asked.model_dump(), changed, [asked.budget.images])
    assert difference == f"data.content: {asked.data.content} there, {changed.data.content} here"


def test_where_images_lie_is_in_no_name(roots, tmp_path):
    asked = folder(roots, tmp_path)
    assert {key for key in flat(asked.model_dump()) if key.startswith("data.") and makes_no_other(key)} == {
        "data.root",
        "data.cache",
        "data.unusable",
    }
    assert variant_name(["data=folder", f"data.root={roots}", "data.cache=x", "data.size=28"]) == (
        "data.size=28,data=folder"
    )


@pytest.mark.parametrize(
    ("overrides", "line"),
    [
        (["data.balanced=true"], r"data\.balanced=true: the images in data\.root=.* have no classes"),
        (["arm=append_interpolate", "perturbation.within=class"], r"^perturbation\.within=class: the images of"),
        (["arm=append_gaussian", "filter=labels"], "^filter=labels: the images of data.name=folder have no classes"),
        (["arm=append_gaussian", "gate=labels"], "^gate=labels: the images of data.name=folder have no classes"),
        (
            ["gan.r1_gamma=auto"],
            "gan.r1_gamma=auto: tuned for data=mnist, mnist_5k, fashion_mnist and stacked_mnist, not folder",
        ),
        (["arm=append_gaussian", "autoencoder.steps=auto"], "autoencoder.steps=auto: measured for .*, not folder"),
        (["data.size=30"], r"data\.size=30: input should be 28, 32 or 64"),
        (["data.channels=2"], r"data\.channels=2: input should be 1 or 3"),
        (["data.classes=labels"], r"data\.classes=labels: input should be 'folders' or 'none'"),
        (["data.content=0123456789abcdef"], r"data\.content=0123456789abcdef: the images in .* are others by now"),
        (["data.content=short"], r"data\.content=short: "),
        (["data.n_train=9"], r"data\.n_train=9: "),
        (["data.n_train=1000"], r"data\.n_train=1000: must be between 10 \(a row of a picture\) and 1\d\d \(all\)"),
        (["data.root=null"], r"data\.root=null: say which folder"),
        (
            ["data.size=64"],
            r"240 of 240 files cannot be used.*\n(\S+, ){5}… \(240 in all\): 32 by 32 pixels, .*=32 takes it\n"
            r"all of them are in .*unusable\..*\.txt$",
        ),
    ],
)
def test_what_a_folder_cannot_have_is_refused_in_one_line(overrides, line, roots, tmp_path):
    with pytest.raises(ValueError, match=line) as caught:
        folder(roots, tmp_path, *overrides)
    # Of what is the same of all files a line more, and one that says where each of them has its own.
    assert str(caught.value).count("\n") == 2 * ("cannot be used" in line)
    if place := re.search("all of them are in (.*)$", str(caught.value)):
        every = Path(place[1]).read_text().splitlines()
        assert len({one.partition(": ")[0] for one in every}) == 240
        assert all("=32 takes it" in one for one in every)


@pytest.mark.parametrize(
    ("kind", "more", "classes"),
    [
        ("flat", [], "in colour, 28 × 28; no classes (data.classes=none)"),
        ("sorted", ["data.n_train=null", "data.channels=1"], "grey, 28 × 28; 2 classes (data.classes=folders): {}"),
        (
            "sorted",
            ["data.n_train=40"],
            "in colour, 28 × 28; 2 classes (data.classes=folders): {}, in the training subset equally many of each "
            "(data.balanced=true)",
        ),
        (
            "sorted",
            ["data.n_train=40", "data.balanced=false"],
            "in colour, 28 × 28; 2 classes (data.classes=folders): {}",
        ),
        ("sorted", ["data.classes=none"], "in colour, 28 × 28; no classes (data.classes=none)"),
    ],
)
def test_a_plan_says_what_was_found(kind, more, classes, roots, tmp_path):
    asked = folder(roots, tmp_path, "data.size=28", *more, kind=kind)
    of, names = asked.data.of, sorted(path.name for path in (roots / "sorted").iterdir())
    line = f"data.root={roots / kind}: {of.pool} images to train on, {of.validation} for validation, {of.test} for the "
    said = plan_text("mine", standings({tmp_path / "none" / "seed=0": asked}), {})
    assert f"\n{line}test; {classes.format(', '.join(names))}\n" in said
    assert "gan.r1_gamma 1, which nobody tuned for these images" in said


def test_a_plan_names_the_advice_where_it_would_be_given(roots, tmp_path):
    asked = folder(roots, tmp_path)

    def said():
        return plan_text("mine", standings({tmp_path / "none" / "seed=0": asked}), {})

    assert "experiment=advise" not in said()
    asked.data._of = replace(asked.data.of, validation=39, test=77)
    assert "nobody tuned for these images (experiment=advise tries others)" in said()
    asked.data._of = replace(asked.data.of, validation=38)
    assert "experiment=advise" not in said()


@pytest.mark.parametrize("metric", ["class_kl", "modes", "classifier_score", "accuracy_score", "confident_share"])
def test_what_needs_a_net_that_knows_classes_is_not_claimed(metric, roots, tmp_path):
    asked = folder(roots, tmp_path, "arm=append_gaussian", kind="sorted")
    direction = "lower" if metric == "class_kl" else "higher"
    given = {**asked.model_dump(), "claims": [{**CLAIM, "metric": metric, "direction": direction, "space": "random"}]}
    line = f"claims.space=random: {metric} is measured where a space has classes, and none has any"
    with pytest.raises(ValueError, match=line) as caught:
        parse_options(given)
    assert "\n" not in str(caught.value)
