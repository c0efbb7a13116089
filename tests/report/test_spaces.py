"""Reports of runs in other feature spaces than those of the package."""

import json
import re
from pathlib import Path

import pytest
import yaml

from aeaug.report.results import Results
from aeaug.report.setting import setting
from aeaug.report.tables import metrics_table
from aeaug.report.tables.arms import arms_table
from aeaug.run.metrics import METRICS
from tests.report.conftest import results, write_demo

FD, KID = METRICS["frechet_distance"], METRICS["kernel_distance"]
NAMES = {"classifier": "torch_fidelity:vgg16", "self_supervised": "random"}


def renamed(runs: Path, features: int, names: dict[str, str] = NAMES) -> None:
    """Let all runs have been measured in these spaces, the leading one of so many ``features``."""
    for path in runs.rglob("metrics.json"):
        text = path.read_text()
        for old, new in names.items():
            text = text.replace(f'"{old}": ', f'"{new}": ')
        found = json.loads(text) | {"num_features": dict(zip(names.values(), (features, 96), strict=True))}
        path.write_text(json.dumps(found))
        config = yaml.safe_load(path.with_name("config.yaml").read_text())
        config.setdefault("evaluation", {})["spaces"] = list(names.values())
        path.with_name("config.yaml").write_text(yaml.safe_dump(config))


def of_runs(tmp_path: Path, features: int) -> tuple[Results, Results]:
    """The same runs in the package's spaces, and in others."""
    write_demo(tmp_path / "plain")
    write_demo(tmp_path / "other")
    renamed(tmp_path / "other", features)
    return results(tmp_path / "plain"), results(tmp_path / "other")


def test_everything_is_read_in_the_space_that_leads(tmp_path: Path):
    plain, other = of_runs(tmp_path, 96)
    assert other.spaces == ("torch_fidelity:vgg16", "random")
    for one, same in zip(plain.runs, other.runs, strict=True):
        assert same.lead == "torch_fidelity:vgg16"
        for metric in METRICS.values():
            assert one.of(metric) == same.of(metric), metric.key
            assert one.of(metric, "real") == same.of(metric, "real")
        assert one.of(FD, space="self_supervised") == same.of(FD, space="random")
        assert one.curve == same.curve
    before, now = (arms_table(one) for one in (plain, other))
    assert before is not None
    assert now is not None
    assert [row.cells for row in now.rows] == [row.cells for row in before.rows]
    assert [head.replace("label-free", "random") for head in before.columns] == list(now.columns)


def test_tables_name_the_spaces_and_their_hashes(tmp_path: Path):
    plain, other = of_runs(tmp_path, 96)
    for table in (arms_table(other), metrics_table(other, ["distance"])):
        assert table is not None
        assert re.search(r"the leading one first: torch_fidelity:vgg16 \([0-9a-f]{12}…\), random \(d4d4", table.remark)
    said = dict(setting(other))
    assert "SHA-256" not in str(said.get("SHA-256 of the data")).replace("…", "")
    assert said["of the net behind vgg16's features"].endswith("…")
    assert said["of the net behind features of a random net"].startswith("d4d4d4d4d4d4")
    assert "Feature spaces" not in arms_table(plain).remark  # type: ignore[union-attr]
    assert not [label for label in said if label.startswith("distance that leads")]


@pytest.mark.parametrize(("features", "leads"), [(333, FD), (334, KID), (2_048, KID)])
def test_the_kernel_distance_leads_where_a_thousand_images_are_too_few(tmp_path: Path, features: int, leads):
    _, other = of_runs(tmp_path, features)
    assert other.distance("torch_fidelity:vgg16") is leads
    assert other.distance("random") is FD
    arms, every = arms_table(other), metrics_table(other, ["distance"])
    assert arms is not None
    assert every is not None
    first = [head for head in arms.columns if head.partition(" ")[0] in ("FD", "KID") or head.startswith("KID,")]
    assert first[0].startswith(leads.label)
    assert every.columns[1].startswith(leads.label)
    said = dict(setting(other))
    assert ("distance that leads in vgg16's features" in said) == (leads is KID)
    if leads is KID:
        values = sorted(value for run in other.runs if run.arm == "none" and (value := run.of(KID)) is not None)
        cell = arms.rows[0].cells[arms.columns.index("KID ↓")]
        assert cell.startswith(f"{values[1]:.4f}".replace("-", "−"))
        change = arms.rows[1].cells[arms.columns.index("KID, paired change")]
        assert "%" not in change  # a distance that may be negative has no relative change
        assert change.count(",") == 1


def test_runs_that_lead_in_different_spaces_do_not_compare(tmp_path: Path):
    write_demo(tmp_path / "runs")
    config = next(path for path in sorted((tmp_path / "runs").rglob("config.yaml")) if "none" in str(path))
    content = yaml.safe_load(config.read_text())
    config.write_text(yaml.safe_dump(content | {"evaluation": {"spaces": ["self_supervised", "classifier"]}}))
    with pytest.raises(ValueError, match=r"leading feature space differs .*self_supervised in none") as caught:
        results(tmp_path / "runs")
    assert "\n" not in str(caught.value)
