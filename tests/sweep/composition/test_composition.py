"""From the command line to options: every file composes, and what is wrong is named."""

import re
import tracemalloc
from itertools import product
from pathlib import Path

import hydra
import hydra.errors
import pytest
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import OmegaConf

from aeaug.gan import GANModule
from aeaug.options import flat
from aeaug.run.folders import run_path
from aeaug.run.identity.settings import settings
from aeaug.run.options import parse_options, unused
from aeaug.sweep.composition.composition import compose_options
from aeaug.sweep.composition.lacking import Job
from aeaug.sweep.composition.naming import variant_name
from aeaug.sweep.composition.overrides import CONF
from aeaug.sweep.composition.used import require_used
from aeaug.sweep.plan.plan import _alternatives, _composed, plan_of, unknown_arms
from aeaug.sweep.status.staleness import changed_options
from tests.conftest import CLAIM, TINY, compose, options

GROUPS = [
    "data",
    "autoencoder",
    "perturbation",
    "augmentation",
    "source",
    "filter",
    "schedule",
    "gate",
    "gan",
    "trainer",
]
CHOICES = [(group, path.stem) for group in GROUPS for path in sorted(Path(CONF, group).glob("*.yaml"))]
CHOICES.remove(("augmentation", "auto"))  # which stands for another (tests/run/test_recommended.py)
CHOICES.remove(("data", "folder"))  # which needs one (tests/data/folder/test_options.py)
CHOICES.remove(("data", "hf"))  # the same (tests/data/hf/test_options.py)
ARMS = [path.stem for path in sorted(Path(CONF, "arm").glob("*.yaml"))]
ENOUGH = "budget.images=256000"  # for rates to change within them
EXPERIMENTS = [path.stem for path in sorted(Path(CONF, "experiment").glob("*.yaml"))]


@pytest.mark.parametrize(("group", "choice"), CHOICES, ids="=".join)
def test_every_option_file_composes_and_is_named_after_what_it_selects(group, choice, tmp_path):
    overrides = [f"{group}={choice}"]
    if group == "gan":
        overrides += ["gan.generator_width=8"]
    if group == "schedule":
        overrides += [ENOUGH]
    if choice == "error":
        overrides += ["autoencoder.stopping=hold_out", "autoencoder.check_every=2"]
    if choice == "posterior":
        overrides += ["autoencoder=vae"]
    if choice.startswith("stacked"):
        overrides += ["data.n_train=1000"]
    chosen = options(tmp_path, *overrides)
    assert getattr(chosen, group).name == choice
    assert changed_options(chosen.model_dump()) == []


@pytest.mark.parametrize("arm", ARMS)
def test_an_arm_is_its_injection_and_its_perturbation(arm, tmp_path):
    chosen = options(tmp_path, f"arm={arm}", ENOUGH)
    assert chosen.variant == f"{arm},{ENOUGH}"
    assert changed_options(chosen.model_dump()) == []
    parts = [chosen.augmentation.name, *([] if chosen.augmentation.name == "none" else [chosen.perturbation.name])]
    added = {**chosen.gan.view.chosen(), **chosen.gan.penalty.chosen(), **chosen.gan.pseudo.chosen()}
    if chosen.source.name != "decoded":
        parts = [chosen.augmentation.name, chosen.source.name]
    parts += [chosen.schedule.name] if chosen.schedule.name != "constant" else []
    if chosen.filter.name != "none":
        parts = [chosen.augmentation.name, chosen.filter.name]
    assert arm == "_".join(parts) or (parts == ["none"] and (arm in added or arm in RIVALS))


RIVALS = {"r3gan", "wgan_gp", "spectral_norm", "dropout"}  # after their papers, or the one option that they set


def test_r3gan_has_one_weight_for_both_of_its_penalties(tmp_path):
    gan = options(tmp_path, "arm=r3gan", "gan.r1_gamma=7").gan
    assert (gan.loss, gan.r1_gamma, gan.penalty.r2.gamma) == ("relativistic", 7, 7)


FURTHER = {f"{way}_posterior": {"autoencoder"} for way in ("append", "replace")}  # which alone has a posterior
FURTHER |= {f"append_gaussian_{schedule}": {"schedule"} for schedule in ("linear", "r_t", "r_v")}


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_an_experiment_is_named_after_its_file(experiment):
    assert compose([f"experiment={experiment}"]).name == experiment


