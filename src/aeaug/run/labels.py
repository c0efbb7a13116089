"""Which options use the labels of the training images: an unconditional GAN is told none otherwise.

An option that uses them is declared here, once; every report says which of them its arms use.
"""

from collections.abc import Mapping

__all__ = ["LABELLED", "labelled", "uses_labels"]

LABELLED: Mapping[tuple[str, str], str] = {
    ("data.balanced", "True"): "the subset has its classes in equal numbers",
    ("gate.name", "labels"): "decoded images are judged by the classes of theirs, once, before anything is injected",
    ("perturbation.within", "class"): "codes are perturbed by those of their own class",
    (
        "filter.name",
        "labels",
    ): "an image is shown where a classifier takes it for its source's class",
}
"""Dotted key and value of each option that uses labels, and what for. Words, as a table of rows holds them."""


_WITHIN = "perturbation.within", "class"


def labelled(settings: Mapping[str, str]) -> dict[str, str]:
    """Of the ``settings``, dotted keys and their values in words, those that use labels, ``key=value``, and what for;
    the links of a chain too."""
    found = {f"{key}={value}": why for (key, value), why in LABELLED.items() if settings.get(key) == value}
    if "'within': 'class'" in settings.get("perturbation.links", ""):
        found["perturbation.links, within=class"] = LABELLED[_WITHIN]
    return found


def uses_labels(settings: Mapping[str, str]) -> tuple[str, ...]:
    """The options among ``settings``, dotted keys and their values in words, that use labels: ``key=value``."""
    return tuple(labelled(settings))
