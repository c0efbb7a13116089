import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from aeaug.faults import Fault
from aeaug.report.results import results_of
from aeaug.report.verdict.verdict import verdicts
from aeaug.run.folders import experiments
from aeaug.run.metrics import METRICS
from aeaug.run.table.reading import read_table
from aeaug.run.table.rows import experiment_rows
from tests.report.conftest import claim, results

WriteRun = Callable[..., Path]
FD = METRICS["frechet_distance"]


def test_arms_come_control_first_with_all_their_seeds(demo: Path) -> None:
    (group,) = results(demo).groups
    assert [arm.name for arm in group.arms] == ["none", "append-gaussian", "append-reconstruct"]
    assert group.control is group.arms[0]
    assert group.compared == tuple((arm, group.control) for arm in group.arms[1:])
    assert [run.seed for run in group.arms[1].runs] == [0, 1, 2]
    assert len(group.arms[1].values(FD)) == len(group.arms[1].values(FD, "decoded")) == 3
    assert group.control.values(FD, "decoded") == []


def test_an_unknown_experiment_is_answered_with_those_that_exist(demo: Path, write_run: WriteRun) -> None:
    write_run(name="article")
    (demo / "empty").mkdir()
    assert experiments(demo) == ["article", "demo"]
    with pytest.raises(ValueError, match=r"no runs of experiment 'dmeo' in .*: article, demo$"):
        results(demo, "dmeo")
    with pytest.raises(ValueError, match=r": none$"):
        results(demo / "nowhere", "demo")


@pytest.mark.parametrize("state", ["running", "failed", "diverged"])
def test_unfinished_runs_stay_in_their_arm_without_a_number(runs_dir: Path, write_run: WriteRun, state: str) -> None:
    for seed in range(3):
        write_run(seed=seed)
        write_run(variant="append", injection="append", seed=seed, state="done" if seed else state)
    (group,) = results(runs_dir).groups
    arm = group.arms[1]
    assert [run.state for run in arm.runs] == [state, "done", "done"]
    assert [run.of(FD) is not None for run in arm.runs] == [False, True, True]
    assert arm.count(state) == 1


def test_a_seed_that_only_other_arms_have_is_missing(demo: Path) -> None:
    shutil.rmtree(demo / "demo" / "append-gaussian" / "seed=1")
    experiment = results(demo)
    assert [(run.label, run.state) for run in experiment.runs if run.state != "done"] == [
        ("append-gaussian,data.n_train=500/seed=1", "missing")
    ]
    assert len(experiment.runs) == 9


def test_a_folder_without_a_status_is_a_run_that_is_missing(demo: Path) -> None:
    (demo / "demo" / "none" / "seed=1" / "status.json").unlink()
    found = results(demo)
    missing = {run.label for run in found.runs if run.state == "missing"}
    assert missing == {"none,data.n_train=500/seed=1"}
    assert [run.of(FD) is not None for run in found.groups[0].arms[0].runs] == [True, False, True]


def test_a_folder_in_which_no_run_was_begun_is_none(demo: Path) -> None:
    """A sweep that is stopped leaves folders with a lock, and a file that was being written: of no size, and no arm."""
    before = results(demo)
    for folder in (demo / "demo" / "none" / "seed=7", demo / "demo" / "bare" / "seed=0"):
        folder.mkdir(parents=True)
        (folder / ".lock").touch()
        (folder / ".status.json.x7k2.tmp").write_text("{")
    found = results(demo)
    assert [run.label for run in found.runs] == [run.label for run in before.runs]
    assert [group.n_train for group in found.groups] == [group.n_train for group in before.groups]


def test_without_its_config_nobody_knows_what_a_run_is(demo: Path) -> None:
    (demo / "demo" / "none" / "seed=1" / "config.yaml").unlink()
    with pytest.raises(Fault, match=r"/none/seed=1/config\.yaml is missing"):
        results(demo)


