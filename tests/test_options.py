"""Every option has a type and a range, and what is wrong is said in one line that begins with its key and value."""

import copy
import re
from typing import Literal, get_args, get_origin

import pytest
from annotated_types import Ge, Gt, Le, Lt
from omegaconf import OmegaConf
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from aeaug.autoencoder.options import PlainOptions
from aeaug.data.options import BudgetOptions, DataOptions
from aeaug.data.sets.mnist import MNIST
from aeaug.gan import GANModule
from aeaug.gan.networks import NETWORKS
from aeaug.gan.options import MOST_WEIGHTS, GANOptions
from aeaug.options import FolderName, Options, PathName, require_folder_name, shown, validated
from aeaug.run.again.options import ReevaluationOptions
from aeaug.run.claims import Claim
from aeaug.run.options import EvaluationOptions, RunOptions, parse_options
from aeaug.training.options import TrainerOptions
from tests.conftest import TINY, compose

CLAIM = {
    "statement": "It helps.",
    "metric": "r_v",
    "direction": "lower",
    "treatment": "append_gaussian",
    "control": "none",
    "smallest_effect": 0.1,
    "seeds": 6,
}


def parts(annotation):
    """An annotation and everything in it."""
    yield annotation
    for inner in get_args(annotation):
        yield from parts(inner)


def models(model):
    """A model and those that its options are made of."""
    yield model
    for field in model.model_fields.values():
        for part in parts(field.annotation):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from models(part)


MODELS = list(dict.fromkeys([*models(RunOptions), *models(ReevaluationOptions)]))
FIELDS = [(model, key, field) for model in MODELS for key, field in model.model_fields.items()]
NAMES = [f"{model.__name__}.{key}" for model, key, _ in FIELDS]


def metadata(field):
    """What stands beside a field's type, at whatever depth."""
    for one in [*field.metadata, *parts(field.annotation)]:
        yield from one.metadata if isinstance(one, FieldInfo) else [one]


def kinds(field):
    found = set(parts(field.annotation)) & {int, float, str, bool}
    return found if Literal not in map(get_origin, parts(field.annotation)) else set()


def test_the_models_are_those_that_the_packages_have():
    known = {RunOptions, DataOptions, BudgetOptions, PlainOptions, GANOptions, TrainerOptions}
    assert known | {EvaluationOptions, Claim, ReevaluationOptions} <= set(MODELS)
    assert all(issubclass(model, Options) for model in MODELS)


@pytest.mark.parametrize(("model", "key", "field"), FIELDS, ids=NAMES)
def test_every_number_has_a_range_and_every_word_its_limits(model, key, field):
    assert model.model_config["extra"] == "forbid"
    assert model.model_config["frozen"]
    accepts = TypeAdapter(field.rebuild_annotation()).validate_python
    if kinds(field) & {int, float}:
        bounds = list(metadata(field))
        assert any(isinstance(bound, Ge | Gt) for bound in bounds), "no lower bound"
        assert any(isinstance(bound, Le | Lt) for bound in bounds), "no upper bound"
        for wrong in (float("inf"), -float("inf"), float("nan"), True, False, "1", 10**30, -(10**30), 10**400):
            with pytest.raises(ValidationError):
                accepts(wrong)
    if str in kinds(field):
        for wrong in ("", "\n", "x" * 100_000, 3 * "é" * 10_000):
            with pytest.raises(ValidationError):
                accepts(wrong)


BASES = {
    None: [],
    "replace": ["augmentation=replace", "perturbation=interpolate"],
}
OTHER = {"replace": {"augmentation", "perturbation"}}


def base(which=None):
    found = OmegaConf.to_container(compose([*TINY, "variant=x", *BASES[which]]), resolve=True)
    return found | {"claims": [dict(CLAIM)]}


def leaves(tree, path=()):
    for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
        if isinstance(value, dict | list):
            yield from leaves(value, (*path, key))
        else:
            yield (*path, key), value


