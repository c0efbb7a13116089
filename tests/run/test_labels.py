"""Options that use labels are told, wherever they stand."""

from aeaug.run.identity.settings import settings
from aeaug.run.labels import labelled, uses_labels
from tests.conftest import options


def of(tmp_path, *given):
    chosen = options(tmp_path, "data.n_train=200", *given).model_dump()
    return {key: "null" if value is None else str(value) for key, value in settings(chosen).items()}


def test_what_uses_labels_is_told_with_what_for(tmp_path):
    plain = of(tmp_path, "data.balanced=false")
    assert uses_labels(plain) == ()
    within = of(tmp_path, "perturbation=interpolate", "perturbation.within=class")
    assert uses_labels(within) == ("data.balanced=True", "perturbation.within=class")
    gated = of(tmp_path, "data.balanced=false", "gate=labels")
    assert uses_labels(gated) == ("gate.name=labels",)
    assert all(why for told in (within, gated) for why in labelled(told).values())


def test_a_link_of_a_chain_that_uses_labels_is_told_too(tmp_path):
    links = "perturbation.links=[{name:difference,weight:1,within:%s},{name:gaussian,gamma:0.5}]"
    told, silent = (of(tmp_path, "perturbation=chain", links % within) for within in ("class", "subset"))
    assert uses_labels(told) == ("data.balanced=True", "perturbation.links, within=class")
    assert uses_labels(silent) == ("data.balanced=True",)
