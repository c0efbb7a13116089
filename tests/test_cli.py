"""The commands as a user types them."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys

import hydra
import pytest

from aeaug.sweep.composition.overrides import CONF
from aeaug.sweep.plan.plan import plan_of
from tests.conftest import REPOSITORY, TINY, tiny
from tests.processes import ended

NUMBERS = [override for override in TINY if override not in ("trainer=cpu", "trainer.progress=false")]


def call(script, *arguments, timeout=240):
    return ended(f"scripts/{script}.py", *arguments, timeout=timeout)


@pytest.fixture(scope="module")
def swept(measured_before, tmp_path_factory):
    """The demo in miniature: its arms and its launcher, two seeds, of which one has its floors already."""
    outputs = tmp_path_factory.mktemp("sweep")
    shutil.copytree(measured_before, outputs / "artifacts")
    numbers = [override for override in NUMBERS if not override.startswith(("data=", "autoencoder"))]
    sizes = ["experiment=demo", "seed=0,1", "exploratory=true", "autoencoder.steps=4", "gan.r1_gamma=5"]
    sizes += ["claims.0.differs=[augmentation]"]  # with one weight of R1 for both
    finished = call("train", "-m", *sizes, *numbers, f"outputs={outputs}", timeout=400)
    return outputs, finished


def test_a_sweep_runs_every_arm_and_shows_one_bar(swept):
    outputs, finished = swept
    assert finished.returncode == 0, finished.stderr
    states = {
        p.parent.relative_to(outputs / "runs"): json.loads(p.read_text())["state"] for p in outputs.rglob("status.json")
    }
    arms = ("none", "append_gaussian")
    found = {(path.parts[0], path.parts[1].partition(",")[0], path.parts[2]) for path in states}
    assert found == {("demo", arm, f"seed={seed}") for arm in arms for seed in (0, 1)}
    assert len(states) == 4
    assert set(states.values()) == {"done"}
    assert "sweep demo: 100%" in finished.stderr
    assert "4.0 of 4 runs" in finished.stderr
    assert finished.stderr.rstrip().endswith("4 done of 4; their report: python scripts/report.py experiment=demo")
    assert "GPU available" not in finished.stderr + finished.stdout, "what Lightning says at every start"


@pytest.fixture(scope="module")
def reported(swept):
    """What the command said that made its report."""
    outputs, _ = swept
    return call("report", "experiment=demo", f"outputs={outputs}")


def test_its_report_has_every_run(swept, reported):
    outputs, finished = swept[0], reported
    assert finished.returncode == 0, finished.stderr
    assert "append_gaussian" in finished.stdout
    folder = outputs / "reports" / "demo"
    with (folder / "results.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len({(row["arm"], row["n_train"], row["seed"]) for row in rows}) == 4
    page = (folder / "report.html").read_text()
    assert "With 100 training images, does" in page  # the experiment's own question
    assert len(list((folder / "pictures").rglob("generated.png"))) == 2  # of one seed of every arm


def test_a_report_can_be_made_again_from_its_table_alone(swept, reported, tmp_path):
    outputs, first = swept[0], reported
    table = shutil.copy(outputs / "reports" / "demo" / "results.parquet", tmp_path / "a, b=c.parquet")
    again = call("report", f"results={table}", f"outputs={tmp_path / 'elsewhere'}")
    assert again.returncode == 0, again.stderr
    shown = [finished.stdout.partition("\nReport: ")[0] for finished in (first, again)]
    assert shown[0] == shown[1]
    assert list((tmp_path / "elsewhere").rglob("report.html"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["gan.beta1=2"], "error: gan.beta1=2: input should be less than 1"),
        (["-m", "seed=0,1", "trainer=ddp"], "error: trainer.devices=2: a sweep runs on one device a job"),
    ],
)
def test_what_is_wrong_is_said_before_any_work(arguments, message, tmp_path):
    """In a process of its own; many more are in tests/test_wrong_inputs.py."""
    flags = [argument for argument in arguments if argument.startswith("-")]
    rest = [argument for argument in arguments if not argument.startswith("-")]
    finished = call("train", *flags, *NUMBERS, *rest, f"outputs={tmp_path / 'out'}")
    assert finished.returncode == 1
    assert message in finished.stderr
    assert "Traceback" not in finished.stderr
    assert not (tmp_path / "out" / "runs").exists()


@pytest.mark.parametrize(
    ("given", "then"),
    [
        ({}, ("3000", None)),
        ({"GOMP_SPINCOUNT": "7"}, ("7", None)),
        ({"OMP_WAIT_POLICY": "active"}, (None, "active")),
    ],
    ids=["nothing", "count", "policy"],
)
def test_threads_wait_briefly_unless_the_user_says_how(given, then):
    """It is said before PyTorch is imported, for OpenMP reads it then."""
    keys = ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")
    env = {key: value for key, value in os.environ.items() if key not in keys} | given
    program = f"import aeaug.cli, os, sys; print([*map(os.environ.get, {keys}), 'torch' in sys.modules])"
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=env, cwd=REPOSITORY)
    assert finished.stdout.strip() == str([*then, False]), finished.stderr


def test_so_they_do_where_speed_is_measured():
    """In the benchmark, which comes to PyTorch without the commands."""
    env = {key: value for key, value in os.environ.items() if key not in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")}
    program = """