def changed(tree, path, value):
    new = copy.deepcopy(tree)
    here = new
    for key in path[:-1]:
        here = here[key]
    here[path[-1]] = value
    return new


LEAVES = [
    (which, path, value)
    for which in BASES
    for path, value in leaves(base(which))
    if which is None or path[0] in OTHER[which]
]


@pytest.mark.parametrize(
    ("which", "path", "value"), LEAVES, ids=[f"{w or 'append'}-{'.'.join(map(str, p))}" for w, p, _ in LEAVES]
)
def test_a_wrong_value_is_one_line_that_begins_with_its_key(which, path, value):
    tree, key = base(which), ".".join(map(str, path))
    parse_options(tree)
    wrong = [[1, 2], {"a": 1}, float("inf"), float("nan"), "x\x1b[2J\ny\n", "long " * 2_000_000]
    if isinstance(value, int | float) and not isinstance(value, bool):
        wrong += [True, "7", str(value), -1e9, 1e30, 10**5000]
    for one in wrong:
        try:
            parse_options(changed(tree, path, one))
        except ValueError as error:
            (line,) = str(error).splitlines()
            assert line.startswith(f"{key}=") or (path[-1] == "name" and line.startswith(f"{path[0]}.name"))
            assert line.isprintable()
            assert len(line) < 1500
        else:  # words are free in what they say
            assert path[-1] in ("question", "statement", "name", "variant", "treatment", "control", "outputs", "root")
            assert isinstance(one, float) or path[-1] in ("statement", "treatment", "control", "question")


def test_an_integer_may_be_typed_as_a_power_of_ten():
    seed = parse_options(changed(base(), ("seed",), 1e5)).seed
    assert (seed, type(seed)) == (100_000, int)


@pytest.mark.parametrize(
    ("path", "low", "high"),
    [
        (("seed",), 0, 2**32 - 1),
        (("data", "subset_seed"), 0, 2**32 - 1),
        (("autoencoder", "seed"), 0, 2**32 - 1),
        (("trainer", "threads"), 1, 256),
        (("gan", "r1_every"), 1, 10_000),
        (("gan", "r1_gamma"), 0, 1e6),
        (("gan", "lr_generator"), 1e-8, 1),
        (("gan", "ema_halflife_images"), 0, 1e9),
        (("autoencoder", "lr"), 1e-8, 1),
        (("autoencoder", "latent_dim"), 1, 784),
        (("autoencoder", "steps"), 1, 20_000),
        (("perturbation", "gamma"), 0.001, 10),
        (("evaluation", "classifier_steps"), 1, 100_000),
        (("evaluation", "floor_draws"), 2, 1_000),
        (("claims", 0, "seeds"), 1, 10_000),
    ],
)
def test_a_range_has_its_ends_and_nothing_beyond(path, low, high):
    tree = changed(base(), ("budget", "images"), 1_000_000)  # of steps enough for the laziest penalty
    for inside in (low, high):
        parse_options(changed(tree, path, inside))
    below, above = (low - 1, high + 1) if isinstance(low, int) else (low * 0.999, high * 1.001)
    for outside in (below, above):
        with pytest.raises(ValueError, match=rf"^{re.escape('.'.join(map(str, path)))}={re.escape(str(outside))}: "):
            parse_options(changed(tree, path, outside))


