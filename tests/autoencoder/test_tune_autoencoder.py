"""That the table of scripts/tune_autoencoder.py is about the autoencoders that runs train."""

import runpy

import pytest

from aeaug.autoencoder.training import fit
from aeaug.data import MNISTDataModule, to_float
from tests.autoencoder.test_steps import of_file
from tests.conftest import REPOSITORY


@pytest.fixture(scope="module")
def main():
    return runpy.run_path(str(REPOSITORY / "scripts" / "tune_autoencoder.py"))["main"]


def test_a_row_of_a_curve_is_a_training_of_so_many_steps(main, capsys, tmp_path):
    """Of the mean of two subsets, too; and more steps than a row's change nothing in it."""
    main(["article", "--data", "mnist_5k", "--sizes", "100", "--subsets", "9000", "9001", "--most", "125"])
    rows = [line.split(" | ") for line in capsys.readouterr().out.splitlines()][2:]
    assert [row[:2] for row in rows] == [["| 100", "60"], ["| 100", "125"]]
    errors = []
    for subset in (9000, 9001):
        data = MNISTDataModule("mnist_5k", n_train=100, subset_seed=subset)
        data.setup()
        module, _ = fit(of_file("article", steps=60, seed=subset), data, tmp_path, progress=False)
        errors.append(module.squared_error_on(to_float(data.splits.val_images)))
    mean, sd = rows[0][3].rstrip(")").split(" (")
    assert float(mean) == pytest.approx(sum(errors) / 2, abs=1e-5)
    assert float(sd) == pytest.approx(abs(errors[0] - errors[1]) / 2**0.5, abs=1e-5)
    assert all(0 <= float(row[-1].split()[0]) <= 1 for row in rows)


@pytest.mark.parametrize(("arguments", "said"), [(["--most", "1"], "--most=1"), (["--sizes", "3"], "data.n_train=3")])
def test_what_is_wrong_is_said_in_one_line(main, capsys, arguments, said):
    with pytest.raises(SystemExit):
        main(["mlp", "--data", "mnist_5k", *arguments])
    assert said in capsys.readouterr().err.splitlines()[-1]
