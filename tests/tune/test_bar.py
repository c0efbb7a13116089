"""The bar of a search, over journals with planted trials."""

import re

import optuna
import pytest
from optuna.distributions import FloatDistribution
from optuna.trial import TrialState, create_trial

from aeaug.training import watched
from aeaug.tune.bar import search_bar
from aeaug.tune.journal import journal
from aeaug.tune.options import TuneOptions
from aeaug.tune.search import Search

OPTIONS = TuneOptions(
    space="r1",
    arms="none,append",
    trials=4,
    seeds="9000,9001",
    processes=1,
    sampler="tpe",
    sampler_seed=0,
    random_trials=2,
    pruning="none",
    pruning_trials=1,
    pruning_readings=0,
)


@pytest.fixture
def search(tmp_path):
    found = Search(OPTIONS, "mine", tmp_path, (), (), ("none", "append"), {}, {"none": 5, "append": 5})
    found.folder.mkdir(parents=True)
    for arm in found.arms:
        optuna.create_study(storage=journal(found.journal), study_name=arm)
    return found


def add(search, arm, state, value=None, readings=0):
    trial = create_trial(
        state=state,
        value=value,
        params={"x": 0.5},
        distributions={"x": FloatDistribution(0, 1)},
        intermediate_values={step: 1.0 for step in range(readings)},
    )
    optuna.load_study(storage=journal(search.journal), study_name=arm).add_trial(trial)


def last(text):
    """Trials done of all, percent, and what stands behind: of the bar's last line."""
    found = re.fullmatch(
        r"search mine: +(\d+)%\|.*\| ([\d.]+) of (\d+) trials \[\S+<\S+?\](?:, )?(.*)", text.splitlines()[-1]
    )
    assert found, text
    percent, done, total, remark = found.groups()
    return int(percent), float(done), int(total), remark


def test_it_says_how_many_trials_of_all_there_are_and_the_best_of_each_arm(search, capsys):
    with search_bar(search):
        pass
    assert last(capsys.readouterr().err) == (0, 0.0, 8, "")
    add(search, "none", TrialState.COMPLETE, 612.34)
    add(search, "none", TrialState.COMPLETE, 1598.7)
    add(search, "append", TrialState.COMPLETE, float("inf"))  # diverged
    with search_bar(search):
        add(search, "append", TrialState.PRUNED, value=1.0, readings=3)  # its last reading, as Optuna tells it
    assert last(capsys.readouterr().err) == (50, 4.0, 8, "none: FD 612.3, trial 0")
    with search_bar(search):
        add(search, "append", TrialState.FAIL)  # its values do not go together
        add(search, "append", TrialState.COMPLETE, 1500.0)
    assert last(capsys.readouterr().err) == (75, 6.0, 8, "none: FD 612.3, trial 0 · append: FD 1,500.0, trial 3")


@pytest.mark.parametrize(("readings", "done"), [(0, 0.0), (5, 0.5), (10, 0.9)])
def test_a_trial_that_is_trained_counts_by_its_readings_and_is_not_over(search, readings, done, capsys):
    add(search, "none", TrialState.RUNNING, readings=readings)  # of two seeds with five readings each
    with search_bar(search):
        pass
    assert last(capsys.readouterr().err)[1] == pytest.approx(done, abs=0.051)


def test_trials_that_were_asked_for_before_are_not_more_than_all(search, capsys):
    for _ in range(6):  # four are asked for now
        add(search, "none", TrialState.COMPLETE, 2.0)
    with search_bar(search):
        pass
    assert last(capsys.readouterr().err)[:3] == (60, 6.0, 10)


def test_the_time_left_is_that_of_what_this_start_has_done(search, capsys, monkeypatch):
    """What was there before took it no time."""
    made = []
    whole = watched.progress_bar

    def bar(**options):
        made.append(whole(**options))
        return made[0]

    monkeypatch.setattr(watched, "progress_bar", bar)
    for _ in range(3):
        add(search, "none", TrialState.COMPLETE, 2.0)
    with search_bar(search):
        add(search, "none", TrialState.COMPLETE, 1.0)
        made[0].start_t -= 100
    assert re.search(r"4\.0 of 8 trials \[01:4\d<06:\d\d\], none: FD 1\.0, trial 3", capsys.readouterr().err)


def test_it_goes_on_whatever_it_reads_and_ends_with_what_it_stands_around(search, capsys):
    add(search, "none", TrialState.COMPLETE, 2.0)

    def search_in_a_torn_journal():
        with search_bar(search):
            search.journal.write_text("{\nno journal\n" * 100)
            raise KeyError

    with pytest.raises(KeyError):
        search_in_a_torn_journal()
    assert "Traceback" not in capsys.readouterr().err
