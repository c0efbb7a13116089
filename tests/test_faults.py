"""Faults, made for real: what remains after each, what the one line says, and that the way out that it names works.

Dead processes of one training are in tests/run/test_ddp.py, dead workers of a sweep in tests/sweep/test_dead_worker.py,
what is typed wrong in tests/test_wrong_inputs.py.
"""

import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
import torch
from filelock import FileLock

from aeaug.artifacts import ArtifactStore
from aeaug.faults import in_few_words
from aeaug.gan import GANModule
from aeaug.run.pipeline import Run
from tests import processes
from tests.conftest import REPOSITORY, options, tiny
from tests.terminal import content, typed

DEADLINE = 240
ARM = ["arm=append_gaussian", "variant=it"]
ENDLESS = ["budget.images=400000000", *ARM]
THREE = ["variant=null", "seed=0,1,2", "data.subset_seed=0"]  # on the subset that is measured already
# Not measured on the test split, which takes a fraction of the time: as `train` types it, and in full.
UNTESTED = "evaluation.test=false"
OF_UNTESTED = [*ARM, UNTESTED, "evaluation.classifier_steps=300"]


def command(outputs, *more):
    return [*tiny(*ARM, *more), f"outputs={outputs}"]


def train(outputs, *more):
    return typed("train", *command(outputs, *more))


def start(outputs, *more, flags=()):
    """The command in a process, and a session, of its own."""
    return processes.Process("scripts/train.py", *flags, *command(outputs, *more), session=True)


def wait_for(condition, seconds=DEADLINE):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (FileNotFoundError(2, "No such file or directory", "/a/b"), "No such file or directory"),
        (OSError("broken data stream"), "broken data stream"),
        (ValueError("one\n  two"), "one two"),
        (KeyError(), "KeyError"),
        (ValueError("x" * 500), "x" * 199 + "…"),
    ],
)
def test_an_error_says_something_in_one_line_without_the_file(error, words):
    assert in_few_words(error) == words


def run_folder(outputs):
    return outputs / "runs" / "adhoc" / "it" / "seed=0"


def state(folder):
    return json.loads((folder / "status.json").read_text())["state"]


def the_line(ended):
    """The one line of a command that could not go on."""
    assert ended.status == 1, ended
    assert len(ended.lines) == 1, ended.said
    assert ended.said.startswith("error: ")
    return ended.said.strip()


@pytest.fixture(scope="module")
def untested(measured_before, tmp_path_factory):
    """The outputs of another, that was not measured at its end."""
    outputs = tmp_path_factory.mktemp("untested")
    shutil.copytree(measured_before, outputs / "artifacts")
    Run(options(outputs, *OF_UNTESTED)).run()
    return outputs


@pytest.fixture(scope="module")
def undisturbed(measured_before, tmp_path_factory):
    """The outputs of a run that nothing happened to."""
    outputs = tmp_path_factory.mktemp("undisturbed")
    shutil.copytree(measured_before, outputs / "artifacts")
    Run(options(outputs, *ARM)).run()
    return outputs


def assert_as_undisturbed(outputs, undisturbed):
    mine, whole = run_folder(outputs), run_folder(undisturbed)
    assert state(mine) == "done"
    assert (mine / "metrics.json").read_bytes() == (whole / "metrics.json").read_bytes()
    assert (mine / "history.jsonl").read_bytes() == (whole / "history.jsonl").read_bytes()
    weights = [
        torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True)["state_dict"] for folder in (mine, whole)
    ]
    assert weights[0].keys() == weights[1].keys()
    assert all(weights[0][key].equal(weights[1][key]) for key in weights[1])
    assert (mine / "checkpoints" / "best.ckpt").read_bytes() == (whole / "checkpoints" / "best.ckpt").read_bytes()
    assert sorted(path.name for path in (mine / "checkpoints").iterdir()) == ["best.ckpt", "last.ckpt"]


