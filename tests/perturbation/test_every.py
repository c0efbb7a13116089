"""What holds for every perturbation, found by itself: nobody has to name a new one here.

Each is chosen by an option file of its name, is a pure function of codes, indices and generator, and has a test file of
its own that fails when it goes wrong. The checks are functions, tried on made-up perturbations at the end.
"""

import importlib
import pkgutil
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Literal, get_args, get_origin

import pytest
import torch
import yaml
from omegaconf import OmegaConf
from pydantic import BaseModel, TypeAdapter, ValidationError

from aeaug import perturbation
from aeaug.perturbation import Encoded, LatentCodes, PerturbationOptions
from aeaug.perturbation.perturbation import Perturbation
from aeaug.sweep.composition.overrides import CONF
from tests.conftest import compose
from tests.perturbation.conftest import draw

OPTIONS = TypeAdapter(PerturbationOptions)
NAMED = get_args(get_args(PerturbationOptions)[0])
FILES = Path(CONF, "perturbation")
ARMS = Path(CONF, "arm")
TESTS = Path(__file__).parent


def declared():
    """Every model with a literal ``name`` in a module of the package, by that name."""
    found = {}
    for module in pkgutil.walk_packages(perturbation.__path__, f"{perturbation.__name__}."):
        for model in vars(importlib.import_module(module.name)).values():
            if isinstance(model, type) and issubclass(model, BaseModel) and model.__module__ == module.name:
                name = model.model_fields.get("name")
                if name is not None and get_origin(name.annotation) is Literal:
                    found |= dict.fromkeys(get_args(name.annotation), model)
    return found


def check_choice(name, model, named=NAMED, files=FILES, arms=ARMS):
    """It can be chosen by an option file of its name, and beside the control in a sweep: by an arm."""
    assert model in named, f"PerturbationOptions does not name {model.__name__}"
    file = files / f"{name}.yaml"
    assert file.is_file(), f"{file} is missing"
    said = yaml.safe_load(file.read_text())
    assert said["name"] == name, f"{file} selects another one"
    fields = getattr(model, "model_fields", said)
    assert set(said) == set(fields), f"{file} has not what {model.__name__} has: {sorted(set(said) ^ set(fields))}"
    assert list(arms.glob(f"*_{name}.yaml")), f"{arms} has no arm with {name}"


def check_properties(perturb, codes):
    """A pure function of ``codes``, indices and generator, which keeps type and shape and takes any number of rows."""
    for dtype in (torch.float32, torch.float64):
        z, index = codes.z.to(dtype), torch.tensor([5, 5, 17, 399, 0])
        more = codes.deviation.to(dtype), codes.labels, codes.score
        given, before = LatentCodes(z.clone(), *more), index.clone()
        elsewhere = torch.get_rng_state()
        first = perturb(given, index, draw(3))
        assert first.shape == (5, z.shape[1]), "shape"
        assert first.dtype == dtype, "dtype"
        assert first.isfinite().all(), "finite"
        assert given.z.equal(z), "codes untouched"
        assert given.sigma.equal(LatentCodes(z).sigma), "sigma untouched"
        assert index.equal(before), "indices untouched"
        assert torch.get_rng_state().equal(elsewhere), "no draw but the generator's"
        first.zero_()  # a view of the codes would change them
        assert given.z.equal(z), "a tensor of its own"
        draws = [perturb(some, index, draw(3)) for some in (given, given, LatentCodes(z.clone(), *more))]
        assert draws[0].equal(draws[1]), "the same generator, the same bits"
        assert draws[0].equal(draws[2]), "nothing remembered"
        assert perturb(given, index[:0], draw()).shape == (0, z.shape[1]), "no rows"
        assert perturb(given, index[:1], draw()).shape == (1, z.shape[1]), "one row"
        every = perturb(given, torch.arange(len(z)), draw())
        assert every.shape == z.shape, "all rows"


