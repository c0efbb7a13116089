import math
import warnings

import pandas as pd
import pytest
from omegaconf import OmegaConf

from aeaug.data import MNISTDataModule
from aeaug.gan import tuned
from aeaug.gan.options import SCHEDULES, GANOptions
from aeaug.gan.tuned import BASELINE, Tuned, tuned_r1_gamma
from aeaug.report.tuning import CURVES as COLUMNS
from aeaug.report.tuning import geometric_mean, tunings
from aeaug.run.options import parse_options
from tests.conftest import REPOSITORY, compose

MLP = {"gan.network": "mlp", "gan.loss": "non_saturating", "gan.ema_rampup": 0.05}
DCGAN = MLP | {"gan.network": "dcgan"}
APPEND = {"augmentation.name": "append", "augmentation.ratio": 1.0}


@pytest.fixture
def planted(monkeypatch):
    """Two budgets of one network, one of another, one of another arm, and one of other images."""
    monkeypatch.setattr(
        tuned,
        "TUNED",
        (
            Tuned(MLP, BASELINE, 1000, 64, {100: 30.0, 500: 10.0, 50_000: 1.0}),
            Tuned(MLP, BASELINE, 200, 64, {100: 10.0, 500: 10.0}),
            Tuned(DCGAN, BASELINE, 1000, 64, {500: 3.0}),
            Tuned(MLP, APPEND, 200, 64, {100: 4.0, 500: 2.0}),
            Tuned(MLP, BASELINE | {"gan.view.cutout.ratio": 0.5}, 200, 64, {100: 0.5}),
            Tuned(MLP, BASELINE, 1000, 64, {500: 7.0}, data=("clothes",)),
        ),
    )


def asked(images, batch_size=64, **changes):
    """Dotted options of an arm that injects nothing."""
    given = MLP | BASELINE | {"data.name": "mnist", "budget.images": images, "budget.batch_size": batch_size}
    return given | {key.replace("__", "."): value for key, value in changes.items()}


@pytest.mark.usefixtures("planted")
@pytest.mark.parametrize(
    ("n_train", "images", "gamma"), [(100, 1000, 30), (500, 1000, 10), (100, 200, 10), (250, 200, 10)]
)
@pytest.mark.parametrize("own", [False, True])
def test_what_was_measured_is_looked_up(n_train, images, gamma, own):
    assert tuned_r1_gamma(asked(images), n_train, own) == gamma
    assert tuned_r1_gamma(asked(1000, gan__network="dcgan"), 500, own) == 3


@pytest.mark.usefixtures("planted")
def test_other_images_have_a_weight_of_their_own():
    assert tuned_r1_gamma(asked(1000, data__name="clothes"), 500) == 7
    assert tuned_r1_gamma(asked(1000, data__name="mnist_5k"), 500) == 10


@pytest.mark.usefixtures("planted")
def test_a_rival_is_looked_up_with_all_that_its_discriminator_has():
    rival = asked(200, gan__view__cutout__ratio=0.5)
    assert tuned_r1_gamma(rival, 100, own=True) == 0.5
    assert tuned_r1_gamma(rival, 100) == 10
    with pytest.raises(ValueError, match=r"own: tuned for gan\.view\.cutout\.ratio=0\.5, not 0\.25; give a number$"):
        tuned_r1_gamma(rival | {"gan.view.cutout.ratio": 0.25}, 100, own=True)
    with pytest.raises(ValueError, match=r"own: not tuned beside gan\.penalty\.lecam\.weight=1\.0; give a number$"):
        tuned_r1_gamma(asked(200, gan__penalty__lecam__weight=1.0), 100, own=True)
    with pytest.raises(ValueError, match=r"own: not tuned beside gan\.view\.cutout\.ratio=0\.5; give a number$"):
        tuned_r1_gamma(rival | {"gan.penalty.lecam.weight": 1.0}, 100, own=True)


@pytest.mark.usefixtures("planted")
def test_an_arm_has_the_baselines_weight_or_its_own():
    arm = asked(200, augmentation__name="append", augmentation__ratio=1.0)
    assert tuned_r1_gamma(arm, 100) == 10
    assert tuned_r1_gamma(arm, 100, own=True) == 4
    other = asked(200, augmentation__name="replace", augmentation__probability=0.5)
    assert tuned_r1_gamma(other, 100) == 10


@pytest.mark.usefixtures("planted")
@pytest.mark.parametrize("added", [{"gan__dropout": 0.3}, {"gan__spectral_norm": True}])
def test_what_is_added_to_a_gan_gets_the_baselines_weight_and_was_not_tuned_itself(added):
    assert tuned_r1_gamma(asked(1000, **added), 500) == 10
    with pytest.raises(ValueError, match=r"^gan\.r1_gamma=own: tuned for gan\.(dropout|spectral_norm)="):
        tuned_r1_gamma(asked(1000, **added), 500, own=True)


