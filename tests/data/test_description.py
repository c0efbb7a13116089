from dataclasses import replace

import pytest

from aeaug.classifier import ImageClassifier
from aeaug.data.description import A_ROW, SMALLEST
from aeaug.data.sets.mnist import MNIST


def test_sizes_follow_from_shape_and_names():
    other = replace(MNIST, shape=(1, 20, 20), class_names=("a", "b", "c"))
    assert (other.pixels, other.classes) == (400, 3)
    assert (MNIST.pixels, MNIST.classes) == (784, 10)


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ({"shape": (2, 28, 28)}, "are grey, or of red"),
        ({"shape": (1, 28, 32)}, "shares of one side"),
        ({"class_names": ()}, "tell classes apart"),
    ],
)
def test_what_nothing_here_could_handle_is_no_data_set(what, reason):
    with pytest.raises(AssertionError, match=reason):
        replace(MNIST, **what)


def test_of_images_without_classes_a_row_of_a_picture_is_the_fewest():
    without = replace(MNIST, class_names=(), feature_nets=None, files=None)
    assert (without.classes, without.fewest) == (0, A_ROW)
    assert replace(MNIST, class_names=tuple(map(str, range(30)))).fewest == 30
    assert MNIST.has_files
    assert not without.has_files


def test_the_smallest_images_are_those_that_the_small_classifier_takes():
    ImageClassifier(2, (1, SMALLEST, SMALLEST))
    with pytest.raises(ValueError, match="too small for the classifier's convolutions"):
        ImageClassifier(2, (1, SMALLEST - 1, SMALLEST - 1))
    with pytest.raises(AssertionError, match="less than the small classifier's convolutions take"):
        replace(MNIST, shape=(1, SMALLEST - 1, SMALLEST - 1))