def test_a_seed_has_its_own_subset_and_crossed_ones_their_own_folders(tmp_path):
    own, crossed = options(tmp_path, "seed=3"), options(tmp_path, "seed=3", "data.subset_seed=5")
    assert (own.data.subset_seed, crossed.data.subset_seed) == (3, 5)
    assert own.variant == crossed.variant == "default"  # which images is no arm
    assert [run_path(run).name for run in (own, crossed)] == ["seed=3", "seed=3,subset=5"]
    assert options(tmp_path, "seed=3", "data.subset_seed=3").model_dump() == own.model_dump()


def test_arms_differ_from_the_baseline_in_augmentation_and_perturbation_or_in_what_the_discriminator_does_only(
    tmp_path,
):
    baseline = options(tmp_path, "arm=none", ENOUGH).model_dump()
    for arm in ARMS:
        other = options(tmp_path, f"arm={arm}", ENOUGH).model_dump()
        different = {key for key in baseline if baseline[key] != other[key]}
        of_gan = {key for key in baseline["gan"] if baseline["gan"][key] != other["gan"][key]}
        if of_gan:
            assert different == {"gan", "variant"}
            assert of_gan <= {"loss", "penalty", "view", "pseudo", "r1_gamma", "spectral_norm", "dropout"}
        told = {"augmentation", "source", "filter", "perturbation", "gan", "variant"}
        assert different <= told | FURTHER.get(arm, set())