import os, runpy, sys
sys.modules["torch"] = None
try:
    runpy.run_path("scripts/benchmark.py")
except ModuleNotFoundError as error:
    print(error.name, os.environ["GOMP_SPINCOUNT"])
"""
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=env, cwd=REPOSITORY)
    assert finished.stdout.strip() == "torch 3000", finished.stderr


# Runs a script and says, after what the script said, what it imported and how long the processor was at it.
MEASURE = """
import runpy, sys, time
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
finally:
    heavy = {"torch", "lightning", "torchvision", "torchmetrics", "scipy", "pandas", "matplotlib"} & set(sys.modules)
    print(f"imported: {sorted(heavy)}; seconds: {time.process_time()}", file=sys.stderr)
"""


def measured(script, *arguments):
    """What the script printed, which of the slow packages it imported, and its processor seconds."""
    program = f"import sys; sys.argv = {[f'scripts/{script}.py', *arguments]!r}; {MEASURE}"
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=REPOSITORY)
    output = finished.stdout + finished.stderr
    imported, seconds = re.search(r"^imported: (.*); seconds: (.*)$", output, re.MULTILINE).groups()
    assert "Traceback" not in output
    return output, imported, float(seconds)


@pytest.mark.cases(7)
@pytest.mark.parametrize(
    ("script", "arguments", "says"),
    [
        ("train", ["--help"], "perturbation"),
        ("train", ["--cfg", "job"], "lr_generator: "),
        ("train", ["gan.lrr=1"], "gan.lrr"),
        ("train", ["gan=stylegan"], "stylegan"),
        ("train", ["-m", "gann=mlp"], "gann"),
        ("train", ["-m", "seed=0,1", "gan.lrr=1"], "gan.lrr"),
        ("report", ["--help"], "experiment=demo"),
        ("report", ["experimnt=demo"], "experimnt"),
        ("report", [], "nothing to report"),
        ("evaluate", ["--help"], "images=my_images.npy"),
        ("evaluate", ["--cfg", "job"], "n_images: "),
        ("evaluate", ["image=mine.npy"], "image=mine.npy"),
        ("status", ["--help"], "--watch"),
        ("status", ["outputs=nowhere"], "there are no runs"),
        ("sample", ["--help"], "out=grid.png"),
        ("sample", ["runn=x"], "did you mean run?"),
        ("augment", ["--help"], "out=augmented.tar"),
        ("augment", ["perturbation=gausian"], "did you mean gaussian?"),
        ("tune", ["--help"], "gan/loss: [hinge, non_saturating]"),
        ("tune", ["tunne.space=r1"], "did you mean tune?"),
        ("tune", ["gan.lrr=1"], "gan.lrr"),
        ("sample", ["run=nowhere", "out=images.npy"], "run=nowhere: no such folder"),
    ],
)
def test_what_needs_no_work_imports_nothing_that_does_it(script, arguments, says):
    output, imported, seconds = measured(script, *arguments)
    assert says in output
    assert imported == "[]"
    assert 0.02 < seconds < 5  # two, where nobody else is on the core


@pytest.mark.parametrize(
    ("script", "arguments"),
    [
        ("train", ["-m", "seed=-1"]),
        pytest.param("train", ["seed=-1"], marks=pytest.mark.long),
        pytest.param("evaluate", ["images=a", "seed=-1"], marks=pytest.mark.long),
    ],
)
def test_a_wrong_value_is_found_without_lightning(script, arguments):
    output, imported, _ = measured(script, *arguments)
    assert "error: seed=-1: input should be greater" in output
    assert imported == "['torch']"  # in which options are written


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "error: nothing to report: say experiment=<name> or results=<results.parquet of an earlier report>"),
    ],
)
def test_what_is_no_report_is_said_in_one_line(arguments, message):
    finished = call("report", *arguments)
    assert (finished.returncode, finished.stdout, finished.stderr) == (1, "", f"{message}\n")


def test_every_run_folder_that_help_and_documents_name_is_one_of_the_demo():
    with hydra.initialize_config_dir(CONF, version_base="1.3"):
        jobs = plan_of(hydra.compose("train", ["experiment=demo"], return_hydra_config=True)).jobs
    folders = {str(folder) for folder in jobs}
    texts = [call("evaluate", "--help").stdout, (REPOSITORY / "docs" / "evaluation.md").read_text()]
    named = [set(re.findall(r"run=(outputs/runs/\S+)", text)) for text in texts]
    assert all(named)
    assert set.union(*named) <= folders


def unread(*command):
    """The command with its output into a pipe that nobody reads: exit status, and what it said to no pipe."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        finished = ended(*command, stdout=writer)
    finally:
        os.close(writer)
    return finished.returncode, finished.stderr


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("script", "argument"),
    [("train", "--help"), ("report", "--help"), ("evaluate", "--help"), ("status", "--help"), ("train", "--cfg=job")],
)
def test_a_reader_may_leave_before_the_end(script, argument):
    assert unread(f"scripts/{script}.py", argument) == (0, "")


