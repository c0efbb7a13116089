import pytest
import torch

from aeaug.perturbation import Encoded, LatentCodes
from aeaug.perturbation.difference import Difference
from aeaug.perturbation.hard import Hard
from aeaug.perturbation.interpolate import Interpolate
from aeaug.perturbation.posterior import Posterior
from tests.perturbation.conftest import draw


def test_mean_and_sigma_are_over_the_subset(codes):
    torch.testing.assert_close(codes.mean, codes.z.double().mean(0).float())
    torch.testing.assert_close(codes.sigma, (codes.z - codes.z.mean(0)).square().mean(0).sqrt())


@pytest.mark.parametrize("scale", [1e-9, 1e6])
def test_the_unit_of_codes_decides_not_which_dimensions_vary(codes, scale):
    centred = LatentCodes(codes.z - codes.mean)
    assert (centred.sigma > 0).tolist() == [True, True, True, False]
    torch.testing.assert_close(LatentCodes(scale * centred.z).sigma, scale * centred.sigma, rtol=1e-5, atol=0)


@pytest.mark.parametrize("k", [1, 3, 10])
def test_neighbours_agree_with_brute_force(k):
    codes = LatentCodes(torch.randn(1_500, 6, generator=draw()))  # more than one chunk
    distances = (codes.z[:, None] - codes.z[None]).double().norm(dim=2)
    distances.fill_diagonal_(torch.inf)
    found = codes.neighbours(k)
    expected = distances.topk(k, largest=False).values
    torch.testing.assert_close(distances.gather(1, found), expected, rtol=1e-4, atol=1e-4)
    assert not (found == torch.arange(1_500)[:, None]).any()


def test_duplicates_are_neighbours_but_never_a_point_itself():
    codes = LatentCodes(torch.zeros(6, 2))
    assert not (codes.neighbours(5) == torch.arange(6)[:, None]).any()


def test_too_many_neighbours_name_key_and_value():
    with pytest.raises(ValueError, match=r"perturbation\.neighbours=6: must be between 1 and 5"):
        LatentCodes(torch.zeros(6, 2)).neighbours(6)


def test_near_is_a_neighbour_of_a_code_but_never_itself_and_of_another_point_the_nearest():
    codes = LatentCodes(torch.arange(10.0)[:, None])
    own = torch.arange(10).repeat(200)
    found = codes.near(codes.of(own), 2, draw())[:, 0]
    assert set((found - own)[(own > 0) & (own < 9)].tolist()) == {-1.0, 1.0}
    z = torch.tensor([[3.2], [-5.0], [3.2]]).repeat(200, 1)
    found = codes.near(Encoded(z), 2, draw())[:, 0]
    assert set(found[z[:, 0] > 0].tolist()) == {3.0, 4.0}
    assert set(found[z[:, 0] < 0].tolist()) == {0.0, 1.0}
    again = codes.near(Encoded(codes.z[own] + 1e-6), 2, draw())[:, 0]  # encoded again, it is rounded otherwise
    assert set((again - own)[(own > 0) & (own < 9)].tolist()) == {-1.0, 1.0}
    with pytest.raises(ValueError, match=r"perturbation\.neighbours=11: must be between 1 and 10"):
        codes.near(Encoded(z), 11, draw())


def test_other_codes_are_as_likely_as_each_other_and_never_the_own():
    codes = LatentCodes(torch.arange(5.0)[:, None])
    n, own = 20_000, 2
    for given, left in ((None, [0, 1, 2, 3, 4]), (torch.full((n,), own), [0, 1, 3, 4])):
        values, counts = codes.other(n, draw(), given)[:, 0].unique(return_counts=True)
        assert values.tolist() == left
        p = 1 / len(left)
        assert counts.tolist() == pytest.approx([n * p] * len(left), abs=5 * (n * p * (1 - p)) ** 0.5)


def test_neighbours_of_the_same_class_are_the_nearest_of_it():
    generator = draw()
    codes = LatentCodes(
        torch.randn(1_200, 3, generator=generator), labels=torch.randint(4, (1_200,), generator=generator)
    )
    distances = (codes.z[:, None] - codes.z[None]).double().norm(dim=2)
    distances[codes.labels[:, None] != codes.labels] = torch.inf
    distances.fill_diagonal_(torch.inf)
    found = codes.neighbours(3, same_class=True)
    torch.testing.assert_close(
        distances.gather(1, found), distances.topk(3, largest=False).values, rtol=1e-4, atol=1e-4
    )
    assert (codes.labels[found] == codes.labels[:, None]).all()
    assert not codes.neighbours(3).equal(found), "and are kept apart from those of all"
    own = torch.arange(1_200)
    near = codes.near(codes.of(own), 3, draw(1), same_class=True)
    assert (near[:, None] == codes.z[found]).all(2).any(1).all()


def test_a_class_with_too_few_images_is_named():
    codes = LatentCodes(torch.zeros(7, 2), labels=torch.tensor([0, 0, 0, 1, 1, 1, 1]))
    assert codes.neighbours(2, same_class=True).shape == (7, 2)
    with pytest.raises(
        ValueError, match=r"neighbours=3: must be between 1 and 2 \(of 3 images in the smallest class\)"
    ):
        codes.neighbours(3, same_class=True)


def test_two_of_a_class_are_distinct_and_every_pair_is_as_likely():
    labels = torch.tensor([1, 0, 1, 0, 1])
    codes = LatentCodes(torch.arange(5.0)[:, None], labels=labels)
    n = 30_000
    first, second = codes.two_of_class(torch.full((n,), 4), draw())
    pairs, counts = (10 * first + second)[:, 0].unique(return_counts=True)
    assert pairs.tolist() == [2.0, 4.0, 20.0, 24.0, 40.0, 42.0]
    p = 1 / 6
    assert counts.tolist() == pytest.approx([n * p] * 6, abs=5 * (n * p * (1 - p)) ** 0.5)
    first, second = codes.two_of_class(torch.tensor([1, 3]).repeat(50), draw())
    assert set(first[:, 0].tolist()) | set(second[:, 0].tolist()) == {1.0, 3.0}
    assert (first != second).all()


@pytest.mark.parametrize(
    ("options", "lacking"),
    [
        (Interpolate(name="interpolate", neighbours=3, within="class"), "needs labels, and there are none"),
        (Difference(name="difference", weight=0.5, within="class"), "needs labels, and there are none"),
        (Posterior(name="posterior", temperature=1), "needs the deviations"),
        (Hard(name="hard", gamma=0.5, steps=1), "the codes have no score"),
    ],
)
def test_what_codes_lack_is_said_in_one_line_by_what_needs_it(options, lacking):
    codes = LatentCodes(torch.randn(20, 3, generator=draw()))
    with pytest.raises(ValueError, match=rf"^perturbation[^\n]*{lacking}[^\n]*$"):
        options(codes, torch.arange(5), draw())


@pytest.mark.parametrize(
    "options",
    [
        Interpolate(name="interpolate", neighbours=3, within="class"),
        Difference(name="difference", weight=0.5, within="class"),
    ],
)
def test_nobody_knows_the_class_of_codes_of_other_images(codes, options):
    with pytest.raises(ValueError, match=r"^perturbation\.within=class: nobody knows the class of other images$"):
        options.moved(Encoded(codes.z[:5]), codes, draw())
