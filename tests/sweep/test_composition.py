"""From the command line to options: every file composes, and what is wrong is named."""

import inspect
from pathlib import Path

import hydra
import hydra.errors
import pytest
from omegaconf import OmegaConf

from aeaug.gan import GANModule
from aeaug.run.folder import run_path
from aeaug.run.options import parse_options
from aeaug.sweep.composition import CONF, variant_name
from aeaug.sweep.plan import sweep_jobs, unknown_arms
from tests.conftest import compose, options

GROUPS = ["data", "autoencoder", "perturbation", "augmentation", "gan", "trainer"]
CHOICES = [(group, path.stem) for group in GROUPS for path in sorted(Path(CONF, group).glob("*.yaml"))]
ARMS = [path.stem for path in sorted(Path(CONF, "arm").glob("*.yaml"))]
EXPERIMENTS = [path.stem for path in sorted(Path(CONF, "experiment").glob("*.yaml"))]


@pytest.mark.parametrize(("group", "choice"), CHOICES, ids="=".join)
def test_every_option_file_composes_and_is_named_after_what_it_selects(group, choice, tmp_path):
    overrides = [f"{group}={choice}"]
    if group == "gan":
        overrides += ["gan.generator_width=8"]
    assert getattr(options(tmp_path, *overrides), group).name == choice


@pytest.mark.parametrize("arm", ARMS)
def test_an_arm_is_its_injection_and_its_perturbation(arm, tmp_path):
    chosen = options(tmp_path, f"arm={arm}")
    injection, _, perturbation = arm.partition("_")
    assert chosen.augmentation.name == injection
    assert perturbation in ("", chosen.perturbation.name)
    assert chosen.variant == arm


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_an_experiment_is_named_after_its_file(experiment):
    assert compose([f"experiment={experiment}"]).name == experiment


def test_arms_differ_from_the_baseline_in_augmentation_and_perturbation_only(tmp_path):
    baseline = options(tmp_path, "arm=none").model_dump()
    for arm in ARMS:
        other = options(tmp_path, f"arm={arm}").model_dump()
        different = {key for key in baseline if baseline[key] != other[key]}
        assert different <= {"augmentation", "perturbation", "variant"}


@pytest.mark.parametrize(
    ("overrides", "name"),
    [
        ([], "default"),
        (["seed=3", "resume=true", "trainer=gpu", "experiment=demo"], "default"),
        (["arm=append_gaussian", "seed=1"], "append_gaussian"),
        (["data.n_train=100", "arm=none"], "none,data.n_train=100"),
        (["+gan/extra=x", "hydra/launcher=joblib"], "gan_extra=x"),
        (["question=Why so?", "name=a b", "perturbation.gamma=${seed}"], "perturbation.gamma=__seed_"),
    ],
)
def test_variants_are_named_after_what_differs(overrides, name):
    assert variant_name(overrides) == name


def test_long_names_are_cut_and_stay_distinct():
    names = {variant_name([f"gan.some_key_{i}=0.123456789" for i in range(20)] + [f"last={j}"]) for j in range(5)}
    assert len(names) == 5
    assert all(len(name) == 200 for name in names)


@pytest.mark.parametrize(
    ("override", "key_and_value"),
    [
        ("seed=-1", "seed=-1"),
        ("data.n_train=9", "data.n_train=9"),
        ("data.name=fashion", "data.name=fashion"),
        ("budget.batch_size=0", "budget.batch_size=0"),
        ("budget.batch_size=500", "budget.batch_size=500"),
        ("budget.images=401", "budget.images=401"),
        ("autoencoder.lr=0", "autoencoder.lr=0"),
        ("autoencoder.network=vae", "autoencoder.network=vae"),
        ("perturbation.gamma=-1", "perturbation.gamma=-1"),
        ("perturbation.name=nothing", "perturbation"),
        ("augmentation.ratio=0", "augmentation.ratio=0"),
        ("gan.beta1=1", "gan.beta1=1"),
        ("gan.lr_generator=fast", "gan.lr_generator=fast"),
        ("gan.loss=hinge", "gan.loss=hinge"),
        ("trainer.precision=16", "trainer.precision=16"),
        ("trainer.threads=0", "trainer.threads=0"),
        ("evaluation.every=0", "evaluation.every=0"),
        ("+gan.lrr=1", "gan.lrr=1"),
        ("variant=a/b", "variant=a/b"),
        ("name=..", "name=.."),
    ],
)
def test_what_is_out_of_range_is_named_with_its_value(override, key_and_value, tmp_path):
    with pytest.raises(ValueError, match="=") as caught:
        options(tmp_path, override)
    assert key_and_value in str(caught.value)
    assert "\n" not in str(caught.value)


