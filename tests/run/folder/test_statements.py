"""Claims are stated once, with the time and with how far the run was."""

import json

import pytest
import yaml

from aeaug.run.claims import Claim
from aeaug.run.folder.folder import RunFolder
from aeaug.run.folder.statements import state_claims, stated_claims
from tests.conftest import CLAIM, options


def claim(**changes):
    return Claim(**CLAIM | {"statement": "It helps: γ = ½, in a\u2028second line."} | changes)


FIRST, SECOND, THIRD = claim(), claim(metric="coverage", direction="higher"), claim(smallest_effect=0.2)


@pytest.fixture
def folder(tmp_path):
    """Starts a run with claims and leaves it where a kill would, after so many images; returns its statements."""

    def start(*claims, images=0):
        chosen = options(tmp_path, "arm=none")
        folder = RunFolder(chosen.model_copy(update={"claims": claims}))
        folder.check()
        folder.open()
        folder.status.update(images=images)
        folder.close()
        return folder.path

    return start


def said(folder):
    return [(statement.images, Claim(**statement.claim)) for statement in stated_claims(folder)]


def test_claims_of_a_fresh_run_are_stated_beforehand(folder):
    path = folder(FIRST, SECOND)
    assert said(path) == [(0, FIRST), (0, SECOND)]
    line = json.loads((path / "claims.jsonl").read_text().split("\n")[0])
    assert line == {"stated": line["stated"], "images": 0, "claim": FIRST.model_dump(mode="json")}
    assert line["stated"] >= json.loads((path / "status.json").read_text())["started"]


def test_claims_that_are_edited_between_a_kill_and_a_resumption_are_stated_then(folder):
    folder(FIRST, SECOND, images=400)
    before = (folder() / "claims.jsonl").read_bytes()
    folder(images=600)
    path = folder(THIRD, FIRST)
    assert said(path) == [(0, FIRST), (0, SECOND), (600, THIRD)]
    assert (path / "claims.jsonl").read_bytes().startswith(before)
    assert len(yaml.safe_load((path / "config.yaml").read_text())["claims"]) == 2  # of the last start
    assert said(folder(SECOND)) == [(0, FIRST), (0, SECOND), (600, THIRD)]


def test_what_the_curve_shows_was_shown_though_no_checkpoint_was_written(folder):
    path = folder()
    (path / "history.jsonl").write_text('{"images": 200}\n')
    assert said(folder(FIRST)) == [(200, FIRST)]


def test_no_claims_are_none(folder, tmp_path):
    assert stated_claims(tmp_path / "nowhere") == []
    path = folder()
    assert (path / "claims.jsonl").read_text() == ""
    assert said(path) == []


@pytest.mark.parametrize("cut", [1, 10, -70])
def test_a_line_that_a_kill_cut_short_was_never_stated(folder, cut):
    folder(FIRST, images=200)
    path = folder(FIRST, SECOND)
    file = path / "claims.jsonl"
    lines = file.read_bytes().split(b"\n")
    for position in range(len(lines[1])):  # in the middle of a letter of several bytes too
        file.write_bytes(lines[0] + b"\n" + lines[1][:position])
        assert said(path) == [(0, FIRST)]
    file.write_bytes(lines[0] + b"\n" + lines[1][:cut])
    state_claims(path, [SECOND], "2026-11-25T00:00:00+00:00", 400)
    assert said(path) == [(0, FIRST), (400, SECOND)]


def test_a_complete_line_that_is_no_statement_is_named(folder):
    path = folder(FIRST)
    with (path / "claims.jsonl").open("a") as file:
        file.write("{}\n")
    with pytest.raises(ValueError, match=r"claims\.jsonl is not readable \(line 2: no statement of a claim"):
        stated_claims(path)


@pytest.fixture
def earlier(folder):
    """The folder of a version that had no such file."""
    path = folder(FIRST, SECOND, images=400)
    (path / "claims.jsonl").unlink()
    status = json.loads((path / "status.json").read_text())
    (path / "status.json").write_text(json.dumps(status | {"started": "2026-11-22T07:00:00+00:00"}))
    return path


def test_an_earlier_versions_claims_are_those_of_its_config(earlier):
    assert said(earlier) == [(0, FIRST), (0, SECOND)]
    assert {statement.stated for statement in stated_claims(earlier)} == {"2026-11-22T07:00:00+00:00"}
    assert not (earlier / "claims.jsonl").exists()  # reading writes nothing


def test_an_earlier_versions_run_keeps_them_when_it_is_resumed_with_others(earlier, folder):
    beforehand = stated_claims(earlier)
    assert folder(THIRD) == earlier
    assert stated_claims(earlier)[:2] == beforehand
    assert said(earlier) == [(0, FIRST), (0, SECOND), (400, THIRD)]


def test_a_claim_that_todays_rules_refuse_stays_as_it_was_stated(earlier, folder):
    config = yaml.safe_load((earlier / "config.yaml").read_text())
    config["claims"][0]["metric"] = "a metric of then"
    (earlier / "config.yaml").write_text(yaml.safe_dump(config))
    folder(FIRST)
    statements = stated_claims(earlier)
    assert [(s.images, s.claim["metric"]) for s in statements] == [
        (0, "a metric of then"),
        (0, "coverage"),
        (400, "frechet_distance"),
    ]
