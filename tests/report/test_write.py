"""A report stands whole or not at all, in its own folder and nowhere else."""

import os
import shutil
from pathlib import Path

import pandas as pd
import pytest

from aeaug.faults import Fault
from aeaug.report.write import report
from aeaug.run.table import COLUMNS
from aeaug.run.table.reading import read_table
from tests.report.conftest import run_directory


def write_runs(outputs: Path) -> Path:
    """Runs of two arms, with no more to draw than there must be."""
    for seed in range(2):
        run_directory(outputs / "runs", seed=seed, old=True)
        run_directory(outputs / "runs", variant="append-gaussian", injection="append", seed=seed, old=True)
    return outputs


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    return write_runs(tmp_path)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a report, made once; read only."""
    return report(["demo"], None, write_runs(tmp_path_factory.mktemp("made"))).html.parent


def files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.long
def test_a_report_that_cannot_be_written_leaves_the_earlier_one(outputs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report(["demo"], None, outputs)
    before = files(outputs)

    def full(*given: object) -> str:
        raise OSError(28, "No space left on device")

    for what in ("render", "write_whole", "copy_picture", "gather_pictures"):
        with monkeypatch.context() as patch:
            patch.setattr(f"aeaug.report.write.{what}", full)
            if what != "copy_picture":
                with pytest.raises(OSError, match="No space left"):
                    report(["demo"], None, outputs)
        assert files(outputs) == before


def test_a_full_disk_is_named(outputs: Path, mounted: Path) -> None:
    shutil.copytree(outputs / "runs", mounted / "runs")
    free = os.statvfs(mounted)
    (mounted / "filler").write_bytes(b"x" * (free.f_bavail * free.f_bsize - 2**15))
    with pytest.raises(OSError, match="No space left") as caught:
        report(["demo"], None, mounted)
    assert str(caught.value.filename).startswith(str(mounted / "reports" / "demo"))
    assert files(mounted / "reports") == {}


@pytest.mark.long
def test_strays_are_swept_and_figures_of_earlier_reports_go(outputs: Path) -> None:
    folder = report(["demo"], None, outputs).html.parent
    before = {path.relative_to(folder) for path in files(folder)}
    (folder / ".new-killed.tmp").mkdir()
    (folder / ".new-killed.tmp" / "half").write_text("")
    (folder / "figures" / "of-then.png").write_text("")
    report(["demo"], None, outputs)
    assert {path.relative_to(folder) for path in files(folder)} == before
    assert not (folder / ".new-killed.tmp").exists()


def test_outputs_that_cannot_be_written_are_refused_before_a_run_is_read(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("")
    with pytest.raises(Fault, match=r"^outputs=.*reports is not a writable folder"):
        report(["there is none"], None, tmp_path)
    for place in ("/proc", "/sys"):
        with pytest.raises(Fault, match=rf"^outputs={place}: {place} is not a writable folder"):
            report(["there is none"], None, Path(place))


def test_a_table_without_pictures_shows_none_of_an_earlier_report(made: Path, tmp_path: Path) -> None:
    """They are of other runs, whatever these are called; those beside a report's own table stay."""
    folder = tmp_path / "reports" / "demo"
    shutil.copytree(made, folder)
    report(None, folder / "results.parquet", tmp_path)
    assert files(folder / "pictures") == {
        folder / path.relative_to(made): png for path, png in files(made / "pictures").items()
    }
    assert files(folder / "pictures")
    shutil.copy(made / "results.parquet", tmp_path)
    report(None, tmp_path / "results.parquet", tmp_path)
    assert not (folder / "pictures").exists()


@pytest.mark.parametrize(
    "way",
    ["../../secret", *(pytest.param(way, marks=pytest.mark.long) for way in ("/secret", "a\0b", "x" * 5000)), "link"],
)
def test_a_table_cannot_show_what_lies_outside_its_pictures(made: Path, tmp_path: Path, way: str) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "generated.png").write_bytes(b"a secret")
    table = read_table(made / "results.parquet")
    where = str(secret) if way.startswith("/") else way
    table.loc[(table["set"] == "record") & (table["metric"] == "folder"), "note"] = where
    table.to_csv(tmp_path / "hostile.csv", index=False)
    shutil.copytree(made / "pictures", tmp_path / "pictures")
    (tmp_path / "pictures" / "demo" / "link").symlink_to(secret)
    html = report(None, tmp_path / "hostile.csv", tmp_path / "new").html.read_text()
    assert "YSBzZWNyZXQ" not in html  # the secret, in base64