@pytest.mark.parametrize(
    ("overrides", "name"),
    [
        ([], "default"),
        (["seed=3", "trainer=gpu", "experiment=demo"], "default"),
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
        ("autoencoder.network=vqvae", "autoencoder.network=vqvae"),
        ("perturbation.gamma=-1", "perturbation.gamma=-1"),
        ("perturbation.name=nothing", "perturbation"),
        ("augmentation.ratio=0", "augmentation.ratio=0"),
        ("gan.beta1=1", "gan.beta1=1"),
        ("gan.lr_generator=fast", "gan.lr_generator=fast"),
        ("gan.loss=mine", "gan.loss=mine"),
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
    defaults = GANModule().hparams
    chosen = parse_options(OmegaConf.to_container(compose(["variant=x", "arm=none"]), resolve=True)).gan
    for key, value in chosen.model_dump(exclude={"name"}).items():
        assert defaults[key] == value, key


@pytest.mark.long
def test_a_sweep_over_a_pattern_is_planned_too(tmp_path):
    with hydra.initialize_config_dir(CONF, version_base="1.3"):
        config = hydra.compose("train", ["data=mnist_5k", f"outputs={tmp_path}"], return_hydra_config=True)
        config.hydra.overrides.task = ["arm=glob(append_*)", "data=mnist_5k", f"outputs={tmp_path}"]
        jobs = plan_of(config).jobs
    appending = {arm for arm in ARMS if arm.startswith("append_")}
    assert {options.variant.partition(",")[0] for options in jobs.values()} == appending
    assert all(run_path(options) == folder for folder, options in jobs.items())


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
    there = "no arm of this sweep or of earlier runs, append_gaussian, none"
    assert unknown_arms(jobs) == f"claims.1.treatment=append_gausian: {there}"
    more = [
        parse_options(
            job.model_dump() | {"claims": [*job.model_dump()["claims"], CLAIM | {"control": "append_gausian"}]}
        )
        for job in jobs
    ]
    assert unknown_arms(more) == f"claims.1.treatment=append_gausian (and in 1 more): {there}"
    # A sweep that is about some claims hears nothing of those that have neither arm in it; a sweep about none does.
    beside = CLAIM | {"treatment": "append_nois", "control": "append_fresh"}
    both, neither = (
        [parse_options(job.model_dump() | {"claims": some}) for job in jobs] for some in ([CLAIM, beside], [beside])
    )
    assert unknown_arms(both) is None
    assert unknown_arms(neither).startswith("claims.0.treatment=append_nois, claims.0.control=append_fresh: no arm of")
    # A run of an earlier sweep is an arm too.
    (run_path(jobs[0]).parents[1] / "append_gausian,data.n_train=100").mkdir(parents=True)
    assert not unknown_arms(jobs)


def test_a_long_name_is_cut_by_bytes_between_characters(tmp_path):
    for letter in ("a", "é", "数", "𝔸"):
        for padding in range(4):
            name = variant_name(["gan.x=" + "b" * padding + letter * 100, "data.n_train=10", "gan.y=" + letter * 40])
            assert len(name.encode()) <= 200
            parse_options(options(tmp_path).model_dump() | {"variant": name})


@pytest.mark.parametrize("variant", ["seed=3", "seed=٣", "é" * 101, "a\n"])
def test_a_variant_that_would_be_taken_for_a_run_or_no_folder_is_refused(variant, tmp_path):
    with pytest.raises(ValueError, match=r"^variant="):
        parse_options(options(tmp_path).model_dump() | {"variant": variant})


@pytest.mark.parametrize("seed", [-1, 2**32, 10**30])
def test_a_seed_that_others_are_taken_from_is_one_wrong_value(seed, tmp_path):
    with pytest.raises(ValueError, match=rf"^seed={seed}: input should be .*$") as caught:
        options(tmp_path, f"seed={seed}")
    assert "\n" not in str(caught.value)
    with pytest.raises(ValueError, match=r"(?s)^seed=-1: .*\nautoencoder\.seed=-2: "):
        options(tmp_path, "seed=-1", "autoencoder.seed=-2")


def test_without_a_folder_there_is_no_data(tmp_path, monkeypatch):
    monkeypatch.setenv("AEAUG_DATA", "")
    with pytest.raises(ValueError, match=r"^data\.root=: a path must not be empty$"):
        options(tmp_path)
    assert options(tmp_path, "data.root=here").data.root == "here"


@pytest.mark.parametrize(
    ("override", "line"),
    [
        ("name=${nothing}", r"name: Interpolation key 'nothing' not found"),
        ("data.root=${oc.env:AEAUG_NOWHERE}", r"data\.root: .*'AEAUG_NOWHERE' not found\""),
        ("gan.beta1=???", r"gan\.beta1: .*"),
    ],
)
def test_what_cannot_be_resolved_is_one_line_with_its_key(override, line, tmp_path):
    with pytest.raises(ValueError, match=rf"^{line}$"):
        options(tmp_path, override)


@pytest.mark.parametrize("key", ["seed", "data.n_train", "gan.beta1", "evaluation.every"])
def test_text_from_the_environment_that_is_to_be_a_number_is_refused_with_how_it_becomes_one(
    key, tmp_path, monkeypatch
):
    """What is typed as the line says is taken."""
    monkeypatch.setenv("AEAUG_NUMBER", "0.5" if key == "gan.beta1" else "20")
    given = "${oc.env:AEAUG_NUMBER}"
    with pytest.raises(ValueError, match=rf"^{key}=\S+: input should be a number; [^\n]*$") as caught:
        options(tmp_path, f"{key}={given}")
    said = str(caught.value).partition("; ")[2]
    assert said == f'{given} gives text, {key}="${{oc.decode:{given}}}" a number'
    (advised,) = re.findall(rf'{key}="\S+"', said)
    assert flat(options(tmp_path, advised).model_dump())[key] == (0.5 if key == "gan.beta1" else 20)


@pytest.mark.parametrize("text", ["many", "", "nan"])
def test_text_that_is_no_number_is_not_to_be_decoded(text, tmp_path, monkeypatch):
    monkeypatch.setenv("AEAUG_NUMBER", text)
    with pytest.raises(ValueError, match=rf"^gan\.beta1={text}: input should be a number$"):
        options(tmp_path, "gan.beta1=${oc.env:AEAUG_NUMBER}")
    with pytest.raises(ValueError, match=r"^gan\.beta1=0\.5: input should be a number$"):
        options(tmp_path, "gan.beta1='0.5'")


# A choice, an option that it has no use for, and the choices of a job that has.
IGNORED = [
    ("arm=none", "autoencoder.lr=0.1", ["arm=none", "evaluation.autoencoder=true", "autoencoder.steps=8"]),
    ("arm=none", "autoencoder=conv", ["arm=append_gaussian", "data.n_train=500"]),
    ("arm=none", "++autoencoder.steps=3", ["arm=none", "evaluation.autoencoder=true"]),
    ("arm=append_gaussian", "autoencoder.patience=3", ["autoencoder.stopping=validation", "autoencoder.steps=50"]),
    ("autoencoder.steps=50", "autoencoder.hold_out=0.2", ["autoencoder.stopping=hold_out", "autoencoder.steps=50"]),
    ("augmentation=none", "perturbation=interpolate", ["augmentation=replace"]),
    ("arm=none", "perturbation.gamma=0.1", ["arm=append_gaussian"]),
    ("arm=append_gaussian", "evaluation.autoencoder=false", ["arm=none"]),
    ("gan.r1_gamma=0", "gan.r1_every=4", ["gan.r1_gamma=1"]),
    ("gan=article", "gan.r1_every=4", ["gan=mlp"]),
    ("gan.ema_halflife_images=0", "gan.ema_rampup=0.5", ["gan.ema_halflife_images=1000"]),
    ("data=mnist_5k", "data.root=elsewhere", ["data=mnist"]),
]


@pytest.mark.parametrize(("choice", "ignored", "using"), IGNORED)
def test_an_option_that_a_choice_ignores_is_refused_unless_another_job_uses_it(choice, ignored, using, tmp_path):
    def job(*overrides):
        numbers = [text for text in TINY if not text.startswith(("data", "autoencoder"))]
        return Job(compose_options(compose([*numbers, *overrides, f"outputs={tmp_path}"]), overrides), overrides)

    line = rf"^{re.escape(ignored.lstrip('+'))}: \S+"
    with pytest.raises(ValueError, match=line) as caught:
        require_used([job(choice, ignored)])
    assert "\n" not in str(caught.value)
    require_used([job(choice)])
    require_used([job(*using, ignored)])
    require_used([job(choice, ignored), job(*using, ignored)])
    # A job that could use it, and does not set it, is no reason.
    with pytest.raises(ValueError, match=line):
        require_used([job(choice, ignored), job(*using)])


def test_every_option_that_is_ignored_has_its_line(tmp_path):
    overrides = ["arm=none", "autoencoder.lr=0.1", "perturbation.gamma=0.1", "gan.r1_gamma=0", "gan.r1_every=4"]
    with pytest.raises(ValueError, match="has no use for it") as caught:
        require_used([Job(options(tmp_path, *overrides), overrides)])
    assert [line.partition(":")[0] for line in str(caught.value).splitlines()] == [
        "autoencoder.lr=0.1",
        "perturbation.gamma=0.1",
        "gan.r1_every=4",
    ]


@pytest.mark.parametrize("beside", ["augmentation=replace", "perturbation=reconstruct"])
def test_an_arm_beside_what_it_stands_for_is_refused(beside, tmp_path):
    overrides = ["arm=append_gaussian", beside]
    with pytest.raises(ValueError, match=rf"^{beside}: arm=append_gaussian says that"):
        require_used([Job(options(tmp_path, *overrides), overrides)])
    require_used([Job(options(tmp_path, beside), [beside])])
    free = ["arm=append_gaussian", "perturbation.gamma=0.1", "augmentation.ratio=0.5"]
    require_used([Job(options(tmp_path, *free), free)])


def test_what_is_said_to_be_ignored_exists(tmp_path):
    """And what is said to be idle changes no setting of a run's science."""
    chosen = options(tmp_path, "arm=none", "gan.r1_gamma=0", "gan.ema_halflife_images=0")
    keys = set(flat(chosen.model_dump()))
    for key in unused(chosen):
        assert key in keys or any(other.startswith(f"{key}.") for other in keys)
    other = options(tmp_path, "arm=none", "perturbation=interpolate", "autoencoder.lr=0.5")
    assert settings(chosen.model_dump(mode="json")).keys() == settings(other.model_dump(mode="json")).keys()


def swept(tmp_path, *overrides):
    with hydra.initialize_config_dir(CONF, version_base="1.3"):
        given = ["data=mnist_5k", f"outputs={tmp_path}"]
        config = hydra.compose("train", given, return_hydra_config=True)
        config.hydra.overrides.task = [*given, *overrides]
        return plan_of(config).jobs


@pytest.mark.parametrize("empty", ["seed=range(0,0)", "seed=range(5,1)", "seed=range(0.5,0.1)", "arm=glob(nothing_*)"])
def test_a_sweep_without_a_job_is_refused_with_what_empties_it(empty, tmp_path):
    with pytest.raises(ValueError, match=rf"^{re.escape(empty)}: ") as caught:
        swept(tmp_path, "gan.beta1=0,0.5", empty)
    assert "\n" not in str(caught.value)
    assert (
        len(swept(tmp_path, "arm=none", empty, empty.partition("=")[0] + "=" + {"s": "1", "a": "none"}[empty[0]])) == 1
    )


@pytest.mark.parametrize(
    "many",
    [
        ["seed=range(0,1000000000)"],
        ["seed=shuffle(range(0,1000000000))"],
        ["gan.beta1=range(0,0.5,1e-9)"],
        ["seed=range(0,inf)"],
        ["seed=range(0,101)", "data.n_train=range(10,110)"],
    ],
)
def test_a_sweep_of_too_many_jobs_is_refused_before_they_are_listed(many, tmp_path):
    tracemalloc.start()
    with pytest.raises(ValueError, match=r": more than 10,000 jobs") as caught:
        swept(tmp_path, *many)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert str(caught.value).startswith(", ".join(many))
    assert peak < 50e6


@pytest.mark.parametrize("odd", ["seed=range(0,10,0)", "gan.beta1=range(0,1,0.0)", "seed=range(0,nan)"])
def test_a_range_that_goes_nowhere_is_refused_in_one_line(odd, tmp_path):
    with pytest.raises(ValueError, match=rf"^{re.escape(odd)}: no values to sweep over ") as caught:
        swept(tmp_path, odd)
    assert "\n" not in str(caught.value)


def test_a_sweep_is_asked_for_what_its_jobs_use(tmp_path):
    assert len(swept(tmp_path, "arm=none,append_gaussian", "autoencoder.lr=0.1", "autoencoder.steps=4")) == 2
    with pytest.raises(ValueError, match=r"^autoencoder\.lr=0\.1: augmentation=none has no use for it$"):
        swept(tmp_path, "arm=none", "seed=0,1", "autoencoder.lr=0.1")
    with pytest.raises(ValueError, match=r"^perturbation=interpolate: arm=append_gaussian says that"):
        swept(tmp_path, "arm=append_gaussian", "seed=0,1", "perturbation=interpolate")


@pytest.mark.parametrize("size", ["null", "3500"])
def test_a_seed_of_a_subset_that_is_all_images_is_refused_in_one_line(size, tmp_path):
    said = rf"^data\.subset_seed=3: data\.n_train={size} is all images, the same for every seed$"
    with pytest.raises(ValueError, match=said):
        swept(tmp_path, "arm=none", f"data.n_train={size}", "seed=0,1", "data.subset_seed=3")
    held_out = ("schedule=r_v", "schedule.images=400")  # which the seed draws
    arm = ("arm=append_gaussian", f"data.n_train={size}", "autoencoder.steps=4", *held_out)
    assert len(swept(tmp_path, *arm, "data.subset_seed=3,4")) == 2


def test_all_images_are_one_subset_whatever_seed_other_sizes_have(tmp_path):
    jobs = swept(tmp_path, "arm=none", "data.n_train=100,null", "seed=0", "data.subset_seed=0,3")
    there = {(one.data.n_train, one.seed, one.data.subset_seed) for one in jobs.values()}
    assert len(jobs) == 3
    assert there == {(100, 0, 0), (100, 0, 3), (None, 0, 0)}


@pytest.mark.cases(2)
@pytest.mark.parametrize(
    "given",
    [
        ["experiment=demo", "arm=none,append_gaussian", "seed=0,1", "variant=null,'a b'"],
        ["perturbation=gaussian,uniform", "perturbation.gamma=0.1,1", "gan.r1_gamma=2", "data.n_train=null,100"],
        ["gan/penalty=[],[lecam]", "gan.dropout=0,0.3", "gan=mlp,dcgan"],
        ["seed=1,2", "data.subset_seed=0,${seed}", "seed=3,4"],
    ],
)
def test_a_plan_has_the_jobs_that_hydra_composes_one_by_one(given):
    with hydra.initialize_config_dir(CONF, version_base="1.3"):
        config = hydra.compose("train", return_hydra_config=True)
        overrides = OverridesParser.create().parse_overrides(given)
        (jobs,) = BasicSweeper.split_arguments(overrides, max_batch_size=None)
        every = list(product(*_alternatives(overrides)))
        assert [list(job) for job in every] == jobs
        found = [(OmegaConf.to_container(one, resolve=True), list(job)) for one, job in _composed(config, every)]
        assert found == [(OmegaConf.to_container(hydra.compose("train", job), resolve=True), job) for job in jobs]


@pytest.mark.cases(8)
@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_every_experiment_uses_what_it_sets(experiment):
    with hydra.initialize_config_dir(CONF, version_base="1.3"):
        assert plan_of(hydra.compose("train", [f"experiment={experiment}"], return_hydra_config=True)).jobs


def test_a_part_of_what_an_experiments_file_sweeps_over_may_be_typed(tmp_path):
    """Claims about all sizes of the file wait for the others; a size that it does not have is refused."""
    with hydra.initialize_config_dir(CONF, version_base="1.3"):
        config = hydra.compose("train", ["experiment=ledger"], return_hydra_config=True)

        def typed(size):
            config.hydra.overrides.task = [
                "experiment=ledger", f"outputs={tmp_path}", f"data.n_train={size}", "seed=0", "arm=none,append_gaussian"
            ]  # fmt: skip
            return plan_of(config).jobs

        assert {options.data.n_train for options in typed(500).values()} == {500}
        config.hydra.sweeper.params["data.n_train"] = "500,2000"
        with pytest.raises(ValueError, match=r"claims\.0\.sizes=100: not in this sweep"):
            typed(500)
