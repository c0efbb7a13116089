"""An autoencoder below its bar ends a run, or leaves the GAN as it is without one: bit for bit, also after a kill."""

import json

import pytest

from aeaug.faults import Fault
from aeaug.run import pipeline
from aeaug.run.identity.settings import settings as settings_of
from aeaug.run.labels import uses_labels
from aeaug.run.pipeline import Run
from aeaug.run.table.rows import rows
from tests.conftest import options
from tests.run.runs import UNTESTED, interrupted, metrics_of, same_weights
from tests.run.runs import run as whole_run
from tests.run.test_again import of_run

pytestmark = pytest.mark.usefixtures("stocked")

LABELS = ["gate=labels", "gate.steps=3"]
ERROR = ["gate=error", "autoencoder.stopping=hold_out", "autoencoder.check_every=2"]
ALL, NONE = {"labels": "gate.bar=0", "error": "gate.bar=1"}, {"labels": "gate.bar=1", "error": "gate.bar=0"}
SKIP = [*LABELS, NONE["labels"], "gate.below=skip"]


def run(outputs, *overrides):
    return whole_run(outputs, UNTESTED, *overrides)


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    return run(tmp_path_factory.mktemp("bare"), "arm=none")


@pytest.mark.parametrize("gate", [LABELS, ERROR], ids=["labels", "error"])
def test_what_everything_passes_changes_nothing(gate, tmp_path):
    kind = gate[0].removeprefix("gate=")
    arm = ["arm=append_gaussian", *(given for given in gate if given.startswith("autoencoder."))]
    plain = run(tmp_path, *arm, "variant=plain")
    gated = run(tmp_path, *arm, *gate, ALL[kind], "variant=gated")
    assert same_weights(plain, gated)
    assert plain.folder.read_history() == gated.folder.read_history()
    one, other = metrics_of(plain), metrics_of(gated)
    verdict = other.pop("gate")
    assert (verdict["kind"], verdict["passed"]) == (kind, True)
    assert one | {"variant": "gated"} == other, "and nothing is said of a gate where there is none"


@pytest.mark.cases(1)
@pytest.mark.parametrize("arm", ["append_gaussian", "two_sided_gaussian", "consistency_gaussian", "append_noise"])
def test_what_nothing_passes_leaves_the_arm_none(arm, bare, tmp_path):
    skipped = run(tmp_path, f"arm={arm}", *SKIP)
    assert same_weights(bare, skipped)
    found, expected = metrics_of(skipped), metrics_of(bare)
    assert found["work"] == expected["work"]
    assert found["work"]["synthetic"] == 0
    assert found["gate"].keys() == {"kind", "value", "bar", "passed", "real"}
    assert (found["gate"]["kind"], found["gate"]["bar"], found["gate"]["passed"]) == ("labels", 1.0, False)
    assert skipped.folder.read_history() == bare.folder.read_history()


def test_one_that_is_stopped_by_a_hold_out_is_judged_by_it(bare, tmp_path):
    skipped = run(tmp_path, "arm=replace_gaussian", *ERROR, NONE["error"], "gate.below=skip")
    assert same_weights(bare, skipped)
    assert 0 < metrics_of(skipped)["gate"]["value"] < 1


@pytest.mark.parametrize("gate", [LABELS, ERROR], ids=["labels", "error"])
def test_a_refusal_is_one_line_before_the_gan_trains(gate, tmp_path):
    kind = gate[0].removeprefix("gate=")
    refused = Run(options(tmp_path, UNTESTED, "arm=append_gaussian", *gate, NONE[kind], "variant=x"))
    with pytest.raises(
        Fault, match=rf"^gate={kind}: .* is 0(\.\d+)?, and has to be at (least|most) gate\.bar=[01]( \(.*\))?: "
    ) as caught:
        refused.run()
    assert "\n" not in str(caught.value)
    assert refused.folder.state() == "failed"
    assert not refused.folder.checkpoint.exists()
    assert not refused.folder.metrics.exists()
    assert not refused.folder.history.exists()
    # Nothing was lost, so that whoever changes the bar may begin there.
    assert metrics_of(run(tmp_path, "arm=append_gaussian", *gate, ALL[kind], "variant=x"))["gate"]["passed"]


@pytest.mark.parametrize("bar", [ALL["labels"], NONE["labels"]])
def test_a_run_that_was_interrupted_goes_on_to_the_same_bits_and_is_not_judged_again(bar, tmp_path, monkeypatch):
    overrides = ["arm=append_gaussian", *LABELS, bar, "gate.below=skip"]
    whole = run(tmp_path, *overrides, "variant=whole")
    interrupted(monkeypatch, tmp_path, UNTESTED, *overrides, "variant=halted")
    monkeypatch.setattr(pipeline, "verdict_of", lambda *given: 1 / 0)
    resumed = run(tmp_path, *overrides, "variant=halted")
    assert same_weights(whole, resumed)
    assert metrics_of(whole) | {"variant": "halted"} == metrics_of(resumed)


def test_one_that_was_stopped_before_it_trained_is_judged_again_to_the_same_end(tmp_path, monkeypatch):
    overrides = ["arm=append_gaussian", *SKIP]
    whole = run(tmp_path, *overrides, "variant=whole")
    halted = Run(options(tmp_path, UNTESTED, *overrides, "variant=halted"))
    monkeypatch.setattr(pipeline, "untrained", lambda options: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        halted.run()
    monkeypatch.undo()
    resumed = run(tmp_path, *overrides, "variant=halted")
    assert metrics_of(whole) | {"variant": "halted"} == metrics_of(resumed)


@pytest.mark.long
def test_it_is_told_wherever_a_run_is_and_measured_again_as_it_was(tmp_path):
    skipped = Run(options(tmp_path, "arm=append_gaussian", *SKIP))
    skipped.run()
    found = metrics_of(skipped)
    assert set(found["floors"]) == {"real", "copy", "pixels"}, "nothing decoded was injected"
    assert found["leak"]["share_decoded"] is None
    assert f"nothing injected (gate=labels: {found['gate']['value']:.3g}, bar 1)" in skipped.summary()
    table = rows(skipped.folder.path).set_index("metric")
    assert table.loc["gate_value", "value"] == found["gate"]["value"]
    assert table.loc["gate_passed", "value"] == 0
    assert table.loc["synthetic_share", "value"] == 0
    told = {key: str(value) for key, value in settings_of(skipped.options.model_dump()).items()}
    assert "gate.name=labels" in uses_labels(told)
    again = of_run(skipped.folder.path, tmp_path).measure()
    assert again.record["agreement"]["different"] == {}
    assert again.record["agreement"]["new"] == []


def test_without_a_gate_nothing_is_said_of_one(bare):
    assert "gate" not in metrics_of(bare)
    assert json.loads((bare.folder.path / "status.json").read_text())["gate"] is None
    assert "gate.name" not in settings_of(bare.options.model_dump())
    assert "gate_passed" not in rows(bare.folder.path).dropna(subset="value")["metric"].tolist()