@pytest.mark.parametrize(
    ("changes", "what", "values"),
    [
        ({"sha256": "ff" * 32}, "data source", ["a1a1a1a1a1a1", "ffffffffffff"]),
        (
            {"subset_sha256": "ee" * 32},
            "training subset 1 for n_train=500",
            ["000005000001", "eeeeeeeeeeee"],
        ),
        ({"feature_net": "dd" * 32}, "feature net (classifier)", ["c3c3c3c3c3c3", "dddddddddddd"]),
        ({"images": 120_000}, "budget.images", ["240000", "120000"]),
        ({"n": 900}, "number of evaluated samples", ["1000", "900"]),
        ({"learning_rate": 1e-3}, "gan.learning_rate", ["0.0002", "0.001"]),
        ({"evaluation": {"every": 2}}, "evaluation.every", ["1 in", "but 2 in"]),
        ({"device": "cuda:0"}, "device of runs that are paired", ["cuda in append-gaussian", "but cpu in"]),
    ],
)
def test_what_cannot_be_compared_is_refused(
    demo: Path, write_run: WriteRun, changes: dict[str, object], what: str, values: list[str]
) -> None:
    shutil.rmtree(demo / "demo" / "append-gaussian" / "seed=1")
    write_run(variant="append-gaussian", injection="append", seed=1, **changes)
    with pytest.raises(ValueError, match="cannot be compared") as error:
        results(demo)
    message = str(error.value)
    assert "\n" not in message
    for part in (f"{what} differs", *values, "in append-gaussian,data.n_train=500/seed=1"):
        assert part in message


def test_devices_of_one_kind_and_devices_that_nobody_recorded_can_be_paired(
    runs_dir: Path, write_run: WriteRun
) -> None:
    for seed, devices in enumerate((("cuda:0", "cuda:3"), ("cpu", ""), ("", "cuda:0"), ("cpu", "cpu"))):
        for variant, injection, device in zip(("none", "append"), ("none", "append"), devices, strict=True):
            write_run(variant=variant, injection=injection, seed=seed, device=device)
    assert len(results(runs_dir).groups) == 1  # and seeds may be on another kind of device than others
    write_run(variant="replace", injection="replace", seed=3, device="cuda:0")
    with pytest.raises(ValueError, match="device of runs that are paired differs") as error:
        results(runs_dir)
    message = str(error.value)
    assert "\n" not in message
    assert "cuda in replace,data.n_train=500/seed=3" in message
    assert "seed=0" not in message


def test_a_subset_may_change_with_the_seed_but_not_with_the_arm(runs_dir: Path, write_run: WriteRun) -> None:
    for seed in range(2):
        for variant, injection in (("none", "none"), ("append", "append")):
            write_run(variant=variant, injection=injection, seed=seed)
    assert len(results(runs_dir).groups) == 1


def test_n_train_makes_groups_and_is_compared_only_within_them(runs_dir: Path, write_run: WriteRun) -> None:
    for n_train in (1000, 100):
        for seed in range(2):
            same = {"n_train": n_train, "seed": seed}
            write_run(variant="none", folder=f"none-{n_train}", **same)
            write_run(variant=f"append-{n_train}", injection="append", **same)
    groups = results(runs_dir).groups
    assert [(group.n_train, [arm.name for arm in group.arms]) for group in groups] == [
        (100, ["none", "append-100"]),
        (1000, ["none", "append-1000"]),
    ]
    chosen = results(runs_dir, control="append-100").groups
    assert [group.control.name for group in chosen if group.control] == ["append-100", "append-1000"]


def test_a_control_is_named_with_or_without_the_size_that_it_is_swept_over(runs_dir: Path, write_run: WriteRun) -> None:
    for n_train in (100, 1000):
        for arm, injection in (("none", "none"), ("append", "append")):
            variant = f"{arm},data.n_train={n_train}"
            write_run(variant=variant, injection=injection, n_train=n_train)
    for control in ("append", "append,data.n_train=100"):
        groups = results(runs_dir, control=control).groups
        assert [group.control.name for group in groups if group.control] == ["append", "append"]
        assert [arm.name for group in groups for arm, _ in group.compared] == ["none", "none"]


def test_what_every_variant_carries_is_not_part_of_a_name(runs_dir: Path, write_run: WriteRun) -> None:
    for arm, injection in (("none", "none"), ("append,gan=mlp", "append")):
        write_run(variant=f"{arm},data=mnist_5k", injection=injection)
    (group,) = results(runs_dir).groups
    assert [arm.name for arm in group.arms] == ["none", "append,gan=mlp"]
    write_run(variant="append,gan=dcgan,data=mnist", injection="append")
    (group,) = results(runs_dir).groups
    assert [arm.name for arm in group.arms] == [
        "none,data=mnist_5k",
        "append,gan=dcgan,data=mnist",
        "append,gan=mlp,data=mnist_5k",
    ]


