"""The convention of images: what is taken, as what, and what is refused."""

import numpy as np
import pytest
import torch

from aeaug.data import to_float
from aeaug.data.images import shape_of
from aeaug.library.images import signed, training_images

GREY = (1, 28, 28)


def pixels(n=3):
    return torch.randint(0, 256, (n, 28, 28), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


def test_every_byte_is_the_same_in_every_form():
    ramp = torch.arange(784).remainder(256).to(torch.uint8).reshape(1, 28, 28).repeat(2, 1, 1)
    images = to_float(ramp)
    forms = [ramp, ramp[:, None], images, images.squeeze(1), images.half().float(), images.double(), images.numpy()]
    for form in forms:
        assert training_images(form).equal(ramp)
    assert signed(ramp[:, None], GREY).equal(images)
    assert signed(ramp[:1], GREY).equal(images[0])
    assert signed(images, GREY).equal(images)


@pytest.mark.parametrize("shape", [(3, 28, 28), (3, 64, 48), (1, 8, 128)])
def test_images_of_other_shapes_are_the_same_bytes_too(shape):
    given = torch.randint(0, 256, (4, *shape), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    stored = given if shape[0] == 3 else given[:, 0]
    signed_ = given.float() * 2 / 255 - 1
    for form in (given, signed_, signed_.double(), given.numpy()):
        assert training_images(form).equal(stored)
    assert shape_of(stored) == shape
    assert torch.allclose(signed(given, shape), signed_, atol=1e-6)
    assert signed(signed_[0], shape).equal(signed_[0])
    with pytest.raises(
        ValueError, match=r"^images: shape \(4, .*\), expected \(B, 1, 28, 28\) or \(1, 28, 28\), as those"
    ):
        signed(given, GREY)


def test_a_black_image_is_one_to_transform_and_white_masks_train():
    assert signed(torch.zeros(1, 28, 28, dtype=torch.uint8), GREY).eq(-1).all()
    assert training_images((pixels() > 9).byte() * 255).max() == 255


def test_training_images_may_ask_for_gradients_and_nothing_is_said(recwarn):
    images = to_float(pixels())
    assert training_images(images.clone().requires_grad_()).equal(training_images(images))
    assert not recwarn.list


def test_an_array_of_any_order_of_bytes_that_cannot_be_written_to_is_taken_and_nothing_is_said(recwarn):
    expected = pixels()
    given = to_float(expected).numpy()
    closed = expected.numpy().copy()
    closed.flags.writeable = False
    for form in (closed, given.astype(given.dtype.newbyteorder()), np.asfortranarray(given)):
        assert training_images(form).equal(expected)
    assert not recwarn.list


def test_gradients_pass_and_shapes_stay():
    images = to_float(pixels()).requires_grad_()
    for given in (images, images[0]):
        found = signed(given, GREY)
        assert found.shape == given.shape
        assert found.requires_grad
    assert signed(torch.empty(0, 1, 28, 28), GREY).shape == (0, 1, 28, 28)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (torch.zeros(3, 2, 28, 28), r"shape \(3, 2, 28, 28\), expected 1 or 3 channels, and 8 to 128 pixels a side"),
        (torch.zeros(3, 28, 28, 3), r"shape \(3, 28, 28, 3\), expected 1 or 3 channels"),
        (torch.zeros(3, 28, 7), r"shape \(3, 28, 7\), expected 1 or 3 channels, and 8 to 128"),
        (torch.zeros(3, 3, 129, 28), r"shape \(3, 3, 129, 28\), expected 1 or 3 channels, and 8 to 128"),
        (torch.zeros(28, 28), r"shape \(28, 28\), expected \(N, C, H, W\) or \(N, H, W\)"),
        (pixels(1), "1 of them, at least 2 are needed"),
        (pixels().long(), r"torch.int64, expected floats in \[-1, 1\] or bytes"),
        ((pixels() > 9).byte(), r"bytes, none above 1, of which 255 is white: where 1 is, give 255 \* images"),
        (torch.zeros(2, 3, 28, 28, dtype=torch.uint8), "bytes, none above 1"),
        (pixels() > 9, "torch.bool, expected floats"),
        (pixels() / 255, r"values from 0 to 1, none of them dark, are no images in \[-1, 1\]; .* give 2 \* images - 1"),
        (pixels().float(), r"values from 0 to 255, expected floats"),
        (torch.full((2, 28, 28), torch.nan), "values that are not finite, expected"),
        (torch.full((2, 28, 28), -torch.inf), "values that are not finite, expected"),
        ([[0.0]], "list, expected a tensor or an array of numbers"),
        (np.array(["a"]), "ndarray, expected a tensor or an array of numbers"),
        (np.zeros((2, 28, 28), np.longdouble), "numbers of type float128, expected floats of at most 64 bits or bytes"),
        (torch.zeros(2, 28, 28).to_sparse(), "a tensor of layout torch.sparse_coo, expected a tensor or an array"),
    ],
)
def test_others_are_refused_in_one_line(images, message):
    with pytest.raises(ValueError, match=f"^images: {message}[^\n]*$"):
        training_images(images)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (pixels(), r"shape \(3, 28, 28\), expected \(B, 1, 28, 28\) or \(1, 28, 28\)"),
        (torch.zeros(28, 28), r"shape \(28, 28\), expected"),
        (torch.zeros(2, 2, 1, 28, 28), r"shape \(2, 2, 1, 28, 28\), expected"),
        (torch.full((2, 1, 28, 28), 1.1), "values from 1.1 to 1.1, expected"),
        (torch.tensor([0.0, torch.nan]).repeat(392).reshape(1, 28, 28), "values that are not finite"),
        (pixels()[:, None].int(), "torch.int32, expected"),
    ],
)
def test_a_transform_refuses_them_too(images, message):
    with pytest.raises(ValueError, match=f"^images: {message}[^\n]*$"):
        signed(images, GREY)


def test_a_networks_rounding_is_no_other_range():
    assert signed(torch.full((1, 1, 28, 28), 1 + 1e-4), GREY).max() > 1
