import numpy as np
import pytest
import torch

from aeaug.data import to_float
from aeaug.data.pixel_range import to_signed


@pytest.fixture
def pixels():
    drawn = np.random.default_rng(0).integers(0, 256, (10, 28, 28), dtype=np.uint8)
    drawn[0, 0, :2] = 0, 255
    return drawn


def test_bytes_are_read_as_the_projects_own_images_are(pixels):
    images, found = to_signed(pixels)
    assert found == "byte"
    assert images.dtype == torch.float32
    assert images.equal(to_float(torch.from_numpy(pixels)))


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.int64, np.float32, np.float64, ">f4"])
def test_the_three_ranges_say_the_same(pixels, dtype):
    expected = to_float(torch.from_numpy(pixels))
    assert to_signed(pixels.astype(dtype), "byte")[0].equal(expected)
    if np.dtype(dtype).kind == "f":
        assert torch.allclose(to_signed((pixels / 255).astype(dtype), "unit")[0], expected, atol=1e-6)
        assert torch.allclose(to_signed((pixels / 127.5 - 1).astype(dtype), "signed")[0], expected, atol=1e-6)


def test_signed_floats_are_taken_to_the_last_bit(pixels):
    signed = to_float(torch.from_numpy(pixels))
    images, found = to_signed(signed.squeeze(1).numpy())
    assert found == "signed"
    assert images.equal(signed)


def test_booleans_are_black_and_white(pixels):
    images, found = to_signed(pixels > 127)
    assert found == "unit"
    assert sorted(images.unique().tolist()) == [-1, 1]


def test_what_is_given_is_not_changed(pixels):
    given = pixels.astype(np.float32)
    given.flags.writeable = False  # as a memory-mapped file's is
    to_signed(given, "byte")
    assert np.array_equal(given, pixels)


@pytest.mark.parametrize(
    ("low", "high"),
    [(0.0, 1.0), (-1e-6, 1.0), (-0.4, 0.9)],  # rounding below 0 does not make intensities signed
)
def test_a_range_that_may_be_another_is_asked_for(low, high):
    with pytest.raises(ValueError, match=r"say range=unit or range=signed"):
        to_signed(np.linspace(low, high, 784).reshape(1, 28, 28))


def test_rounding_may_leave_a_range_by_a_little():
    values = np.linspace(-1e-6, 1 + 1e-6, 784).reshape(1, 28, 28)
    assert to_signed(values, "unit")[0].abs().max() <= 1 + 1e-5


@pytest.mark.parametrize(
    ("values", "declared", "message"),
    [
        ([0.0, 255.0], None, "say range=byte"),
        ([0, 1], None, "say range=unit where 1 is white"),
        ([-1, 254], None, "values from -1 to 254, but range=byte is 0 to 255"),
        ([0, 256], None, "values from 0 to 256, but range=byte"),
        ([-1.0, 1.01], None, r"values from -1 to 1\.01, but range=signed is -1 to 1"),
        ([-1.0, 1.0], "unit", "values from -1 to 1, but range=unit is 0 to 1"),
        ([0.0, float("nan")], "unit", "784 values are not finite"),
        ([0.0, float("inf")], "byte", "784 values are not finite"),
        ([1j, 2j], None, "values of type complex128"),
        (["a", "b"], None, "values of type"),
    ],
)
def test_other_values_are_refused(values, declared, message):
    with pytest.raises(ValueError, match=message):
        to_signed(np.repeat(np.array(values), 784).reshape(2, 28, 28), declared)
