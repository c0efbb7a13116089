import io
import json
import tarfile

import numpy as np
from PIL import Image

from aeaug.export.shards import write_shards


def samples(path):
    """As WebDataset groups a stream: neighbours whose names have what stands before the first dot in common."""
    found = []
    with tarfile.open(path, "r|") as archive:
        for member in archive:
            key, _, kind = member.name.partition(".")
            if not found or found[-1]["key"] != key:
                found.append({"key": key})
            found[-1][kind] = archive.extractfile(member).read()
    return found


def test_a_stream_has_every_image_with_what_is_known_of_it(tmp_path, blocks):
    parts, whole = blocks(source=np.arange(25))
    write_shards(tmp_path / "one.tar", 25, parts, 10)
    shards = sorted(tmp_path.iterdir())
    assert [shard.name for shard in shards] == [f"one-{number:06}.tar" for number in range(3)]
    streams = [samples(shard) for shard in shards]
    assert [len(stream) for stream in streams] == [10, 10, 5]
    together = [sample for stream in streams for sample in stream]
    assert len({sample["key"] for sample in together}) == 25
    for number, sample in enumerate(together):
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(sample["png"]))), whole.images[number])
        assert int(sample["cls"]) == number % 10
        known = json.loads(sample["json"])
        assert known == {"synthetic": number % 3 == 0, "label": number % 10, "source": number}


def test_an_image_of_no_class_has_no_label(tmp_path, blocks):
    parts, _ = blocks(label=np.full(25, -1))
    write_shards(tmp_path / "one.tar", 25, parts, 25)
    (shard,) = tmp_path.iterdir()
    assert {frozenset(sample) for sample in samples(shard)} == {frozenset({"key", "png", "json"})}