def check_any_codes(perturb, codes):
    """Codes that are no training codes are perturbed too, by a pure function of them, and gradients stay finite."""
    z = (codes.z[:7] + 0.25 * codes.sigma).requires_grad_()
    of = Encoded(z, deviation=codes.deviation[:7])
    first = perturb.moved(of, codes, draw(3))
    assert first.shape == z.shape, "shape"
    assert first.isfinite().all(), "finite"
    assert first.equal(perturb.moved(of, codes, draw(3))), "the same generator, the same bits"
    assert perturb.moved(Encoded(z[:0], deviation=codes.deviation[:0]), codes, draw()).shape == (0, z.shape[1]), (
        "no rows"
    )
    if first.requires_grad:
        (slope,) = torch.autograd.grad(first.sum(), z)
        assert slope.isfinite().all(), "gradients"


def check_said(perturb, codes):
    """It needs of the codes what it says, and nothing else; and whether it forgets them is what it says, too: others
    refuse by it what makes no sense."""
    given = LatentCodes(
        codes.z,
        codes.deviation if any(part.of_deviations for part in perturb.parts()) else None,
        codes.labels if perturb.using_labels() else None,
        codes.score if perturb.asking() else None,
    )
    index, other = torch.tensor([5, 17, 399]), torch.tensor([8, 2, 30])
    try:
        first = perturb(given, index, draw(3))
    except (AssertionError, TypeError, AttributeError, RuntimeError, ValueError) as error:
        raise AssertionError("it takes more of the codes than it says") from error
    forgets = any(part.forgets for part in perturb.parts())
    assert perturb(given, other, draw(3)).equal(first) == forgets, "forgets"


def check_options(perturb):
    """A saved config restores them; what is misspelt is refused; nothing changes them later."""
    saved = perturb.model_dump()
    assert type(perturb).model_validate(saved) == perturb
    with pytest.raises(ValidationError):
        type(perturb).model_validate({**saved, "misspelt": 1})
    with pytest.raises(ValidationError):
        perturb.name = perturb.name


def check_tested(name, model, tests):
    """Its own test file passes only while it does what it does: with codes moved elsewhere a test fails."""
    file = tests / f"test_{name}.py"
    assert file.is_file(), f"{file} is missing"

    def elsewhere(self, codes, index, generator):
        return codes.z[index] + 1000

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model, "__call__", elsewhere)
        # Within this process, its output captured with this test's; without the project's flags and xdist's workers.
        flags = ["-q", "-x", "--tb=no", "--capture=no", "-o", "addopts=", "-p", "no:xdist", "-p", "no:cacheprovider"]
        code = pytest.main([*flags, "-p", "no:faulthandler", str(file)])
    assert code == pytest.ExitCode.TESTS_FAILED, f"{file}: no test fails when {name} goes wrong ({code!r})"


@pytest.mark.parametrize("name", declared())
def test_it_can_be_chosen_and_is_a_pure_function(name, codes):
    check_choice(name, declared()[name])
    perturb = OPTIONS.validate_python(OmegaConf.to_container(compose([f"perturbation={name}"]).perturbation))
    assert type(perturb) is declared()[name]
    check_options(perturb)
    check_properties(perturb, codes)
    check_any_codes(perturb, codes)
    check_said(perturb, codes)


@pytest.mark.parametrize("name", declared())
def test_a_test_of_its_own_notices_when_it_goes_wrong(name):
    check_tested(name, declared()[name], TESTS)


def test_every_option_file_and_every_named_model_is_one_of_them():
    assert {file.stem for file in FILES.glob("*.yaml")} == set(declared())
    assert set(NAMED) == set(declared().values())
    with pytest.raises(ValidationError):
        OPTIONS.validate_python({"name": "typo"})


# The checks themselves, on perturbations with which something is wrong.

WOBBLE = """
from typing import Literal
from pydantic import BaseModel

class Wobble(BaseModel):
    name: Literal["wobble"] = "wobble"
    def __call__(self, codes, index, generator):
        return codes.z[index]
"""
OWN = """
import torch
from aeaug.perturbation import LatentCodes
from aeaug.perturbation.wobble import Wobble

def test_it():
    moved = Wobble()(LatentCodes(torch.ones(3, 2)), torch.tensor([1]), torch.Generator())
    assert {}
"""