def test_an_arm_alone_keeps_its_name(runs_dir: Path, write_run: WriteRun) -> None:
    for n_train in (100, 500):
        write_run(variant=f"data.n_train={n_train},data=mnist_5k", n_train=n_train)
    names = [arm.name for group in results(runs_dir).groups for arm in group.arms]
    assert names == ["data=mnist_5k"] * 2


def test_of_an_arm_alone_the_overrides_are_no_part_of_its_name_that_is_told(
    runs_dir: Path, write_run: WriteRun
) -> None:
    write_run(variant="none,data=mnist_5k,gan.r1_gamma=3")
    (group,) = results(runs_dir).groups
    assert [arm.name for arm in group.arms] == ["none"]
    for control in ("none", "none,data=mnist_5k,gan.r1_gamma=3"):
        assert [arm.name for arm in results(runs_dir, control=control).groups[0].arms] == ["none"]


def test_one_arm_under_two_variants_is_refused(runs_dir: Path, write_run: WriteRun) -> None:
    write_run(variant="none", n_train=100)
    write_run(variant="none,data.n_train=100", n_train=100)
    with pytest.raises(ValueError, match=r"two runs of arm='none', n_train=100, subset=0, seed=0"):
        results(runs_dir)


def test_the_whole_pool_is_a_group_of_its_own(runs_dir: Path, write_run: WriteRun) -> None:
    write_run(n_train=None)
    write_run(n_train=100, folder="none-100", subset_sha256="ff" * 32)
    assert [group.size for group in results(runs_dir).groups] == ["100", "all"]


def test_a_control_must_exist_and_is_not_guessed_among_several(runs_dir: Path, write_run: WriteRun) -> None:
    write_run(variant="none")
    write_run(variant="none-dcgan", learning_rate=1e-4)
    (group,) = results(runs_dir).groups
    assert group.control is None
    assert group.compared == ()
    (group,) = results(runs_dir, control="none").groups
    assert [arm.name for arm, _ in group.compared] == ["none-dcgan"]
    with pytest.raises(ValueError, match=r"control='nnoe' is no arm of demo; its arms: none, none-dcgan"):
        results(runs_dir, control="nnoe")


def test_two_runs_in_one_place_are_refused(runs_dir: Path, write_run: WriteRun) -> None:
    write_run(folder="none")
    write_run(folder="none-again")
    with pytest.raises(ValueError, match=r"two runs of arm='none', n_train=500, subset=0, seed=0"):
        results(runs_dir)


@pytest.mark.parametrize("n_train", [None, 500])
def test_runs_of_one_arm_with_different_settings_are_refused_at_any_size(
    runs_dir: Path, write_run: WriteRun, n_train: int | None
) -> None:
    for seed, gamma in enumerate((1.0, 5.0)):
        write_run(n_train=n_train, seed=seed, gan={"r1_gamma": gamma}, samples=False)
    with pytest.raises(ValueError, match=r"gan.r1_gamma differs \(1.0 in none.*, but 5.0 in none.*\)"):
        results(runs_dir)


def test_of_several_arms_that_inject_nothing_each_is_the_control_of_its_own_gan(
    runs_dir: Path, write_run: WriteRun
) -> None:
    for gamma in (1.0, 5.0):
        for arm, injection in (("none", "none"), ("append", "append")):
            variant = f"{arm},gan.r1_gamma={gamma:g}"
            write_run(variant=variant, injection=injection, gan={"r1_gamma": gamma}, samples=False)
    write_run(variant="append,gan.r1_gamma=9", injection="append", gan={"r1_gamma": 9.0}, samples=False)
    (group,) = results(runs_dir).groups
    assert {arm.name: control.name for arm, control in group.compared} == {
        "append,gan.r1_gamma=1": "none,gan.r1_gamma=1",
        "append,gan.r1_gamma=5": "none,gan.r1_gamma=5",
    }
    assert group.control is None


