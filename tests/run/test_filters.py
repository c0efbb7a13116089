"""Filters and hard codes through the whole pipeline: limits, interruptions, what is counted, what is refused."""

import pytest
import torch

from aeaug.augmentation.filters import score
from aeaug.gan.snapshot import Snapshot
from aeaug.run.options import unused
from aeaug.run.parts import source_of
from aeaug.run.resumption import untrained
from aeaug.run.table.rows import rows
from aeaug.training.checkpoint import read_checkpoint, restore
from tests.conftest import options
from tests.run.runs import UNTESTED, interrupted, metrics_of, run, same_weights


def without(key, history):
    return [{name: value for name, value in entry.items() if name != key} for entry in history]


@pytest.mark.parametrize("way", ["append", "replace"])
def test_where_everything_is_accepted_an_arm_is_what_it_is_without_a_filter(way, tmp_path, monkeypatch):
    monkeypatch.setattr(score, "least_logit", lambda logits, quantile: torch.tensor(-torch.inf))
    plain = run(tmp_path, f"arm={way}_gaussian", UNTESTED, "variant=plain")
    filtered = run(tmp_path, f"arm={way}_gaussian", "filter=score", UNTESTED, "variant=filtered")
    assert same_weights(filtered, plain)
    history = filtered.folder.read_history()
    assert without("acceptance", history) == plain.folder.read_history()
    assert [entry["acceptance"] for entry in history] == [1, 1]
    work = metrics_of(filtered)["work"]
    assert work == {**metrics_of(plain)["work"], "drawn": work["synthetic"], "accepted": work["synthetic"]}


def test_where_nothing_is_accepted_it_trains_as_with_duplicates_and_shows_none(tmp_path, monkeypatch):
    monkeypatch.setattr(score, "least_logit", lambda logits, quantile: torch.tensor(torch.inf))
    copies = run(tmp_path, "arm=append_duplicates", UNTESTED, "variant=copies")
    filtered = run(tmp_path, "arm=append_score", "filter.tries=3", UNTESTED, "variant=filtered")
    assert same_weights(filtered, copies)
    assert without("acceptance", filtered.folder.read_history()) == copies.folder.read_history()
    work, injected = metrics_of(filtered)["work"], metrics_of(copies)["work"]["synthetic"]
    assert (work["real"], work["synthetic"], work["drawn"], work["accepted"]) == (400, 0, 3 * injected, 0)


ASKING = {
    "hard T": ["augmentation=two_sided", "perturbation=hard"],
    "both": ["arm=replace_hard", "filter=score", "filter.tries=2", "source=rounded", "gan.spectral_norm=true"],
}


@pytest.mark.cases(1)
@pytest.mark.parametrize("given", ASKING.values(), ids=list(ASKING))
def test_a_run_that_was_interrupted_goes_on_to_the_same_bits(given, tmp_path, monkeypatch):
    """What asks the discriminator asks that of the checkpoint."""
    overrides = [*given, UNTESTED, "budget.images=600"]
    whole = run(tmp_path, *overrides, "variant=whole")
    interrupted(monkeypatch, tmp_path, *overrides, "variant=halted")
    resumed = run(tmp_path, *overrides, "variant=halted")
    assert same_weights(resumed, whole)
    assert resumed.folder.read_history() == whole.folder.read_history()
    assert metrics_of(resumed)["work"] == metrics_of(whole)["work"]
    if "accepted" in (work := metrics_of(whole)["work"]):
        assert 0 < work["accepted"] < work["drawn"]


def test_at_the_end_it_is_the_discriminator_of_the_last_checkpoint_that_is_asked(tmp_path):
    """It finds hard images less real than those of the codes that they come from."""
    there = run(tmp_path, "arm=append_hard", UNTESTED)
    assert there.source.snapshot.identity == Snapshot(there.module, torch.device("cpu")).identity
    hard = there.source.sample(torch.arange(100), 0)
    with torch.no_grad():
        plain = there.source.autoencoder.decode(there.source.codes.z)
        judged = [there.module.judge(images) for images in (hard, plain)]
    assert (judged[0] < judged[1]).float().mean() > 0.95


def test_what_was_fed_is_rebuilt_from_the_last_checkpoint_and_what_was_accepted_stands_in_the_table(tmp_path):
    there = run(tmp_path, *ASKING["both"], UNTESTED)
    trained, checkpoint = untrained(there.options), there.folder.checkpoint
    restore(read_checkpoint(checkpoint, "sorry"), trained)
    fed = source_of(there.options, there.artifact, there.data, trained)
    assert fed.identity == there.source.identity
    assert fed.sample(torch.arange(50), 0).equal(there.source.sample(torch.arange(50), 0))
    table, work = rows(there.folder.path), metrics_of(there)["work"]
    assert table.loc[table["metric"] == "acceptance_rate", "value"].tolist() == [work["accepted"] / work["drawn"]]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["augmentation=two_sided", "filter=score"], "augmentation=two_sided: filter=score judges images that are inj"),
        (["augmentation=consistency", "filter=labels"], "augmentation=consistency: filter=labels judges images that"),
        (["arm=append_duplicates", "filter=manifold"], "source=duplicates: filter=manifold would have but real images"),
        (["arm=append_fresh", "filter=score"], "source=fresh: filter=score would have but real images to judge"),
        (["arm=append_score", "budget.match=real"], "budget.match=real: with filter=score it is not known beforehand"),
        (["arm=append_noise", "perturbation=hard"], "source=noise: its dose is that of decoding, which changes"),
        (["arm=append_score", "gan.r1_gamma=own"], "gan.r1_gamma=own: tuned for "),
    ],
)
def test_what_does_not_go_together_is_refused_in_one_line(given, said, tmp_path):
    with pytest.raises(ValueError, match=f"^{said}"):
        options(tmp_path, *[one for one in given if not one.startswith("perturbation")], *given[1:])


def test_every_way_of_injection_takes_one_and_without_injection_it_is_idle(tmp_path):
    for way in ("append", "replace", "append_consistency", "replace_consistency"):
        assert "filter" not in unused(options(tmp_path, f"augmentation={way}", "filter=labels"))
    assert unused(options(tmp_path, "arm=none", "filter=labels"))["filter"]