@pytest.mark.usefixtures("planted")
def test_between_sizes_it_is_a_line_in_logarithms():
    # Half way from 500 to 50,000 is 5,000, and from 10 to 1 the square root of 10.
    assert tuned_r1_gamma(asked(1000), 5_000) == pytest.approx(math.sqrt(10), abs=0.05)
    found = [tuned_r1_gamma(asked(1000), n) for n in range(100, 50_001, 997)]
    assert found == sorted(found, reverse=True)
    assert all(float(f"{one:.2g}") == one for one in found)


OWN = {"own": True}


@pytest.mark.usefixtures("planted")
@pytest.mark.parametrize(
    ("changes", "how", "n_train", "said"),
    [
        ({"gan__network": "article"}, {}, 500, r"auto: tuned for gan\.network=mlp and dcgan, not article"),
        ({"gan__network": "resnet"}, {}, 500, r"auto: tuned for gan\.network=mlp and dcgan, not resnet"),
        ({"gan__loss": "minimax"}, {}, 500, r"auto: tuned for gan\.loss=non_saturating, not minimax"),
        ({"gan__ema_rampup": None}, {}, 500, r"auto: tuned for gan\.ema_rampup=0\.05, not null"),
        ({"budget__images": 500}, {}, 500, r"auto: tuned for budget\.images=1000 and 200, not 500"),
        ({"budget__batch_size": 32}, {}, 500, r"auto: tuned for budget\.batch_size=64, not 32"),
        ({"data__name": "photos"}, {}, 500, r"auto: tuned for data=mnist, mnist_5k and clothes, not photos"),
        ({"data__name": "clothes", "gan__network": "dcgan"}, {}, 500, r"auto: tuned for gan\.network=mlp, not dcgan"),
        ({"data__name": "clothes"}, {}, 100, r"auto: tuned for data\.n_train=500, not 100"),
        ({}, {}, 99, r"auto: tuned for data\.n_train from 100 to 50000, not 99"),
        ({"gan__network": "dcgan"}, {}, 100, r"auto: tuned for data\.n_train=500, not 100"),
        (
            {"augmentation__name": "replace"},
            OWN,
            100,
            r"own: tuned for augmentation\.name=none and append, not replace",
        ),
        (
            APPEND | {"images": 200, "augmentation.ratio": 2.0},
            OWN,
            100,
            r"own: tuned for augmentation\.ratio=1\.0, not 2\.0",
        ),
        (APPEND, OWN, 100, r"own: tuned for budget\.images=200, not 1000"),
    ],
)
def test_elsewhere_it_is_refused_in_one_line(changes, how, n_train, said):
    with pytest.raises(ValueError, match=rf"^gan\.r1_gamma={said}; give a number$"):
        tuned_r1_gamma(asked(**{"images": 1000} | changes), n_train, **how)


def parsed(*given):
    return parse_options(OmegaConf.to_container(compose([*given, "variant=it"]), resolve=True))


def test_a_precision_is_taken_over_where_it_was_compared():
    """experiment=bf16 itself is such a run; nothing is said of other sizes, budgets and networks."""
    given = ["data=mnist_5k", "budget=short", "gan.r1_gamma=auto", "arm=none", "trainer.precision=bf16-mixed"]
    assert parsed(*given, "data.n_train=500").gan.r1_gamma == 10.0
    for more, said in (
        (["data.n_train=100"], "data.n_train=500, not 100"),
        (["data.n_train=500", "budget.images=512000"], "budget.images=256000, not 512000"),
        (["data.n_train=500", "gan=dcgan"], "gan.network=mlp, not dcgan"),
    ):
        with pytest.raises(ValueError, match=f"bf16-mixed was compared with 32-true for {said}; give a number"):
            parsed(*given, *more)


def test_an_arm_that_may_be_skipped_has_no_weight_of_its_own():
    given = ["data=mnist_5k", "data.n_train=100", "budget=short", "arm=append_gaussian"]
    assert parsed(*given, "gan.r1_gamma=own").gan.r1_gamma == 10.0
    assert parsed(*given, "gan.r1_gamma=auto", "gate=labels").gan.r1_gamma == 30.0
    with pytest.raises(ValueError, match=r"^gan\.r1_gamma=own: tuned for gate\.name=none, not labels; give a number$"):
        parsed(*given, "gan.r1_gamma=own", "gate=labels")