@pytest.fixture
def wobble(tmp_path, monkeypatch):
    """One more module in the package, and nothing else."""
    (tmp_path / "wobble.py").write_text(WOBBLE)
    monkeypatch.setattr(perturbation, "__path__", [*perturbation.__path__, str(tmp_path)])
    yield declared()["wobble"]
    del sys.modules["aeaug.perturbation.wobble"], perturbation.wobble


def test_one_without_a_name_or_an_option_file_is_noticed(wobble, tmp_path):
    with pytest.raises(AssertionError, match="PerturbationOptions does not name Wobble"):
        check_choice("wobble", wobble)
    with pytest.raises(AssertionError, match=r"conf/perturbation/wobble\.yaml is missing"):
        check_choice("wobble", wobble, [wobble])
    (tmp_path / "wobble.yaml").write_text("name: gaussian\n")
    with pytest.raises(AssertionError, match="selects another"):
        check_choice("wobble", wobble, [wobble], tmp_path)
    (tmp_path / "wobble.yaml").write_text("name: wobble\n")
    with pytest.raises(AssertionError, match="has no arm with wobble"):
        check_choice("wobble", wobble, [wobble], tmp_path)
    (tmp_path / "append_wobble.yaml").write_text("")
    check_choice("wobble", wobble, [wobble], tmp_path, tmp_path)


def test_one_without_a_test_that_notices_is_noticed(wobble, tmp_path):
    with pytest.raises(AssertionError, match=r"test_wobble\.py is missing"):
        check_tested("wobble", wobble, TESTS)
    for assertion, notices in (("True", False), ("moved.shape == (1, 2)", False), ("moved.eq(1).all()", True)):
        (tmp_path / "test_wobble.py").write_text(OWN.format(assertion))
        sys.modules.pop("test_wobble", None)
        with nullcontext() if notices else pytest.raises(AssertionError, match="no test fails when wobble goes wrong"):
            check_tested("wobble", wobble, tmp_path)


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        (lambda codes, index, generator: codes.z[index][:, :2], "shape"),
        (lambda codes, index, generator: codes.z[index].float().double(), "dtype"),
        (lambda codes, index, generator: codes.z[index] / codes.sigma.floor(), "finite"),
        (lambda codes, index, generator: codes.z.add_(1)[index], "codes untouched"),
        (lambda codes, index, generator: codes.z[index.add_(1).remainder_(400)], "indices untouched"),
        (lambda codes, index, generator: codes.z[index] + torch.rand(1), "no draw but the generator's"),
        (lambda codes, index, generator: codes.z[:5], "a tensor of its own"),
        (lambda codes, index, generator: codes.z[index] + id(codes) % 9973, "nothing remembered"),
        (lambda codes, index, generator: codes.z[torch.cat([index, index.new_zeros(1)])][: len(index) or 1], "no rows"),
    ],
    ids=lambda value: value.replace(" ", "_") if isinstance(value, str) else "",
)
def test_one_that_is_not_a_pure_function_is_noticed(wrong, what, codes):
    with pytest.raises(AssertionError, match=what):
        check_properties(wrong, codes)


@pytest.mark.parametrize(
    ("formula", "what"),
    [
        (lambda of, codes: codes.z.roll(1, 0)[: len(of.z)], "forgets"),
        (lambda of, codes: of.z + codes.labels.sum(), "more of the codes than it says"),
        (lambda of, codes: of.z + of.deviation, "more of the codes than it says"),
    ],
)
def test_one_that_does_not_say_what_it_is_is_noticed(formula, what, codes):
    class Silent(Perturbation):
        name: str = "silent"

        def moved(self, of, codes, generator):
            return formula(of, codes)

    with pytest.raises(AssertionError, match=what):
        check_said(Silent(), codes)
