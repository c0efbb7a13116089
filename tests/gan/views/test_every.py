"""What every view has: a file, an option file, a test, and a place in the options; and what holds for all of them."""

import pytest
import torch

from aeaug.gan.views import ViewOptions
from aeaug.run.options import parse_options
from tests.conftest import REPOSITORY, compose

NAMES = sorted(ViewOptions.model_fields)


def stems(folder, pattern="*"):
    return {file.stem for file in (REPOSITORY / folder).glob(pattern)}


def chosen(*names):
    return parse_options(compose([f"gan/view=[{','.join(names)}]", "variant=x"])).gan.view.chosen()


def view_of(name):
    """At a rate, or share of it, of a half where it has one."""
    one = chosen(name)[name]
    return one.at(lambda shown: 0.5) if hasattr(one, "at") else one


def test_each_has_its_files():
    assert set(NAMES) == stems("conf/gan/view", "*.yaml")
    assert set(NAMES) == stems("src/aeaug/gan/views", "*.py") - {"__init__", "view"}
    assert {f"test_{name}" for name in NAMES} <= stems("tests/gan/views", "*.py")


TOGETHER = [name for name in NAMES if name not in ("ada", "ada_r_v")]  # which are geometric by a signal


@pytest.mark.parametrize("choice", [[], *([name] for name in NAMES), TOGETHER], ids="+".join)
def test_those_that_are_chosen_are_there_in_the_order_of_the_fields(choice):
    assert list(chosen(*reversed(choice))) == [name for name in ViewOptions.model_fields if name in choice]


@pytest.mark.parametrize("name", NAMES)
def test_a_view_is_a_pure_differentiable_function_with_a_draw_for_each_image(name):
    view, images = view_of(name), torch.linspace(-1, 1, 784).view(1, 1, 28, 28).repeat(6, 1, 1, 1).requires_grad_()
    before, elsewhere = images.detach().clone(), torch.get_rng_state()
    first = view(images, torch.Generator().manual_seed(0), 0)
    assert first.shape == images.shape
    assert first.equal(view(images, torch.Generator().manual_seed(0), 0))
    assert not first.equal(view(images, torch.Generator().manual_seed(1), 0))
    assert not first[0].equal(first[1]), "another draw for another image"
    assert images.equal(before)
    assert torch.get_rng_state().equal(elsewhere)
    (slope,) = torch.autograd.grad(first.square().sum(), images)
    assert slope.isfinite().all()
    assert (slope.flatten(1).abs().sum(1) > 0).all()
    assert view(images[:0], torch.Generator(), 0).shape == (0, 1, 28, 28)


# Of what torch.use_deterministic_algorithms refuses on CUDA, by its documentation, what a view may be made of.
UNDETERMINED = ("GridSampler", "UpsampleBilinear", "UpsampleBicubic", "UpsampleLinear", "ReflectionPad", "AdaptiveAvg")


@pytest.mark.parametrize("name", NAMES)
def test_one_whose_gradient_is_not_deterministic_on_cuda_says_so(name):
    images = torch.rand(3, 1, 28, 28, generator=torch.Generator().manual_seed(1)).requires_grad_()
    left, gone_through = [view_of(name)(images, torch.Generator().manual_seed(0), 0).grad_fn], set()
    while left:
        if (function := left.pop()) is not None:
            gone_through.add(function.name())
            left += [before for before, _ in function.next_functions]
    assert gone_through
    said = getattr(chosen(name)[name], "undetermined", None)
    assert any(operation in one for one in gone_through for operation in UNDETERMINED) == (said is not None)
