import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from aeaug.report.collect import experiments, read_experiment

WriteRun = Callable[..., Path]


def test_arms_come_control_first_with_all_their_seeds(demo: Path) -> None:
    (group,) = read_experiment(demo, "demo").groups
    assert [arm.variant for arm in group.arms] == ["none", "append-gaussian", "append-reconstruct"]
    assert group.control is group.arms[0]
    assert group.treatments == group.arms[1:]
    assert [run.seed for run in group.arms[1].runs] == [0, 1, 2]
    assert sorted(group.arms[1].test()) == [0, 1, 2]
    assert sorted(group.arms[1].floors("decoded")) == [0, 1, 2]
    assert group.control.floors("decoded") == {}


def test_an_unknown_experiment_is_answered_with_those_that_exist(demo: Path, write_run: WriteRun) -> None:
    write_run(name="article")
    (demo / "empty").mkdir()
    assert experiments(demo) == ["article", "demo"]
    with pytest.raises(ValueError, match=r"no runs of experiment 'dmeo' in .*: article, demo$"):
        read_experiment(demo, "dmeo")
    with pytest.raises(ValueError, match=r": none$"):
        read_experiment(demo / "nowhere", "demo")


@pytest.mark.parametrize("state", ["running", "failed", "diverged"])
def test_unfinished_runs_stay_in_their_arm_without_a_number(runs_dir: Path, write_run: WriteRun, state: str) -> None:
    for seed in range(3):
        write_run(seed=seed)
        write_run(variant="append", injection="append", seed=seed, state="done" if seed else state)
    (group,) = read_experiment(runs_dir, "demo").groups
    arm = group.treatments[0]
    assert [run.state for run in arm.runs] == [state, "done", "done"]
    assert sorted(arm.test()) == [1, 2]
    assert arm.count(state) == 1


def test_a_seed_that_only_other_arms_have_is_missing(demo: Path) -> None:
    shutil.rmtree(demo / "demo" / "append-gaussian" / "seed=1")
    experiment = read_experiment(demo, "demo")
    assert [(run.label, run.state) for run in experiment.runs if run.state != "done"] == [
        ("append-gaussian/seed=1", "missing")
    ]
    assert len(experiment.runs) == 9


def test_folders_without_status_or_config_are_listed(demo: Path) -> None:
    (demo / "demo" / "none" / "seed=1" / "status.json").unlink()
    (demo / "demo" / "bare" / "seed=0").mkdir(parents=True)
    experiment = read_experiment(demo, "demo")
    assert [run.label for run in experiment.unplaced] == ["bare/seed=0"]
    assert {run.label for run in experiment.runs if run.state == "missing"} == {"none/seed=1", "bare/seed=0"}
    assert sorted(experiment.groups[0].arms[0].test()) == [0, 2]


@pytest.mark.parametrize(
    ("changes", "what", "values"),
    [
        ({"sha256": "ff" * 32}, "data source", ["a1a1a1a1a1a1", "ffffffffffff"]),
        (
            {"subset_sha256": "ee" * 32},
            "training subset for n_train=500, seed=1",
            ["b2b2b2b2b2b2", "eeeeeeeeeeee"],
        ),
        ({"feature_net": "dd" * 32}, "feature net", ["c3c3c3c3c3c3", "dddddddddddd"]),
        ({"images": 120_000}, "budget", ["240000 / 12000 / 128", "120000 / 12000 / 128"]),
        ({"n": 900}, "number of evaluated samples", ["1000", "900"]),
        ({"learning_rate": 1e-3}, "gan.learning_rate", ["0.0002", "0.001"]),
    ],
)
def test_what_cannot_be_compared_is_refused(
    demo: Path, write_run: WriteRun, changes: dict[str, object], what: str, values: list[str]
) -> None:
    shutil.rmtree(demo / "demo" / "append-gaussian" / "seed=1")
    write_run(variant="append-gaussian", injection="append", seed=1, **changes)
    with pytest.raises(ValueError, match="cannot be compared") as error:
        read_experiment(demo, "demo")
    message = str(error.value)
    assert "\n" not in message
    for part in (f"{what} differs", *values, "in append-gaussian/seed=1"):
        assert part in message


def test_a_subset_may_change_with_the_seed_but_not_with_the_arm(runs_dir: Path, write_run: WriteRun) -> None:
    for seed in range(2):
        for variant, injection in (("none", "none"), ("append", "append")):
            write_run(variant=variant, injection=injection, seed=seed, subset_sha256=f"{seed}" * 64)
    assert len(read_experiment(runs_dir, "demo").groups) == 1


def test_n_train_makes_groups_and_is_compared_only_within_them(runs_dir: Path, write_run: WriteRun) -> None:
    for n_train in (1000, 100):
        for seed in range(2):
            same = {"n_train": n_train, "seed": seed, "subset_sha256": f"{n_train:064d}"}
            write_run(variant="none", folder=f"none-{n_train}", **same)
            write_run(variant=f"append-{n_train}", injection="append", **same)
    groups = read_experiment(runs_dir, "demo").groups
    assert [(group.n_train, [arm.variant for arm in group.arms]) for group in groups] == [
        (100, ["none", "append-100"]),
        (1000, ["none", "append-1000"]),
    ]
    chosen = read_experiment(runs_dir, "demo", control="append-100").groups
    assert [group.control.variant for group in chosen if group.control] == ["append-100", "append-1000"]


