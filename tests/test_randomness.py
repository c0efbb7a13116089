import torch

from aeaug.randomness import derive_seed, generator, seeded_init


def test_equal_arguments_give_equal_draws():
    first, second = (torch.rand(5, generator=generator(3, "latents", 7)) for _ in range(2))
    assert first.equal(second)


def test_every_argument_matters():
    seeds = {derive_seed(s, p, *x) for s in (0, 1) for p in ("a", "b") for x in ((), (0,), (1,), (0, 0), (0, 1))}
    assert len(seeds) == 20


def test_neighbouring_positions_are_unrelated():
    draws = torch.stack([torch.randn(1_000, generator=generator(0, "noise", t)) for t in range(8)])
    correlations = torch.corrcoef(draws) - torch.eye(8)
    assert correlations.abs().max() < 0.16  # five standard deviations of 1/sqrt(1000)


def test_seeds_fit_a_generator():
    assert all(0 <= derive_seed(s, "x") < 2**63 for s in range(1_000))


def test_initial_weights_depend_on_seed_and_purpose_and_leave_the_global_stream_alone():
    def weights(seed, purpose):
        with seeded_init(seed, purpose):
            return torch.nn.Linear(4, 4).weight.detach()

    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    first = weights(1, "a")
    assert torch.rand(3).equal(expected)
    assert first.equal(weights(1, "a"))
    assert not first.equal(weights(2, "a"))
    assert not first.equal(weights(1, "b"))
