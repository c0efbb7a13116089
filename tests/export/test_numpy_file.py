import numpy as np

from aeaug.export.numpy_file import write_npy, write_npz


def test_numpy_reads_the_images(tmp_path, blocks):
    parts, whole = blocks()
    write_npy(tmp_path / "one.npy", 25, parts)
    found = np.load(tmp_path / "one.npy", mmap_mode="r", allow_pickle=False)
    assert found.dtype == np.uint8
    assert np.array_equal(found, whole.images)


def test_numpy_reads_images_and_facts(tmp_path, blocks):
    parts, whole = blocks(source=np.arange(25)[::-1].copy())
    write_npz(tmp_path / "one.npz", 25, parts)
    with np.load(tmp_path / "one.npz", allow_pickle=False) as archive:
        assert set(archive.files) == {"images", "labels", "synthetic", "source"}
        assert np.array_equal(archive["images"], whole.images)
        for name, values in {"labels": "label", "synthetic": "synthetic", "source": "source"}.items():
            assert archive[name].dtype == whole.facts[values].dtype
            assert np.array_equal(archive[name], whole.facts[values])
