import numpy as np
import pytest
from scipy.stats import binomtest

from aeaug.report.arms import Arm
from aeaug.report.statistics.profile import profile
from aeaug.run.metrics import METRICS
from aeaug.run.records import Place, RunRecord

FD = METRICS["frechet_distance"]
Planted = tuple[str, float | None, float | None]
"""State, FD, and its floor."""


def arm(*planted: Planted, keys: list[tuple[int, int]] | None = None, subset: str = "", reading: str = "end") -> Arm:
    runs = []
    for key, (state, value, floor) in zip(keys or [(n, n) for n in range(len(planted))], planted, strict=True):
        numbers: dict[Place, float] = {}
        if value is not None:
            numbers["generated", FD.key, reading, "classifier"] = value
        if floor is not None:
            numbers["real", FD.key, "", "classifier"] = floor
        words = {"data.subset_sha256": subset or str(key[0])}
        runs.append(RunRecord("planted", "append", 500, *key, state, numbers, words=words))
    return Arm("append", 500, tuple(runs))


def test_a_planted_profile_is_read_off() -> None:
    found = profile(arm(("done", 20.0, 2.0), ("done", 60.0, 3.0), ("done", 40.0, 2.0), ("diverged", None, 2.0)), FD)
    assert found is not None
    assert found.ratios == (10.0, 20.0, 20.0, np.inf)
    tau = [1.0, 10 - 1e-9, 10.0, 20 - 1e-9, 20.0, 1e12]
    assert found.share(tau).tolist() == [0.0, 0.0, 0.25, 0.25, 0.75, 0.75]


def test_it_rises_and_the_unit_of_distance_does_not_matter() -> None:
    rng = np.random.default_rng(3)
    values, floors = np.exp(rng.normal(4, 1, 40)), np.exp(rng.normal(0, 0.2, 40))
    tau = np.geomspace(1, 1e4, 200)
    one, other = (
        profile(arm(*[("done", k * v, k * f) for v, f in zip(values, floors, strict=True)]), FD) for k in (1.0, 8.0)
    )
    assert one is not None
    assert other is not None
    share = one.share(tau)
    assert (np.diff(share) >= 0).all()
    assert (share[0], share[-1]) == (0.0, 1.0)
    np.testing.assert_array_equal(share, other.share(tau))
    np.testing.assert_allclose(share, [np.mean(values <= t * floors) for t in tau])


def test_runs_without_an_end_or_a_floor_are_not_counted() -> None:
    found = profile(arm(("done", 20.0, 2.0), ("running", None, None), ("done", 30.0, None), ("failed", None, 2.0)), FD)
    assert found is not None
    assert found.ratios == (10.0,)
    assert profile(arm(("diverged", None, 2.0), ("done", 30.0, None)), FD) is None
    assert profile(arm(("done", 20.0, 2.0), reading="best"), FD) is None
    assert profile(arm(("done", 20.0, 2.0), reading="best"), FD, "best") is not None


def test_the_band_is_exact_at_every_place() -> None:
    found = profile(arm(*[("done", 10.0 * (n + 1), 2.0) for n in range(7)], ("diverged", None, None)), FD)
    assert found is not None
    tau = [4.0, 5.0, 12.0, 35.0, 1000.0]
    low, high = found.band(tau) or ([], [])
    for k, one, other in zip((0, 1, 2, 7, 7), low, high, strict=True):
        expected = binomtest(k, 8).proportion_ci(0.95, method="exact")
        assert (one, other) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_runs_that_share_a_subset_have_no_band_but_initialisations_on_one_training_set_do() -> None:
    keys = [(0, 0), (0, 1), (1, 0), (1, 1)]
    runs: list[Planted] = [("done", 20.0, 2.0)] * 4
    crossed, shared = profile(arm(*runs, keys=keys), FD), profile(arm(*runs, keys=[(0, n) for n in range(4)]), FD)
    assert crossed is not None
    assert shared is not None
    assert crossed.band([1.0]) is None
    assert shared.band([1.0]) is not None
