"""Which runs' pictures stand beside a table."""

import pytest

from aeaug.run.pictures import gather_pictures


@pytest.mark.parametrize("names", [["seed=0", "seed=1"], ["seed=0,subset=1", "seed=0,subset=2"]])
def test_they_are_of_one_seed_and_subset_of_every_arm(tmp_path, names):
    experiment = tmp_path / "runs" / "mine"
    for arm in ("none", "append_gaussian"):
        for name in names:
            folder = experiment / arm / name
            (folder / "samples").mkdir(parents=True)
            (folder / "config.yaml").write_text("data: {n_train: 100}\n")
            (folder / "status.json").write_text('{"state": "done"}')
            (folder / "samples" / "images=000000100.png").write_bytes(f"{arm} {name}".encode())
    gather_pictures(experiment, tmp_path / "pictures")
    found = {
        str(file.relative_to(tmp_path / "pictures")): file.read_text() for file in tmp_path.glob("pictures/**/*.png")
    }
    assert found == {f"mine/{arm}/{names[0]}/generated.png": f"{arm} {names[0]}" for arm in ("none", "append_gaussian")}