def test_where_none_suits_best_it_is_of_one_size_alone():
    """Between two sizes weights are a line in logarithms, and 0 has none."""
    without = [one for one in tuned.TUNED if 0.0 in one.gamma.values()]
    assert all(len(one.gamma) == 1 for one in without)
    one = without[0]
    given = one.settings | {"data.name": one.data[0]}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert tuned_r1_gamma(given, 500, own=True) == 0
    with pytest.raises(ValueError, match=r"tuned for data\.n_train=500, not 600; give a number$"):
        tuned_r1_gamma(given, 600, own=True)


def test_every_option_of_a_gan_is_asked_about_or_said_to_be_no_matter():
    """A new one, with another value than it had when weights were tuned, would be given a weight of something else."""
    asked = {key.split(".")[1] for one in tuned.TUNED for key in one.settings if key.startswith("gan.")}
    no_matter = {"name", "r1_gamma"}
    added = {"penalty", "view", "pseudo"}  # those that are chosen are told apart
    schedules = set(SCHEDULES)  # one of R1 is refused, and the others are told apart as what they are of
    on_real_images = {"r1_on"}  # what a baseline shows is all real
    assert set(GANOptions.model_fields) == asked | no_matter | added | schedules | on_real_images


# --- the table itself

CURVES = REPOSITORY / "docs" / "tuning"
FILES = {("mlp", "none"): "r1_mlp.csv", ("mlp", "append"): "r1_append.csv", ("dcgan", "none"): "r1_dcgan.csv"}
FILES |= {("mlp", "diffaugment"): "r1_diffaugment.csv", ("mlp", "apa"): "r1_apa.csv"}
FILES |= {("mlp", "none of fashion_mnist"): "r1_fashion.csv"}
FILES |= {("mlp", "diffaugment of fashion_mnist"): "r1_fashion_diffaugment.csv"}
FILES |= {("mlp", "none of stacked_mnist"): "r1_stacked.csv"}
FILES |= {("mlp", "append of fashion_mnist"): "r1_fashion_append.csv"}
SUBSETS = {"mlp": 3, "dcgan": 2}


def name(one):
    """The network, and of what the tables are: what the discriminator has besides, or the injection; of other images
    than MNIST's, these."""
    besides = {key.split(".")[2] for key in one.added}
    arm = "+".join(sorted(besides)) or str(one.settings["augmentation.name"])
    return one.settings["gan.network"], arm + f" of {one.data[0]}" * (one.data != tuned.DATA)


@pytest.mark.parametrize("one", tuned.TUNED, ids=lambda one: f"{' '.join(name(one))} {one.images}")
def test_every_weight_is_the_best_of_the_curves_that_are_kept(one):
    """docs/tuning.md prints them: the smallest geometric mean over subsets, with worse values on both sides."""
    found = pd.read_csv(CURVES / FILES[name(one)])[list(COLUMNS)].astype(COLUMNS)
    found = found[found["n_train"].isin(one.gamma)]
    assert found["seed"].between(9_000, 9_999).all()
    tables = {table.n_train: table for table in tunings(found, "gan.r1_gamma", [one.images])[0]}
    assert {size: table.chosen for size, table in tables.items()} == one.gamma
    assert all(table.inside for table in tables.values())
    assert all(len(each) == SUBSETS[name(one)[0]] for table in tables.values() for each in table.end.values())


@pytest.mark.parametrize("file", sorted(FILES.values()))
def test_the_tables_that_are_printed_are_those_of_the_curves(file):
    """At every budget of docs/tuning.md; a value that not every subset came to has no row."""
    found = pd.read_csv(CURVES / file)[list(COLUMNS)].astype(COLUMNS)
    budgets = sorted({one.images for one in tuned.TUNED if FILES[name(one)] == file})
    printed = (REPOSITORY / "docs" / "tuning.md").read_text()
    for table in tunings(found, "gan.r1_gamma", budgets)[0]:
        assert f"\n{table.markdown()}\n" in printed


def test_the_two_arms_are_compared_by_their_curves_of_one_kind_of_device():
    """The table under "An arm that appends": 100 images' baseline is that of the CPUs."""

    def at(file, n_train, value, images):
        found = pd.read_csv(CURVES / file)[list(COLUMNS)].astype(COLUMNS)
        found = found[(found["n_train"] == n_train) & (found["value"] == value)]
        (table,) = tunings(found, "gan.r1_gamma", [images])[0]
        return f"{geometric_mean(table.end[value]):,.0f}"

    printed = (REPOSITORY / "docs" / "tuning.md").read_text()
    for one in (one for one in tuned.TUNED if name(one) == ("mlp", "append")):
        (baseline,) = (other for other in tuned.TUNED if name(other) == ("mlp", "none") and other.images == one.images)
        for size, own in one.gamma.items():
            gamma, file = baseline.gamma[size], "r1_mlp_100_cpu.csv" if size == 100 else "r1_mlp.csv"
            cells = [f"{at(file, size, gamma, one.images)} ({gamma:g})", at("r1_append.csv", size, gamma, one.images)]
            cells.append(f"{at('r1_append.csv', size, own, one.images)} ({own:g})")
            assert f"| {size:,} | {one.images:,} | {' | '.join(cells)} |" in printed


