"""The README's lines, as they stand there, in a loop of somebody's own."""

import re

import torch
from torch import nn

from aeaug.data import to_float
from tests.conftest import REPOSITORY

SECTION = (REPOSITORY / "README.md").read_text().partition("## As a library\n")[2].partition("\n## ")[0]
(LINES,) = re.findall(r"^```python\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL)


def test_six_lines_append_decoded_images_and_have_gradients(embedded):
    images, steps = to_float(embedded.train_images), []
    generator = nn.Sequential(nn.Linear(64, 784), nn.Tanh(), nn.Unflatten(1, (1, 28, 28)))
    discriminator = nn.Sequential(nn.Flatten(), nn.Linear(784, 1))

    def train_step(real, real_seen, fake, fake_seen):
        generator.zero_grad()
        discriminator(fake_seen).sum().backward()
        steps.append((real, real_seen, fake, generator[0].weight.grad.clone()))

    scope = {"images": images, "loader": images.split(100), "torch": torch}
    scope |= {"generator": generator, "train_step": train_step}
    assert len(LINES.splitlines()) == 6
    exec(compile(LINES, "README.md", "exec"), scope)
    assert len(steps) == 2
    for place, (real, real_seen, fake, gradient) in enumerate(steps):
        assert real.shape == real_seen.shape == fake.shape == (200, 1, 28, 28)
        assert real[:100].equal(images.split(100)[place])
        # They are images of its digits: nearer to one of these than the digits are to each other, on average.
        pixels = images.flatten(1)
        assert torch.cdist(real[100:].flatten(1), pixels).amin(1).mean() < torch.pdist(pixels).mean()
        assert not real_seen.equal(real)
        assert gradient.isfinite().all()
        assert gradient.abs().sum() > 0
    assert not steps[0][0][100:].equal(steps[1][0][100:])
