import numpy as np
import pytest

from aeaug.export.block import Block


@pytest.fixture
def blocks():
    """``blocks(count, of)``: ``count`` images of random bytes in blocks of ``of``, with labels, every third synthetic;
    and all of them at once."""

    def build(count=25, of=10, **more):
        images = np.random.default_rng(0).integers(0, 256, (count, 28, 28), np.uint8)
        facts = {"synthetic": np.arange(count) % 3 == 0, "label": np.arange(count) % 10, **more}
        parts = [
            Block(images[at : at + of], {name: values[at : at + of] for name, values in facts.items()})
            for at in range(0, count, of)
        ]
        return parts, Block(images, facts)

    return build


@pytest.fixture
def failing(blocks):
    """Blocks of 25 images of which the second is not to be had."""

    def build(error):
        yield blocks()[0][0]
        raise error

    return build