def test_several_wrong_keys_have_a_line_each():
    tree = changed(changed(changed(base(), ("seed",), -1), ("gan", "beta1"), 2), ("gan", "lr_generatr"), None)
    with pytest.raises(ValueError, match="=") as caught:
        parse_options(tree)
    assert str(caught.value).splitlines() == [
        "seed=-1: input should be greater than or equal to 0",
        "gan.beta1=2: input should be less than 1",
        "gan.lr_generatr=null: no such option; is it lr_generator?",
    ]


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        (
            {"augmentation": {"name": "apend"}},
            [
                "augmentation.name=apend: must be one of none, append, replace, two_sided, consistency, "
                "append_consistency, replace_consistency, two_sided_consistency"
            ],
        ),
        ({"augmentation": {}}, ["augmentation.name: it is missing"]),
        ({"augmentation": {"name": "none", "ratio": 1}}, ["augmentation.ratio=1: no such option"]),
        ({"gan": 5}, ["gan=5: input should be a group of options"]),
        ({"claims": 5}, ["claims=5: input should be a list"]),
        ({"claims": [5]}, ["claims.0=5: input should be a group of options"]),
        ({"claims": [CLAIM, CLAIM | {"sedes": 3}]}, ["claims.1.sedes=3: no such option; is it seeds?"]),
        ({"gann": "mlp"}, ["gann=mlp: no such option; is it gan?"]),
        ({"outputs": ""}, ["outputs=: a path must not be empty"]),
    ],
)
def test_what_fits_no_model_is_said_in_words_of_a_config(changes, lines):
    with pytest.raises(ValueError, match=r": ") as caught:
        parse_options(base() | changes)
    assert str(caught.value).splitlines() == lines


GOOD_NAMES = ["a", "2026", "none,data.n_train=100", "_x", "é" * 100, "数" * 66, "seed", "seed=", "seed=3a", "a,seed=3"]
BAD_NAMES = ["", ".", "..", "../up", "a/b", "a\n", "a b", "-a", "=a", "a\0", "seed=3", "seed=007", "seed=٣", "\udcff"]
BAD_NAMES += ["é" * 101, "数" * 67, "a" * 201, "~", "$HOME", "a\\b"]


@pytest.mark.parametrize("name", GOOD_NAMES, ids=ascii)
def test_a_name_can_be_a_folder(name, tmp_path):
    require_folder_name("name", name)
    assert TypeAdapter(FolderName).validate_python(name) == name
    (tmp_path / name).mkdir()
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", BAD_NAMES, ids=ascii)
def test_what_is_no_name_is_refused_wherever_one_is_asked_for(name):
    with pytest.raises(ValueError, match=r"^experiment=.*: ") as caught:
        require_folder_name("experiment", name)
    assert str(caught.value).isprintable()
    for key in ("name", "variant"):
        with pytest.raises(ValueError, match=rf"^{key}=.*: ") as caught:
            parse_options(base() | {key: name})
        assert str(caught.value).isprintable()


@pytest.mark.parametrize("path", ["a", "/a/b c", "数/数", "a" * 255, "a\u3000b", "./x=1,y"])
def test_a_path_may_be_called_anything(path):
    assert TypeAdapter(PathName).validate_python(path) == path


@pytest.mark.parametrize(
    "path",
    ["", " ", "\t", "a\nb", "a\0", "\udcff", "a" * 256, "é" * 128, "abc/" * 1024],
    ids=lambda path: ascii(path[:9]),
)
def test_what_no_file_system_takes_is_no_path(path):
    for model, key in ((RunOptions, "outputs"), (RunOptions, "data")):
        with pytest.raises(ValueError, match=r"^(outputs|data\.root)=.*: a path ") as caught:
            validated(model, base() | {key: path if key == "outputs" else base()["data"] | {"root": path}})
        assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (1, "1"),
        ("a\n\x1b[31m", r"a\n\x1b[31m"),
        ([1], "[1]"),
    ],
)
def test_values_are_shown_as_they_are_typed(value, text):
    assert shown(value) == text