def test_what_a_table_calls_a_setting_leads_nowhere(made: Path, tmp_path: Path) -> None:
    table = read_table(made / "results.parquet")
    name = "../../../../../" + str(tmp_path / "escaped") + "x" * 300
    more = table[(table["set"] == "setting") & (table["metric"] == "perturbation.name")].copy()
    more = more.assign(metric=name, note="5")
    both = pd.concat([table, more, *(_arm(table, more, n) for n in (1, 2))], ignore_index=True)
    both.to_csv(tmp_path / "hostile.csv", index=False)
    paths = report(None, tmp_path / "hostile.csv", tmp_path / "new")
    assert any("change-by-" in path.name for path in paths.figures)
    assert all(path.is_file() and path.parent == paths.html.parent / "figures" for path in paths.figures)
    assert all(path.parent == paths.html.parent / "figures" for path in tmp_path.rglob("*escaped*"))


def _arm(table: pd.DataFrame, more: pd.DataFrame, n: int) -> pd.DataFrame:
    """Another arm, the same as the first but for that setting."""
    arm = table[table["arm"] == "append-gaussian"].copy()
    arm["arm"] = f"../{n}"
    arm.loc[arm["metric"] == "folder", "note"] = f"elsewhere {n}"
    settings = more[more["arm"] == "append-gaussian"].assign(arm=f"../{n}", note=str(n + 2))
    return pd.concat([arm, settings])


def hostile(column: str, value: object) -> object:
    return lambda table: table.assign(**{column: value})


@pytest.mark.parametrize(
    "change",
    [
        hostile("seed", "x"),
        hostile("seed", None),
        hostile("seed", 1.5),
        hostile("seed", 2**70),
        hostile("n_train", "many"),
        hostile("images", "some"),
        hostile("value", "much"),
        lambda table: table.assign(set="claim", note="{}"),
        lambda table: table[:1].assign(set="claim", note="[" * 100_000),
        lambda table: table.assign(set="claim", note='{"stated": null, "claim": {}}'),
        lambda table: table.drop(columns="note"),
        lambda table: table[:0],
    ],
)
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_table_of_another_kind_is_said_in_one_line(made: Path, tmp_path: Path, change: object, kind: str) -> None:
    table = change(read_table(made / "results.parquet").astype(object))  # type: ignore[operator]
    file = tmp_path / f"hostile.{kind}"
    if kind == "csv":
        table.to_csv(file, index=False)
    else:
        table.astype({name: "str" for name in COLUMNS if name in table}).to_parquet(file)
    with pytest.raises(Fault, match=rf"^results={file}: ") as caught:
        read_table(file)
    assert "\n" not in str(caught.value)


def test_a_table_of_others_does_not_take_the_place_of_a_report_of_other_runs(made: Path, tmp_path: Path) -> None:
    """The runs that it is of may be gone."""
    theirs, outputs = tmp_path / "theirs.csv", tmp_path / "outputs"
    table = read_table(made / "results.parquet")
    table[table["seed"] == 0].to_csv(theirs, index=False)
    report(None, made / "results.parquet", outputs)
    before = files(outputs)
    with pytest.raises(
        ValueError, match=rf"^results={theirs}: .*/reports/demo is a report of 2 runs that it lacks; "
    ) as caught:
        report(None, theirs, outputs)
    assert "\n" not in str(caught.value)
    assert files(outputs) == before
    table.assign(value=table["value"] + 1).to_csv(tmp_path / "newer.csv", index=False)
    report(None, tmp_path / "newer.csv", outputs)  # of all of them
    (outputs / "reports" / "demo" / "results.parquet").write_bytes(b"PAR1")
    report(None, theirs, outputs)
    report(None, theirs, tmp_path / "others")


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + bytes(100) + b"PAR1", b"\xff\xfe", b"a,b\n1", b'"' * 1000])
@pytest.mark.parametrize("name", ["a.csv", "a.parquet", "a.txt"])
def test_bytes_that_are_no_table_are_said_in_one_line(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Fault, match=rf"^results={tmp_path / name}: ") as caught:
        read_table(tmp_path / name)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["folder", "pipe", "nothing"])
def test_what_is_no_file_is_no_table(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "a.csv"
    if kind != "nothing":
        (os.mkfifo if kind == "pipe" else os.mkdir)(place)
    with pytest.raises(Fault, match="no such file"):
        read_table(place)