def test_a_control_is_named_with_or_without_the_size_that_it_is_swept_over(runs_dir: Path, write_run: WriteRun) -> None:
    for n_train in (100, 1000):
        for arm, injection in (("none", "none"), ("append", "append")):
            variant = f"{arm},data.n_train={n_train}"
            write_run(variant=variant, injection=injection, n_train=n_train, subset_sha256=f"{n_train:064d}")
    for control in ("append", "append,data.n_train=100"):
        groups = read_experiment(runs_dir, "demo", control=control).groups
        assert [group.control.name for group in groups if group.control] == ["append", "append"]
        assert [arm.name for group in groups for arm in group.treatments] == ["none", "none"]


def test_what_every_variant_carries_is_not_part_of_a_name(runs_dir: Path, write_run: WriteRun) -> None:
    for arm, injection in (("none", "none"), ("append,gan=mlp", "append")):
        write_run(variant=f"{arm},data=mnist_5k", injection=injection)
    (group,) = read_experiment(runs_dir, "demo").groups
    assert [arm.name for arm in group.arms] == ["none", "append,gan=mlp"]
    write_run(variant="append,gan=dcgan,data=mnist", injection="append")
    (group,) = read_experiment(runs_dir, "demo").groups
    assert [arm.name for arm in group.arms] == [
        "none,data=mnist_5k",
        "append,gan=dcgan,data=mnist",
        "append,gan=mlp,data=mnist_5k",
    ]


def test_an_arm_alone_keeps_its_name(runs_dir: Path, write_run: WriteRun) -> None:
    for n_train in (100, 500):
        write_run(variant=f"data.n_train={n_train},data=mnist_5k", n_train=n_train, subset_sha256=f"{n_train:064d}")
    names = [arm.name for group in read_experiment(runs_dir, "demo").groups for arm in group.arms]
    assert names == ["data=mnist_5k"] * 2


def test_one_arm_under_two_variants_is_refused(runs_dir: Path, write_run: WriteRun) -> None:
    write_run(variant="none", n_train=100)
    write_run(variant="none,data.n_train=100", n_train=100)
    with pytest.raises(ValueError, match=r"two runs of variant='none', n_train=100, seed=0"):
        read_experiment(runs_dir, "demo")


def test_the_whole_pool_is_a_group_of_its_own(runs_dir: Path, write_run: WriteRun) -> None:
    write_run(n_train=None)
    write_run(n_train=100, folder="none-100", subset_sha256="ff" * 32)
    assert [group.size for group in read_experiment(runs_dir, "demo").groups] == ["100", "all"]


def test_a_control_must_exist_and_is_not_guessed_among_several(runs_dir: Path, write_run: WriteRun) -> None:
    write_run(variant="none")
    write_run(variant="none-dcgan", learning_rate=1e-4)
    (group,) = read_experiment(runs_dir, "demo").groups
    assert group.control is None
    assert group.treatments == ()
    (group,) = read_experiment(runs_dir, "demo", control="none").groups
    assert [arm.variant for arm in group.treatments] == ["none-dcgan"]
    with pytest.raises(ValueError, match=r"control='nnoe' is no arm of experiment 'demo'; its arms: none, none-dcgan"):
        read_experiment(runs_dir, "demo", control="nnoe")


def test_two_runs_in_one_place_are_refused(runs_dir: Path, write_run: WriteRun) -> None:
    write_run(folder="none")
    write_run(folder="none-again")
    with pytest.raises(ValueError, match=r"two runs of variant='none', n_train=500, seed=0"):
        read_experiment(runs_dir, "demo")


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("metrics.json", '{"data": ', r"metrics.json is not readable as JSON"),
        (
            "status.json",
            '{"state": "finished", "images": 1, "budget": 1}',
            r"status.json: state: .*'finished'",
        ),
        ("config.yaml", "a: [1", r"config.yaml is not readable as YAML"),
        ("config.yaml", "- 1", r"config.yaml holds list"),
        ("history.jsonl", '{"images": 1}\n', r"history.jsonl, line 1: \w+: Field required"),
    ],
)
def test_a_broken_file_is_named(demo: Path, file: str, text: str, message: str) -> None:
    (demo / "demo" / "none" / "seed=0" / file).write_text(text)
    with pytest.raises(ValueError, match=message) as error:
        read_experiment(demo, "demo")
    assert "\n" not in str(error.value)


def test_a_line_still_being_written_is_left_for_later(demo: Path) -> None:
    before = read_experiment(demo, "demo").groups[0].arms[0].runs[0].history
    with (demo / "demo" / "none" / "seed=0" / "history.jsonl").open("a") as lines:
        lines.write('{"images": 24000, "epo')
    assert read_experiment(demo, "demo").groups[0].arms[0].runs[0].history == before
