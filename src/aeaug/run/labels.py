"""Which options use the labels of the training images: an unconditional GAN is told none otherwise.

An option that uses them is declared here, once; every report says which of them its arms use.
"""

from collections.abc import Mapping

__all__ = ["LABELLED", "uses_labels"]

LABELLED: Mapping[tuple[str, str], str] = {
    ("data.balanced", "True"): "the subset has its classes in equal numbers",
    ("perturbation.within", "class"): "codes are perturbed by those of their own class",
}
"""Dotted key and value of each option that uses labels, and what for. Words, as a table of rows holds them."""


def uses_labels(settings: Mapping[str, str]) -> tuple[str, ...]:
    """The options among ``settings``, dotted keys and their values in words, that use labels: ``key=value``."""
    return tuple(f"{key}={value}" for key, value in LABELLED if settings.get(key) == value)