@pytest.mark.parametrize(
    "value", ["x" * 10**7, 10**5000, list(range(10**5)), "\n" * 10**6], ids=["word", "number", "list", "lines"]
)
def test_a_long_value_is_cut(value):
    assert len(shown(value)) <= 160
    assert shown(value).isprintable()


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("stage", ["generator", "discriminator"])
def test_networks_that_are_too_large_are_counted_exactly(network, stage):
    """The count is that of the networks themselves, so the largest that is allowed has no more."""
    values = base()["gan"] | {"network": network, "latent_dim": 3}
    module = GANModule(
        **{k: v for k, v in values.items() if k != "name"} | {f"{stage}_width": 100, f"{stage}_depth": 3}
    )
    real = sum(weights.numel() for weights in getattr(module, stage).parameters())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("aeaug.gan.options.MOST_WEIGHTS", real)
        fitting = values | {f"{stage}_width": 100, f"{stage}_depth": 3}
        assert not list(GANOptions.model_validate(fitting).faults_of(MNIST.shape))
        patch.setattr("aeaug.gan.options.MOST_WEIGHTS", real - 1)
        with pytest.raises(ValueError, match=rf"gan\.{stage}_width=100, .* would have {real:,} weights"):
            parse_options(base() | {"gan": fitting})


def test_a_network_of_the_largest_sizes_is_refused_at_once():
    widest = {"generator_width": 8192, "generator_depth": 16, "discriminator_width": 8192, "discriminator_depth": 16}
    with pytest.raises(ValueError, match=f"more than {MOST_WEIGHTS:,}") as caught:
        parse_options(base() | {"gan": base()["gan"] | widest | {"latent_dim": 4096}})
    assert [line.partition("=")[0] for line in str(caught.value).splitlines()] == [
        "gan.generator_width",
        "gan.discriminator_width",
    ]


@pytest.mark.parametrize(
    ("trainer", "budget", "keys"),
    [
        ({"devices": 2, "strategy": "auto"}, {}, ["trainer.devices"]),
        ({"devices": 3}, {}, ["budget.batch_size", "budget.images_per_epoch"]),
        ({"devices": 2}, {"batch_size": 5}, ["budget.batch_size"]),
        ({"devices": 8}, {"batch_size": 40, "images_per_epoch": 100}, ["budget.images_per_epoch"]),
        ({"devices": 2}, {"batch_size": 50, "images_per_epoch": 100}, []),
        ({"devices": 1, "strategy": "auto"}, {"batch_size": 7, "images_per_epoch": 50}, []),
        ({"devices": 1}, {}, []),
    ],
)
def test_what_the_loader_asks_of_several_processes_is_asked_before_one_starts(trainer, budget, keys):
    tree = base()
    tree["trainer"] |= {"strategy": "ddp_find_unused_parameters_true"} | trainer
    tree["budget"] |= budget
    if not keys:
        parse_options(tree)
        return
    with pytest.raises(ValueError, match=r"trainer=ddp|must be a multiple of trainer\.devices=") as caught:
        parse_options(tree)
    assert [line.partition("=")[0] for line in str(caught.value).splitlines()] == keys


@pytest.mark.parametrize("images", [10, 200, 12_345, 51_200])
@pytest.mark.parametrize(("injection", "key"), [("append", "ratio"), ("replace", "probability")])
def test_a_rate_that_cannot_act_is_refused_with_the_least_that_can(images, injection, key):
    tree = base()
    tree["budget"] |= {"images": images, "images_per_epoch": images, "batch_size": 10}

    def expected(rate):
        return images * (rate / (1 + rate) if injection == "append" else rate)

    def parse(rate):
        return parse_options(tree | {"augmentation": {"name": injection, key: rate}})

    for rate in (1e-300, 1e-12, 0.1 / images, 0.999 / images):
        assert expected(rate) < 1
        with pytest.raises(ValueError, match=rf"^augmentation\.{key}={rate}: must be at least ") as caught:
            parse(rate)
        assert "\n" not in str(caught.value)
        least = float(re.search(r"at least (\S+) to", str(caught.value))[1])
        assert 1 - 1e-9 <= expected(least) < 1.02
        parse(least)


def test_an_epoch_of_one_image_has_no_ratio():
    tree = base()
    tree["budget"] |= {"images": 1, "images_per_epoch": 1, "batch_size": 1}
    with pytest.raises(ValueError, match=r"^augmentation\.ratio=100\.0: no rate is enough .*images_per_epoch=1\)$"):
        parse_options(tree | {"augmentation": {"name": "append", "ratio": 100}})