@pytest.mark.parametrize("more", [{"gate": {"name": "labels", "bar": 0.8}}, {"filter": {"name": "score", "tries": 9}}])
def test_what_an_augmentation_alone_has_hides_no_control(more, runs_dir: Path, write_run: WriteRun) -> None:
    for gamma in (1.0, 5.0):
        write_run(variant=f"none,gan.r1_gamma={gamma:g}", gan={"r1_gamma": gamma}, samples=False)
    write_run(variant="append,gan.r1_gamma=5", injection="append", gan={"r1_gamma": 5.0}, samples=False, **more)
    (group,) = results(runs_dir).groups
    assert {arm.name: control.name for arm, control in group.compared} == {
        "append,gan.r1_gamma=5": "none,gan.r1_gamma=5"
    }


def test_an_arm_with_a_view_or_a_penalty_is_a_rival_and_no_control(runs_dir: Path, write_run: WriteRun) -> None:
    write_run(variant="none")
    write_run(variant="append", injection="append")
    write_run(variant="lecam", gan={"penalty": {"lecam": {"weight": 0.3}}}, samples=False)
    write_run(variant="diffaugment", gan={"view": {"diffaugment": {"cutout": 0.5}}}, samples=False)
    more = {"loss": "relativistic", "penalty": {"r2": {"gamma": 1.0}}}
    write_run(variant="r3gan", gan=more, samples=False)
    for name, on in (("spectral_norm", True), ("dropout", 0.3)):
        write_run(variant=name, gan={name: on}, samples=False)
    (group,) = results(runs_dir).groups
    assert group.control is not None
    assert group.control.name == "none"
    rivals = ["diffaugment", "dropout", "lecam", "r3gan", "spectral_norm"]
    assert sorted(arm.name for arm, _ in group.compared) == ["append", *rivals]


def test_a_rival_whose_weight_follows_a_schedule_is_compared_as_it_is_without(
    runs_dir: Path, write_run: WriteRun
) -> None:
    """Where there are several controls."""
    lecam = {"penalty": {"lecam": {"weight": 0.3}}}
    for gamma in (1.0, 5.0):
        write_run(variant=f"none,gan.r1_gamma={gamma:g}", gan={"r1_gamma": gamma}, samples=False)
    for name, more in (("lecam", {}), ("lecam,gan_penalty_schedule=r_t", {"penalty_schedule": {"name": "r_t"}})):
        write_run(variant=name, gan={**lecam, **more, "r1_gamma": 5.0}, samples=False)
    (group,) = results(runs_dir).groups
    found = {arm.name: control.name for arm, control in group.compared}
    assert found["lecam"] == found["lecam,gan_penalty_schedule=r_t"] == "none,gan.r1_gamma=5"


def test_two_names_of_one_arm_are_not_compared_with_each_other(runs_dir: Path, write_run: WriteRun) -> None:
    for variant in ("spectral_norm", "none,gan.spectral_norm=true"):
        write_run(variant=variant, gan={"spectral_norm": True}, samples=False)
    write_run(variant="none", samples=False)
    (group,) = results(runs_dir).groups
    assert {(arm.name, control.name) for arm, control in group.compared} == {
        ("spectral_norm", "none"),
        ("none,gan.spectral_norm=true", "none"),
    }


def test_an_arm_is_compared_with_one_that_sees_through_the_same_views(runs_dir: Path, write_run: WriteRun) -> None:
    """And what all arms look through is no addition."""
    view = {"view": {"diffaugment": {"cutout": 0.5}}}
    for arm, injection in (("none", "none"), ("append", "append")):
        write_run(variant=f"{arm},da", injection=injection, gan=view, samples=False)
    (group,) = results(runs_dir).groups
    assert {arm.name: control.name for arm, control in group.compared} == {"append,da": "none,da"}
    for arm, injection in (("none", "none"), ("append", "append")):
        write_run(variant=arm, injection=injection, samples=False)
    (group,) = results(runs_dir).groups
    assert {arm.name: control.name for arm, control in group.compared} == {
        "append": "none",
        "append,da": "none,da",
        "none,da": "none",
    }


# Several experiments.