# --- Killed -----------------------------------------------------------------------------------------------------------

KILLED_AT_EVERY_WRITE = """
import os, signal, sys
from itertools import count
from pathlib import Path
sys.path.insert(0, {repository!r})
import torch
torch.set_num_threads(1)
from tests.conftest import options
from aeaug.data.sets.mnist_5k import load_mnist_5k
from aeaug.run.pipeline import Run

outputs, moment = Path(sys.argv[1]), sys.argv[2]
given = sys.argv[3:]
load_mnist_5k()  # here, so that no child has to
options(outputs, *given)  # composed, too

def kill_at(number):
    seen = count(1)
    def counted(original, before):
        def call(*arguments, **named):
            if before and next(seen) == number:
                os.kill(os.getpid(), signal.SIGKILL)
            result = original(*arguments, **named)
            if not before and next(seen) == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return result
        return call
    # What is written is first flushed, then renamed.
    if moment == "flushed":
        os.fsync = counted(os.fsync, False)
    else:
        os.rename, os.replace = counted(os.rename, False), counted(os.replace, False)
        Path.replace = Path.rename = lambda self, to: os.replace(self, to)

for number in count(1):
    child = os.fork()
    if child == 0:
        kill_at(number)
        Run(options(outputs, *given)).run()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if status == 0:
        break
    assert os.WTERMSIG(status) == signal.SIGKILL, status
print(number)
"""


def test_killed_at_every_write_and_resumed_each_time(undisturbed, tmp_path):
    """Before what is written has its name; after that it is a long test."""
    assert_killed_at_every_write("flushed", undisturbed, tmp_path)


def assert_killed_at_every_write(moment, undisturbed, tmp_path):
    """The first process dies at its first write, the second at its second, and so on until one comes to the end."""
    program = KILLED_AT_EVERY_WRITE.format(repository=str(REPOSITORY))
    finished = processes.ended("-c", program, str(tmp_path), moment, *ARM, timeout=DEADLINE)
    assert finished.returncode == 0, finished.stderr
    assert int(finished.stdout.splitlines()[-1]) > 10, "it was hardly killed"
    assert_as_undisturbed(tmp_path, undisturbed)
    assert not list(run_folder(tmp_path).rglob(".*.tmp")), "of dead processes"
    assert not list((tmp_path / "artifacts").rglob("*.building-*")), "of dead processes"


@pytest.mark.cases(1)
@pytest.mark.usefixtures("stocked")
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_is_stopped_says_how_to_go_on(number, status, tmp_path):
    process = start(tmp_path, *ENDLESS)
    try:
        wait_for(lambda: (run_folder(tmp_path) / "checkpoints" / "last.ckpt").exists() or process.poll() is not None)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == status
    assert state(run_folder(tmp_path)) == "interrupted"
    assert "Traceback" not in out + err
    assert "the same command goes on" in (out + err).splitlines()[-1]
    assert "resume=auto" in the_line(train(tmp_path, *ENDLESS, "resume=false"))


@pytest.mark.long
@pytest.mark.usefixtures("stocked")
def test_a_sweep_that_is_stopped_leaves_nothing_at_work(tmp_path):
    assert_nothing_is_left_at_work(signal.SIGINT, tmp_path)


def assert_nothing_is_left_at_work(number, tmp_path):
    """By a sweep on two workers. Ctrl-C reaches every process of the terminal, SIGTERM the one that it is sent to."""
    workers = ["hydra/launcher=joblib", "hydra.launcher.n_jobs=2"]
    process = start(tmp_path, *ENDLESS, *THREE, *workers, flags=["-m"])
    try:
        wait_for(lambda: len(list((tmp_path / "runs").rglob("history.jsonl"))) == 2 or process.poll() is not None)
        if number == signal.SIGINT:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        out, err = process.communicate(timeout=60)
        wait_for(lambda: not group_exists(process.pid), 30)
    finally:
        if group_exists(process.pid):
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 128 + number
    assert "Traceback" not in out + err
    assert [state(file.parent) for file in tmp_path.rglob("status.json")] == ["interrupted"] * 2
    assert "2 interrupted of 3" in err.splitlines()[-1]
    assert "the same command goes on" in err.splitlines()[-1]


