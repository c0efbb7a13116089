import torch

from aeaug.data import to_float


def test_they_are_the_training_images_themselves(source_of, embedded, draw):
    indices = torch.tensor([4, 0, 4])
    assert source_of(name="duplicates")(indices, draw()).equal(to_float(embedded.train_images[indices]))