def test_experiments_that_agree_are_one_family_and_a_run_in_both_counts_once(
    runs_dir: Path, write_run: WriteRun
) -> None:
    for name, arms in (("one", ("none", "append")), ("two", ("none", "replace"))):
        for variant in arms:
            for seed in range(2):
                write_run(name=name, variant=variant, injection=variant, seed=seed, samples=False)
    found = results(runs_dir, "one", "two")
    (group,) = found.groups
    assert (group.family, list(found.families)) == ("one + two", ["one + two"])
    assert [(arm.name, len(arm.runs), len(arm.values(FD))) for arm in group.arms] == [
        ("none", 2, 2),
        ("append", 2, 2),
        ("replace", 2, 2),
    ]
    assert group.compared == ((group.arms[1], group.arms[0]), (group.arms[2], group.arms[0]))
    # What is drawn from the table is of the same runs.
    runs = found.table[["experiment", "arm", "seed"]].drop_duplicates()
    assert len(runs) == 6


def test_of_a_run_in_two_experiments_the_one_that_is_done_counts(runs_dir: Path, write_run: WriteRun) -> None:
    write_run(name="one", state="running", samples=False)
    write_run(name="two", frechet=33.0, samples=False)
    (group,) = results(runs_dir, "one", "two").groups
    assert [run.experiment for run in group.arms[0].runs] == ["two"]
    assert group.arms[0].values(FD) == [33.0]


@pytest.mark.parametrize("order", [("one", "two"), ("two", "one")])
def test_a_run_that_came_to_two_ends_is_refused_in_any_order(
    runs_dir: Path, write_run: WriteRun, order: tuple[str, str]
) -> None:
    """Else the order would decide which counts, and one that diverged vanish beside one that did not."""
    write_run(name="one", frechet=33.0, samples=False)
    write_run(name="two", frechet=34.0, samples=False)
    with pytest.raises(ValueError, match=r"^none.*/seed=0: in \w+ \w+ .* is .*, in .*; these are two reports$"):
        results(runs_dir, *order)
    shutil.rmtree(runs_dir / "two")
    write_run(name="two", state="diverged", samples=False)
    with pytest.raises(ValueError, match=r"its state is d.*, in .* d.*; these are two reports$"):
        results(runs_dir, *order)


@pytest.mark.parametrize("state", ["running", "failed"])
def test_a_run_that_diverged_counts_before_one_that_came_to_no_end(
    runs_dir: Path, write_run: WriteRun, state: str
) -> None:
    write_run(name="one", state=state, samples=False)
    write_run(name="two", state="diverged", samples=False)
    (group,) = results(runs_dir, "one", "two").groups
    assert [run.state for run in group.arms[0].runs] == ["diverged"]


@pytest.mark.parametrize("order", [("one", "two"), ("two", "one")])
def test_a_run_in_two_experiments_is_a_pair_of_the_claims_of_both(
    runs_dir: Path, write_run: WriteRun, order: tuple[str, str]
) -> None:
    """``two`` has fewer seeds of what both have, and an arm of its own, which its claim compares with that."""
    about = {"one": claim("append"), "two": claim("replace", control="append", seeds=7)}
    for name, arms, seeds in (("one", ("none", "append"), 8), ("two", ("append", "replace"), 7)):
        for variant in arms:
            for seed in range(seeds):
                fd = {"none": 40.0, "append": 30.0, "replace": 20.0}[variant] + seed
                write_run(
                    name=name, variant=variant, injection=variant, seed=seed, frechet=fd, samples=False,
                    claims=[about[name]],
                )  # fmt: skip
    found = {row.claim.treatment: row for row in verdicts(results(runs_dir, *order))}
    pairs = {name: len(row.paired.seeds) if row.paired else 0 for name, row in found.items()}
    assert pairs == {"append": 8, "replace": 7}
    assert {row.outcome for row in found.values()} == {"supported"}
    assert not any(row.late for row in found.values())


def test_two_runs_of_one_name_are_not_one_run(runs_dir: Path, write_run: WriteRun) -> None:
    """Another dose, which the file of its experiment says, stands in no name."""
    for name, gamma in (("one", 0.5), ("two", 2.0)):
        perturbation = {"name": "gaussian", "gamma": gamma}
        write_run(name=name, variant="none", samples=False)
        write_run(name=name, variant="append", injection="append", perturbation=perturbation, samples=False)
    said = r"^append.*/seed=0: in one perturbation\.gamma is 0\.5, in two 2\.0; these are two reports$"
    with pytest.raises(ValueError, match=said):
        results(runs_dir, "one", "two")


