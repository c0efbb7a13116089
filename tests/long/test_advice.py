"""A whole advice on planted arms: one that differs in name only; and, without R1, one that is known to help."""

import pytest

from aeaug.advise import advise as advising
from aeaug.run.table.reading import read_table
from tests.advise.test_advise import FAST, TWIN, command
from tests.terminal import content, typed


@pytest.fixture
def paced(monkeypatch):
    """A machine of known pace."""
    monkeypatch.setattr(advising, "measured_pace", lambda _: FAST)
    return monkeypatch


def test_of_two_arms_that_differ_in_name_only_it_says_that_there_is_no_evidence(tmp_path, paced):
    """From the command to the page, killed on its way, on a machine that is faster and then slower."""
    healthy = advising.report

    def killed(*_):
        raise KeyboardInterrupt

    paced.setattr(advising, "report", killed)
    first = typed("train", *command(tmp_path, TWIN))
    assert first.status == 130
    paced.setattr(advising, "report", healthy)
    paced.setattr(advising, "measured_pace", killed)  # it is not measured again
    before = content(tmp_path / "runs")
    again = typed("train", *command(tmp_path, TWIN))
    assert again.status == 0, again.said
    after = content(tmp_path / "runs")
    assert {name: after[name] for name in before} == before  # all runs were there

    said = again.printed.splitlines()[-1]
    assert said == (
        "no evidence that any helps: twin, the best of 1 on tuning seeds: "
        "FD +0.0% [95% interval +0.0% to +0.0%] in the classifier's features, 6 pairs"
    )
    page = (tmp_path / "reports" / "mine" / "report.html").read_text()
    body = page.partition("<body>")[2].lstrip()
    assert body.replace("<wbr>", "").startswith(f'<p class="advice">{said}</p>')
    runs = read_table(tmp_path / "reports" / "mine" / "results.parquet")[["arm", "seed"]].drop_duplicates()
    assert sorted(map(tuple, runs.to_numpy())) == [(arm, seed) for arm in ("none", "twin") for seed in range(6)]
    tuned = {path.parent.name for path in (tmp_path / "runs" / "mine_tuning").glob("*/seed=*")}
    assert tuned == {"none", "twin"}

    other = typed("train", *command(tmp_path, TWIN, "advise.minutes=1"), "--dry-run")
    assert other.printed.splitlines()[0] == (
        "advise.minutes=1: it was sized to 2 minutes, 6 pairs of runs of 400 images, and goes on so; 1 would have "
        "bought nothing, they are too few (name=… begins another)"
    )
    refused = typed("train", *command(tmp_path, TWIN, "gan.r1_gamma=3"))
    assert refused.lines == ["error: gan.r1_gamma=3.0: the advice that is there has 1.0; another name=… keeps both"]
    assert content(tmp_path / "runs") == after


def test_without_r1_it_finds_the_effect_that_is_known_to_be_there(tmp_path):
    """Appending decoded images, or R1 at a weight that suits few images, leaves a part of the FD (docs/strategies.md,
    the order of a prototype)."""
    given = ["data=mnist_5k", "data.n_train=100", "gan.r1_gamma=0", "advise.images=[76_800]", "advise.weights=[10]"]
    given += [
        "advise.arms=[append_gaussian]",
        "advise.tuning_seeds=[9000]",
        "advise.minutes=600",
        f"outputs={tmp_path}",
    ]
    ended = typed("train", "-m", "experiment=advise", *given)
    assert ended.status == 0, ended.said
    said = ended.printed.splitlines()[-1]
    assert said.startswith(("use none,gan.r1_gamma=10: expected change", "use append_gaussian: expected change"))
    assert "FD −" in said