@pytest.mark.long
@pytest.mark.usefixtures("stocked")
def test_a_sweep_that_is_killed_takes_its_workers_with_it(tmp_path):
    """Nobody would take what they have done; and they would hold their runs for as long as these take."""
    workers = ["hydra/launcher=joblib", "hydra.launcher.n_jobs=2"]
    process = start(tmp_path, *ENDLESS, *THREE, *workers, flags=["-m"])
    try:
        wait_for(lambda: len(list((tmp_path / "runs").rglob("history.jsonl"))) == 2 or process.poll() is not None)
        process.kill()
        process.wait()
        wait_for(lambda: not group_exists(process.pid), 30)
    finally:
        if group_exists(process.pid):
            os.killpg(process.pid, signal.SIGKILL)
    assert [state(file.parent) for file in tmp_path.rglob("status.json")] == ["interrupted"] * 2


def group_exists(leader):
    try:
        os.killpg(leader, 0)
    except ProcessLookupError:
        return False
    return True


# --- Bugs, and two at once -------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("stocked")
@pytest.mark.parametrize("error", [KeyError("weights"), ValueError("too many values to unpack (expected 2)")])
def test_a_bug_keeps_its_traceback_and_says_where_the_log_is(error, tmp_path, monkeypatch):
    def broken(*_):
        raise error

    monkeypatch.setattr(GANModule, "training_step", broken)
    ended = train(tmp_path, UNTESTED)
    assert ended.status == 1
    assert "Traceback (most recent call last)" in ended.said
    assert "in broken" in ended.said
    log = run_folder(tmp_path) / "run.log"
    assert ended.lines[-1] == f"error: {type(error).__name__} is a bug of aeaug's; the log of the run is {log}"
    assert "in broken" in log.read_text()
    assert state(run_folder(tmp_path)) == "failed"
    monkeypatch.undo()
    assert_goes_on(tmp_path, UNTESTED)


def test_of_two_processes_in_one_folder_the_second_is_refused(half, tmp_path):
    outputs = tmp_path / "outputs"
    shutil.copytree(half, outputs)
    folder = run_folder(outputs)
    with FileLock(folder / ".lock"):
        before = content(outputs)
        line = the_line(train(outputs, UNTESTED))
        assert content(outputs) == before
    assert str(folder) in line
    assert "another process is at work" in line


# --- Disks ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def disk(tmp_path):
    """A disk of its own: ``disk(options)`` mounts it, and again with others."""
    place, mounted = tmp_path / "disk", []
    place.mkdir()

    def mount(how):
        arguments = ["mount", "-t", "tmpfs", "-o", f"remount,{how}" if mounted else how, "tmpfs", str(place)]
        if shutil.which("mount") is None or subprocess.run(arguments, capture_output=True).returncode:
            pytest.skip("a disk cannot be mounted here")
        mounted.append(how)
        return place

    yield mount
    if mounted:
        subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    "kilobytes", [8, 40, *(pytest.param(size, marks=pytest.mark.long) for size in (200, 500, 900)), 1400]
)
def test_a_full_disk_is_named_and_room_is_enough_to_go_on(kilobytes, disk, undisturbed, untested):
    """It is full at another write for every size, always before the end is measured: only one goes on to that."""
    more = [] if kilobytes == 1400 else [UNTESTED]
    outputs = disk(f"size={kilobytes}k") / "outputs"
    line = the_line(train(outputs, *more))
    assert str(outputs) in line
    assert "No space left on device: free some space" in line
    disk("size=64m")
    assert_goes_on(outputs, *more)
    assert_as_undisturbed(outputs, untested if more else undisturbed)