def test_what_claims_call_their_arms_by_stays_in_the_names(runs_dir: Path, write_run: WriteRun) -> None:
    """All arms that are there have it in common, and others may come."""
    stated = claim("append,gan=mlp", control="none,gan=mlp")
    for variant in ("none", "append"):
        for seed in range(2):
            write_run(variant=f"{variant},gan=mlp", injection=variant, seed=seed, samples=False, claims=[stated])
    (row,) = verdicts(results(runs_dir))
    assert row.paired is not None
    assert len(row.paired.seeds) == 2


def test_a_verdict_is_the_same_beside_an_experiment_of_another_family(runs_dir: Path, write_run: WriteRun) -> None:
    """What all names of one have in common, which its claims leave out, the other's lack; a control is named as well
    with it as without."""
    stated = claim("append", control="none", seeds=7)
    for seed in range(7):
        for arm, fd in (("none", 40.0), ("append", 30.0)):
            write_run(
                name="one", variant=f"{arm},evaluation.floor_draws=2", injection=arm, seed=seed, frechet=fd + seed,
                samples=False, claims=[stated],
            )  # fmt: skip
    write_run(name="two", variant="none", images=120_000, samples=False)
    for names in (("one", "two"), ("two", "one")):
        found = results(runs_dir, *names)
        assert len(found.families) == 2
        (row,) = verdicts(found)
        assert row.paired is not None
        assert (row.outcome, row.interim, len(row.paired.seeds)) == ("supported", False, 7)
        assert set(found.table["arm"]) == {"none", "append"}
    for control in ("append", "append,evaluation.floor_draws=2"):
        chosen = [
            group.control.name for group in results(runs_dir, "one", "two", control=control).groups if group.control
        ]
        assert chosen == ["append"]


def test_experiments_that_differ_in_gan_budget_or_data_have_groups_of_their_own(
    runs_dir: Path, write_run: WriteRun
) -> None:
    for name, more in (("one", {}), ("two", {"learning_rate": 1e-3}), ("three", {"images": 120_000})):
        for variant in ("none", "append"):
            write_run(name=name, variant=variant, injection=variant, samples=False, **more)
    found = results(runs_dir, "one", "two", "three")
    assert dict(found.families) == {"one": ("one",), "two": ("two",), "three": ("three",)}
    assert [(group.family, [arm.name for arm in group.arms]) for group in found.groups] == [
        (name, ["none", "append"]) for name in ("one", "two", "three")
    ]
    assert len({found.title(group) for group in found.groups}) == 3


def test_arms_of_one_name_that_differ_between_experiments_of_a_family_are_refused(
    runs_dir: Path, write_run: WriteRun
) -> None:
    for name, n in (("one", 5), ("two", 6)):
        write_run(name=name, variant="none", seed=n, samples=False)
        more = {"autoencoder": {"latent": n}}
        write_run(name=name, variant="append", injection="append", seed=n, samples=False, **more)
    with pytest.raises(ValueError, match=r"'one \+ two' cannot be compared: autoencoder.latent differs"):
        results(runs_dir, "one", "two")


def test_the_table_is_read_back_as_it_was_written(demo: Path, tmp_path: Path) -> None:
    table = experiment_rows(demo, ["demo"])
    table.to_parquet(tmp_path / "results.parquet", index=False)
    table.to_csv(tmp_path / "results.csv", index=False)
    for kind in ("parquet", "csv"):
        pd.testing.assert_frame_equal(read_table(tmp_path / f"results.{kind}"), table)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("nowhere.csv", None, "no such file"),
        ("results.csv", "a,b\n1,2\n", "not readable \\(.*experiment"),
        ("results.parquet", "PAR", "not readable"),
    ],
)
def test_a_file_that_is_no_table_is_named(tmp_path: Path, name: str, text: str | None, message: str) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match=message) as error:
        read_table(tmp_path / name)
    assert str(error.value).startswith(f"results={tmp_path / name}: ")
    assert "\n" not in str(error.value)


def test_a_table_without_its_experiments_order_gives_the_same_arms(demo: Path) -> None:
    table = experiment_rows(demo, ["demo"])
    shuffled = table.sample(frac=1, random_state=0)
    assert [arm.values(FD) for arm in results_of(shuffled).groups[0].arms] == [
        arm.values(FD) for arm in results_of(table).groups[0].arms
    ]
