import io

import numpy as np
import torch
from PIL import Image

from aeaug.data.by_content.duplicates import Copy, copies
from tests.data.by_content.drawing import CLASSES, drawn


def images(count, seed=0):
    rng = np.random.default_rng(seed)
    return [drawn(rng, 32, CLASSES[number % 2]) for number in range(count)]


def stack(of):
    return torch.stack([torch.from_numpy(np.array(one)).permute(2, 0, 1) for one in of])


def saved_again(image, quality):
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def test_copies_across_splits_are_found_and_others_are_not():
    pool = images(150)
    others = images(50, seed=1)
    test = [pool[7], saved_again(pool[8], 80), pool[9].resize((64, 64)).resize((32, 32)), *others]
    parts = ["pool"] * len(pool) + ["test"] * len(test)
    found = copies(stack(pool + test), parts)
    assert found == [Copy(150, 7, "exact"), Copy(151, 8, "near"), Copy(152, 9, "near")]


def test_within_a_split_nothing_is_looked_for_and_the_later_split_has_the_copy():
    one, other = images(2)
    assert copies(stack([one, one, other]), ["pool", "pool", "test"]) == []
    assert copies(stack([one, one]), ["test", "validation"]) == [Copy(0, 1, "exact")]
    assert copies(stack([one, one]), ["test", "nets"]) == [Copy(1, 0, "exact")]
    assert copies(stack([one]), ["test"]) == []


def test_grey_images_too():
    grey = torch.from_numpy(np.stack([np.array(one.convert("L")) for one in images(3)]))
    assert copies(torch.cat([grey, grey[1:2]]), ["pool"] * 3 + ["test"]) == [Copy(3, 1, "exact")]


def test_flat_images_are_copies_only_where_all_pixels_are():
    flat = torch.stack([torch.full((3, 32, 32), level, dtype=torch.uint8) for level in (10, 10, 11)])
    assert copies(flat, ["pool", "test", "test"]) == [Copy(1, 0, "exact")]