def test_its_status_is_told_from_any_shell_without_pytorch(swept):
    outputs, _ = swept
    said, imported, _ = measured("status", f"outputs={outputs}", "experiment=demo")
    assert imported == "[]"
    assert said.startswith("demo: 4 runs\n")
    assert re.search(r"^arm +size +done$", said, re.MULTILINE), said
    assert sorted(re.findall(r"^\w+\S* +(\S+ +\d+)$", said, re.MULTILINE)) == ["100     2"] * 2, said
    assert (outputs / "runs" / "demo" / ".plan.json").exists()


def test_a_reader_of_the_report_may_leave_before_its_end(swept):
    outputs, _ = swept
    status, said = unread("scripts/report.py", "experiment=demo", f"outputs={outputs}")
    assert (status, "Broken" in said, "Traceback" in said) == (0, False, False)


@pytest.mark.usefixtures("stocked")
def test_a_run_that_nobody_watches_any_more_goes_on(tmp_path):
    """As in ``train.py 2>&1 | head``."""
    numbers = [override for override in tiny("evaluation.test=false") if override != "trainer.progress=false"]
    reader, writer = os.pipe()
    os.close(reader)
    finished = ended("scripts/train.py", *numbers, f"outputs={tmp_path}", stdout=writer, stderr=writer)
    os.close(writer)
    assert finished.returncode == 0
    (status,) = tmp_path.rglob("status.json")
    assert json.loads(status.read_text())["state"] == "done"


@pytest.mark.long
def test_a_reports_control_is_an_arm_whatever_its_name(swept, tmp_path):
    outputs, _ = swept
    misspelt = call("report", "experiment=demo", f"outputs={outputs}", "control=append_gaussian,perturbation.gamma=0.1")
    assert misspelt.returncode == 1
    assert misspelt.stderr.startswith("error: control='append_gaussian,perturbation.gamma=0.1'")
    assert len(misspelt.stderr.splitlines()) == 1
    assert misspelt.stderr.strip().endswith("its arms: append_gaussian, none")
    control = "append_gaussian,perturbation.gamma=0.1"
    shutil.copytree(outputs / "runs" / "demo", tmp_path / "runs" / "demo")
    (tmp_path / "runs" / "demo" / "append_gaussian").rename(tmp_path / "runs" / "demo" / control)
    for config in (tmp_path / "runs" / "demo" / control).rglob("config.yaml"):
        config.write_text(config.read_text().replace("variant: append_gaussian\n", f"variant: {control}\n"))
    finished = call("report", "experiment=demo", f"outputs={tmp_path}", f"control={control}")
    assert finished.returncode == 0, finished.stderr


def test_an_unknown_experiment_has_no_report(swept):
    outputs, _ = swept
    finished = call("report", "experiment=dmeo", f"outputs={outputs}")
    assert finished.returncode == 1
    assert "demo" in finished.stderr  # what there is
    assert "Traceback" not in finished.stderr