def assert_goes_on(outputs, *more):
    ended = train(outputs, *more)
    assert (ended.status, ended.said) == (0, ""), ended.said


def test_a_read_only_disk_is_refused_before_work_and_read_all_the_same(disk, undisturbed, tmp_path):
    outputs = disk("size=64m") / "outputs"
    shutil.copytree(undisturbed, outputs)
    disk("ro")
    for ended in (train(outputs, "seed=1"), typed("report", "experiment=adhoc", f"outputs={outputs}")):
        line = the_line(ended)
        assert str(outputs) in line
    folder = run_folder(outputs)
    assert f"outputs={outputs}" in the_line(typed("evaluate", f"run={folder}", f"outputs={outputs}"))
    ended = typed("evaluate", f"run={folder}", f"outputs={tmp_path / 'elsewhere'}", "trainer.progress=false")
    assert ended.status == 0, ended.said
    assert "the same, bit for bit" in ended.printed


# --- Damaged files ----------------------------------------------------------------------------------------------------


def torn(file):
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def hostile(file):
    """Would run code, or fill the memory, if it were believed."""
    if file.suffix == ".ckpt":
        torch.save({"progress": _Evil()}, file)
    elif file.suffix == ".yaml":
        file.write_text("!!python/object/apply:os.system ['touch executed']\n")
    else:
        file.write_text("[" * 100_000)


class _Evil:
    def __reduce__(self):
        return (os.system, ("touch executed",))


def a_folder(file):
    file.unlink()
    file.mkdir()


