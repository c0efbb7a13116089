from typing import ClassVar

import pytest
import torch

from aeaug.augmentation.sources.source import Source
from aeaug.signs.of_sources import OF_SOURCES, black, fresh_dose, rows_of_sources


class Shifted(Source):
    """Every pixel of black images by ``by``, or by noise of that standard deviation."""

    identity: ClassVar[dict[str, str]] = {}

    def __init__(self, by, noise=False):
        self.images, self.by, self.noise = torch.zeros(20, 28, 28, dtype=torch.uint8), by, noise

    def __call__(self, indices, generator):
        change = torch.randn(len(indices), 1, 28, 28, generator=generator) if self.noise else 1.0
        return self.real(indices) + self.by * change


def test_a_dose_is_the_mean_squared_change():
    assert fresh_dose(Shifted(0.5), 0) == pytest.approx(0.25)
    assert fresh_dose(Shifted(0.5, noise=True), 0) == pytest.approx(0.25, rel=0.01)


def test_its_draws_are_of_the_seed():
    noise = Shifted(0.5, noise=True)
    assert fresh_dose(noise, 1) == fresh_dose(noise, 1) != fresh_dose(noise, 2)


def test_black_pixels_are_counted():
    assert black(Shifted(0.0), 0) == 1
    assert black(Shifted(0.1), 0) == 0


def test_each_is_measured_beside_decoded_images_of_its_subset():
    sources = {one.source: [Shifted(0.5)] * 3 for one in OF_SOURCES} | {"decoded": [Shifted(0.5)] * 2 + [Shifted(1.0)]}
    rows = {row["choice"]: row for row in rows_of_sources(sources)}
    assert [float(rows["source=noise"][f"subset {seed}"]) for seed in (9000, 9001, 9002)] == pytest.approx([0, 0, 0.75])
    assert rows["source=noise"]["seen"] == "2 of 3"
    assert rows["source=rounded"]["than"] == "decoded"
