"""The data set that takes longest through every stage; the others are in tests/run/test_data_sets.py."""

from tests.run.test_data_sets import goes_through_every_stage


def test_stacked_mnist_goes_through_every_stage(tmp_path, monkeypatch):
    goes_through_every_stage("stacked_mnist", tmp_path, monkeypatch)