def flipped(file):
    """One bit, in the middle."""
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def of_half_its_lines(file):
    """Half of its lines, which are YAML still."""
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(lines[: len(lines) // 2]))


DAMAGES = [Path.unlink, torn, hostile, a_folder]  # more are in tests/run/test_files.py
OF_A_RUN = ["config.yaml", "status.json", "history.jsonl", "claims.jsonl", "checkpoints/last.ckpt"]
OF_A_RUN += ["checkpoints/best.ckpt"]
UNREAD = ["history.jsonl", "claims.jsonl"]  # where a finished run is measured again


@pytest.fixture(scope="module")
def half(measured_before, tmp_path_factory):
    """The outputs of a run that was killed after its first of two epochs."""
    outputs = tmp_path_factory.mktemp("half")
    shutil.copytree(measured_before, outputs / "artifacts")
    program = (
        f"import sys, os, signal; sys.path.insert(0, {str(REPOSITORY)!r}); import torch; torch.set_num_threads(1)\n"
        "from aeaug.gan import GANModule; from aeaug.run.pipeline import Run; from tests.conftest import options\n"
        "healthy = GANModule._step\n"
        "def step(self, *given):\n"
        "    if self.images_seen == 300: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return healthy(self, *given)\n"
        "GANModule._step = step\n"
        f"Run(options({str(outputs)!r}, *{OF_UNTESTED!r})).run()\n"
    )
    killed = processes.ended("-c", program, timeout=DEADLINE)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert state(run_folder(outputs)) == "running"
    return outputs


def follow(line, outputs):
    """Do what the line says: delete the folder, or the file, that it names; return the options that it asks for."""
    if "stale=redo moves it aside" in line:
        return ["stale=redo"]
    named = re.search(r"delete (?:the (?:folder|file) )?(/\S+?)[,;:)]*(?:\s|$)", line)
    named = named or re.search(r"artifact (/\S+) is damaged .*: delete the folder to rebuild it$", line)
    assert named, line
    place = Path(named[1])
    assert place.is_relative_to(outputs)
    shutil.rmtree(place) if place.is_dir() else place.unlink()
    return []


@pytest.mark.cases(8)
@pytest.mark.parametrize(
    ("name", "damage"),
    [*itertools.product(OF_A_RUN, DAMAGES), ("config.yaml", of_half_its_lines)],
    ids=lambda given: getattr(given, "__name__", given),
)
def test_a_damaged_file_of_a_run_that_is_gone_on_with(name, damage, half, untested, tmp_path, monkeypatch):
    """Either the run gets by without it, or one line names it and a way out; both end in the same bits."""
    monkeypatch.chdir(tmp_path)
    outputs = tmp_path / "outputs"
    shutil.copytree(half, outputs)
    damage(run_folder(outputs) / name)
    ended = train(outputs, UNTESTED)
    if ended.status:
        line = the_line(ended)
        assert name.rpartition("/")[2] in line
        assert_goes_on(outputs, UNTESTED, *follow(line, outputs))
    assert_as_undisturbed(outputs, untested)
    assert not list(tmp_path.rglob("executed"))


def test_a_flipped_bit_in_the_last_checkpoint_is_found(half, untested, tmp_path):
    outputs = tmp_path / "outputs"
    shutil.copytree(half, outputs)
    flipped(run_folder(outputs) / "checkpoints" / "last.ckpt")
    ended = train(outputs, UNTESTED)
    if ended.status:
        follow(the_line(ended), outputs)
        assert_goes_on(outputs, UNTESTED)
    assert "last.ckpt" in ended.said + ended.printed
    assert_as_undisturbed(outputs, untested)


@pytest.mark.cases(2)
@pytest.mark.parametrize(
    ("name", "damage"),
    [
        *(("manifest.json", damage) for damage in (Path.unlink, hostile, flipped)),
        *(("autoencoder.ckpt", damage) for damage in (torn, hostile, flipped)),
        ("report.json", a_folder),
    ],
)
def test_a_damaged_autoencoder(name, damage, half, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    outputs = tmp_path / "outputs"
    shutil.copytree(half, outputs)
    (file,) = (outputs / "artifacts" / "autoencoder").rglob(name)
    damage(file)
    line = the_line(train(outputs, UNTESTED))
    assert str(file.parent) in line
    follow(line, outputs)
    assert_goes_on(outputs, UNTESTED)
    assert state(run_folder(outputs)) == "done"
    (rebuilt,) = (outputs / "artifacts" / "autoencoder").rglob("manifest.json")
    ArtifactStore(outputs / "artifacts").find("autoencoder", rebuilt.parent.name)
    assert not list(tmp_path.rglob("executed"))


@pytest.fixture
def finished(undisturbed, tmp_path, monkeypatch):
    """A copy of a finished run, to be damaged, in the outputs that are its own."""
    monkeypatch.chdir(tmp_path)
    return run_folder(shutil.copytree(undisturbed, tmp_path / "outputs"))


def assert_says_what(ended, names):
    """Either the damage does not matter, or a line names what is damaged; nothing of it is executed."""
    if ended.status:
        assert any(name.rpartition("/")[2] in the_line(ended) for name in names)
    else:
        assert "Traceback" not in ended.said + ended.printed
    assert not list(Path.cwd().rglob("executed"))


@pytest.mark.cases(4)
@pytest.mark.parametrize("damage", [Path.unlink, hostile], ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("name", [*OF_A_RUN, "metrics.json"])
def test_a_damaged_file_of_a_finished_run_that_is_reported_on(name, damage, finished):
    damage(finished / name)
    assert_says_what(typed("report", "experiment=adhoc", "outputs=outputs"), [name])


@pytest.mark.cases(3)
@pytest.mark.parametrize("damage", [Path.unlink, hostile], ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("names", [[name] for name in [*OF_A_RUN, "metrics.json"] if name not in UNREAD] + [UNREAD])
def test_damaged_files_of_a_finished_run_that_is_measured_again(names, damage, finished):
    for name in names:
        damage(finished / name)
    shutil.copytree("outputs/artifacts", "again/artifacts")  # what is not damaged, for speed
    ended = typed("evaluate", f"run={finished}", "outputs=again", "trainer.progress=false")
    assert_says_what(ended, names)
    if names == UNREAD:
        assert ended.status == 0
