"""A sweep whose runs no report could put beside those that are there is refused before its first run."""

import pytest

from aeaug.run.folder.folder import RunFolder
from aeaug.sweep.plan.together import apart, earlier, require_together
from tests.conftest import options


def there(tmp_path, *overrides):
    """A run that stands in the folder of its experiment."""
    folder = RunFolder(options(tmp_path, "name=mine", *overrides))
    folder.open()
    folder.close()


def test_an_empty_folder_takes_any(tmp_path):
    require_together([options(tmp_path, "name=mine"), options(tmp_path, "name=mine", "budget.batch_size=50")])
    assert list(earlier([options(tmp_path, "name=mine")])) == []


@pytest.mark.parametrize("override", ["budget.images=25600", "budget.batch_size=32", "budget.images_per_epoch=100"])
def test_another_value_of_what_all_runs_of_a_report_share_is_refused_by_its_key(tmp_path, override):
    there(tmp_path)
    key, _, value = override.partition("=")
    with pytest.raises(ValueError, match=rf"^{key}={value}: the runs in \S+mine have \d+, and no report is") as said:
        require_together([options(tmp_path, "name=mine", override)])
    assert "\n" not in str(said.value)
    require_together([options(tmp_path, "name=other", override)])


def test_the_same_command_goes_on_whatever_else_is_there(tmp_path):
    there(tmp_path)
    there(tmp_path, "budget.batch_size=32", "variant=other")
    require_together([options(tmp_path, "name=mine")])
    require_together([options(tmp_path, "name=mine", "budget.batch_size=32")])
    assert len(list(earlier([options(tmp_path, "name=mine")]))) == 2


def test_arms_sizes_and_seeds_may_differ(tmp_path):
    there(tmp_path)
    require_together([options(tmp_path, "name=mine", "arm=append_gaussian", "data.n_train=100", "seed=3")])


@pytest.mark.parametrize("override", ["budget.images=25600", "budget.batch_size=32", "evaluation.every=2"])
def test_what_comes_to_no_report_is_said_of_single_runs_and_of_a_first_sweep(tmp_path, override):
    """They may be meant for something else, and are not refused."""
    key, _, value = override.partition("=")
    alike = [options(tmp_path, "name=mine"), options(tmp_path, "name=mine", "arm=append_gaussian", "seed=3")]
    assert list(apart(alike)) == []
    (line,) = apart([*alike, options(tmp_path, "name=mine", override)])
    assert line.startswith(f"{key}=")
    assert value in line.partition(":")[0].partition("=")[2].split(",")
    there(tmp_path)
    assert list(apart(alike)) == []
    (line,) = apart([options(tmp_path, "name=mine", override)])
    assert line.startswith(f"{key}={value}: the runs in {tmp_path}")