def test_the_readme_says_what_tuning_came_to():
    """What it says of the weight of R1 beside the verdicts, of 500 images."""

    def fd(file, value, images=1_280_000):
        found = pd.read_csv(CURVES / file)[list(COLUMNS)].astype(COLUMNS)
        (table,) = tunings(found[(found["n_train"] == 500) & (found["value"] == value)], "gan.r1_gamma", [images])[0]
        return geometric_mean(table.end[value])

    none = fd("r1_mlp.csv", 10, 153_600)
    worse = f"{100 * (fd('r1_append.csv', 10, 153_600) / none - 1):.0f}% worse"
    better = f"{100 * (1 - fd('r1_append.csv', 3, 153_600) / none):.0f}% better"
    text = " ".join((REPOSITORY / "README.md").read_text().split())
    for said in (
        f"after 153,600 images shown, the same augmentation looks {worse} at the weight of R1",
        f"that suits the baseline, and {better} when both arms are tuned alike",
        f"has an FD of {fd('r1_mlp.csv', 1):,.0f} with weight 1",
        f"and of {fd('r1_mlp.csv', 30):,.0f} with the best one, 30",
        f"has {fd('r1_diffaugment.csv', 0.1):,.0f} with weight 0.1 and {fd('r1_diffaugment.csv', 30):,.0f} with 30",
        f"appending decoded images {fd('r1_append.csv', 10):,.0f} with its own best, 10",
    ):
        assert said in text


@pytest.mark.parametrize("word", ["auto", "own"])
def test_a_run_is_not_extended_to_a_budget_that_has_another_weight(word):
    epoch = ["arm=none", "data.n_train=500", "budget.images_per_epoch=2560", "variant=v", f"gan.r1_gamma={word}"]

    def parsed(images, extend):
        return parse_options(
            OmegaConf.to_container(
                compose([*epoch, f"budget.images={images}", f"budget.extend={extend}"]), resolve=True
            )
        )

    assert parsed(153_600, 512_000).gan.r1_gamma == 10
    said = rf"gan\.r1_gamma={word}: it is 10 for budget\.images=256000 and 30 for budget\.extend=1280000"
    with pytest.raises(ValueError, match=rf"^{said}, and a run goes on with the weight .*; give the number$"):
        parsed(256_000, 1_280_000)
    with pytest.raises(ValueError, match=r"tuned for budget\.images=.*, not 307200; give a number$"):
        parsed(256_000, 307_200)


ARMS = {"append": "append_gaussian"}


@pytest.mark.parametrize("one", tuned.TUNED, ids=lambda one: f"{' '.join(name(one))} {one.images}")
def test_the_defaults_are_what_was_tuned(one):
    """An option file whose defaults change is another GAN, or another arm."""
    network, arm = name(one)
    arm = arm.partition(" of ")[0]
    arm = ARMS.get(arm, arm)
    for size, gamma in one.gamma.items():
        given = [f"gan={network}", f"arm={arm}", f"data.n_train={size}", f"budget.images={one.images}"]
        given.append(f"data={one.data[0]}")
        epoch = ["budget.images_per_epoch=2560", "variant=v", "gan.r1_gamma=own"]
        values = OmegaConf.to_container(compose([*given, *epoch]), resolve=True)
        assert parse_options(values).gan.r1_gamma == gamma
        baseline = parse_options(values | {"gan": values["gan"] | {"r1_gamma": "auto"}}).gan.r1_gamma
        assert (baseline == gamma) or arm != "none"


def test_the_images_that_tuning_shares_with_the_embedded_test_set_are_counted(mnist_root):
    """docs/tuning.md says how many; MNIST's own test images are in no subset."""
    small = MNISTDataModule("mnist_5k", n_train=100)
    small.setup()
    wanted = {image.numpy().tobytes() for image in small.splits.test_images}
    shared = {}
    for size in (100, 500, 25_000):
        for seed in (9000, 9001, 9002):
            data = MNISTDataModule("mnist", mnist_root, n_train=size, subset_seed=seed)
            data.setup()
            found = {image.numpy().tobytes() for image in data.train_images}
            shared.setdefault(size, []).append(len(wanted & found))
    counts = [shared[100], shared[500]]
    assert shared[25_000] == [len(wanted)] * 3 == [1000] * 3
    text = " ".join((REPOSITORY / "docs" / "tuning.md").read_text().split())
    (first, second), words = (
        counts,
        "the tuning subsets of 100 images have {}, {} and {}, those of 500 have {}, {} and {}",
    )
    assert words.format(*first, *second) in text