def test_more_neighbours_than_images_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"perturbation\.neighbours=100: must be below data\.n_train=100"):
        options(tmp_path, "perturbation=interpolate", "perturbation.neighbours=100")


def test_every_wrong_value_has_its_line(tmp_path):
    with pytest.raises(ValueError, match=r"(?s)seed=-1.*\n.*gan\.beta1=2"):
        options(tmp_path, "seed=-1", "gan.beta1=2")


@pytest.mark.parametrize("override", ["gan.lrr=1", "gan=stylegan", "gann=mlp"])
def test_misspelt_keys_and_unknown_options_fail_in_hydra(override):
    with pytest.raises((hydra.errors.ConfigCompositionException, hydra.errors.HydraException)) as caught:
        compose([override])
    assert override.split("=")[0].split(".")[-1] in str(caught.value)


def test_a_number_can_be_a_name(tmp_path):
    assert options(tmp_path, "name=2026").name == "2026"


def test_the_modules_defaults_are_the_default_option_files(tmp_path):
    """Somebody who uses GANModule alone gets the GAN that the README measures."""
    defaults = {key: p.default for key, p in inspect.signature(GANModule).parameters.items()}
    chosen = parse_options(OmegaConf.to_container(compose(["variant=x", "arm=none"]), resolve=True)).gan
    for key, value in chosen.model_dump(exclude={"name"}).items():
        assert defaults[key] == value, key


def test_a_sweep_over_a_pattern_is_planned_too(tmp_path):
    with hydra.initialize_config_dir(CONF, version_base="1.3"):
        config = hydra.compose("train", ["data=mnist_5k", f"outputs={tmp_path}"], return_hydra_config=True)
        config.hydra.overrides.task = ["arm=glob(append_*)", "data=mnist_5k", f"outputs={tmp_path}"]
        jobs = sweep_jobs(config)
    appending = {arm for arm in ARMS if arm.startswith("append_")}
    assert {options.variant.partition(",")[0] for options in jobs.values()} == appending
    assert all(run_path(options) == folder for folder, options in jobs.items())


CLAIM = {
    "statement": "It helps.",
    "metric": "frechet_distance",
    "direction": "lower",
    "treatment": "append_gaussian",
    "control": "none",
    "smallest_effect": 0.1,
    "seeds": 6,
}


def test_what_is_wrong_with_a_claim_is_named_with_its_number(tmp_path):
    values = options(tmp_path).model_dump()
    with pytest.raises(ValueError, match=r"^claims\.1\.metric='fid': no metric"):
        parse_options(values | {"claims": [CLAIM, CLAIM | {"metric": "fid"}]})
    without = {key: value for key, value in CLAIM.items() if key != "seeds"}
    with pytest.raises(ValueError, match=r"^claims\.0\.seeds: it is missing$"):
        parse_options(values | {"claims": [without]})


def test_a_claims_arm_that_no_job_has_is_named(tmp_path):
    jobs = [
        parse_options(options(tmp_path, f"arm={arm}").model_dump() | {"variant": variant, "claims": [CLAIM, claim]})
        for arm, variant in (("none", "none,data.n_train=100"), ("append_gaussian", "append_gaussian,data.n_train=100"))
        for claim in [CLAIM | {"treatment": "append_gausian"}]
    ]
    (line,) = unknown_arms(jobs)
    assert line.startswith(
        "claims.1.treatment=append_gausian: no arm of this sweep or of earlier runs, append_gaussian,"
    )
    # A run of an earlier sweep is an arm too.
    (run_path(jobs[0]).parents[1] / "append_gausian,data.n_train=100").mkdir(parents=True)
    assert not unknown_arms(jobs)
