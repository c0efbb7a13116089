"""Colour images that tests draw: a disc or a bar before a ground of two colours."""

import numpy as np
from PIL import Image, ImageDraw

CLASSES = ("bars", "discs")


def drawn(rng, side, name):
    """One image of this class."""
    ends = rng.integers(0, 256, (2, 3))
    ramp = np.linspace(0, 1, side)[:, None]
    ground = ends[0] * (1 - ramp) + ends[1] * ramp
    image = Image.fromarray(np.broadcast_to(ground[:, None], (side, side, 3)).astype(np.uint8))
    x, y = rng.integers(side // 8, side // 2, 2)
    width = int(rng.integers(side // 8, side // 2))
    colour = tuple(rng.integers(0, 256, 3).tolist())
    pen = ImageDraw.Draw(image)
    if name == "discs":
        pen.ellipse((x, y, x + width, y + width), fill=colour)
    else:
        pen.rectangle((x, y, x + width, y + width // 4), fill=colour)
    return image


def draw(root, count, *, side=40, classes=False, grey=False, seed=0):
    """Write ``count`` images as PNG files into ``root``, a folder a class or all beside each other."""
    rng = np.random.default_rng(seed)
    for number in range(count):
        name = CLASSES[number % 2]
        place = root / name if classes else root
        place.mkdir(parents=True, exist_ok=True)
        image = drawn(rng, side, name)
        (image.convert("L") if grey else image).save(place / f"{seed}_{number:04}.png")
    return root
