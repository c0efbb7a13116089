"""What a perturbation asks of the training codes, of the autoencoder, and of whatever image it is applied to."""

from collections.abc import Iterator

from torch import Tensor

from aeaug.autoencoder.networks import VARIATIONAL
from aeaug.autoencoder.options import AutoencoderOptions, ClosedFormOptions
from aeaug.perturbation.perturbation import Perturbation

__all__ = ["require_classes", "unmet"]


def unmet(
    perturbation: Perturbation,
    autoencoder: AutoencoderOptions | ClosedFormOptions,
    n_train: int | None,
    of: str,
    transforming: str | None,
    classes: int | None = None,
) -> Iterator[str]:
    """What of it these options lack, a line each.

    Args:
        perturbation: or a chain of them.
        autoencoder: whose codes they are.
        n_train: number of training codes; None: not known yet.
        of: what a line calls that number.
        transforming: what a line calls whoever applies the perturbation to other than training images; None: nobody.
        classes: how many there are, in equal numbers; None where they are not, and :func:`require_classes` is for the
            labels to answer.
    """
    links = perturbation.parts()
    for place, link in enumerate(links):
        key = f"perturbation.links.{place}" if len(links) > 1 else "perturbation"
        neighbours, components = getattr(link, "neighbours", 0), getattr(link, "components", 0)
        if n_train is not None and neighbours >= n_train:
            yield f"{key}.neighbours={neighbours}: must be below {of}"
        if n_train is not None and components > n_train:
            yield f"{key}.components={components}: must be at most {of}"
        if transforming and link.forgets:
            yield f"{transforming}: perturbation={link.name} makes images that have nothing to do with x"
        if place and link.forgets:
            yield f"{key}.name={link.name}: it makes codes anew, and nothing before it would count; it can be first"
        if link.of_deviations and (before := next((one for one in links[:place] if one.forgets), None)):
            yield f"{key}.name={link.name}: its deviations are the image's, of which {before.name} has left nothing"
        if link.of_deviations and autoencoder.network not in VARIATIONAL:
            yield (
                f"autoencoder={autoencoder.name}: perturbation={link.name} needs a variational one, "
                f"autoencoder={' or '.join(VARIATIONAL)}"
            )
        if not link.within_classes:
            continue
        if place:
            yield f"{key}.within=class: what a perturbation made has no label; it can be the first of a chain"
        if transforming:
            yield f"{transforming}: {key}.within=class, and generated images have no label"
        least = None if n_train is None or classes is None else n_train // classes
        if least is not None and least <= max(neighbours, 1):
            yield f"{key}.within=class: with {of} a class has {least} images, too few"


def require_classes(perturbation: Perturbation, labels: Tensor) -> None:
    """Raise ``ValueError`` where a class of the training images with ``labels: (N,)`` is too small for what is
    perturbed within it: where classes are not balanced, only the data say how many images the smallest has."""
    for link in perturbation.parts():
        if not link.within_classes:
            continue
        counts = labels.bincount()
        least, needed = int(counts[counts > 0].min()), max(getattr(link, "neighbours", 0), 1)
        if least <= needed:
            raise ValueError(
                f"perturbation.within=class: the smallest class of the subset has {least} image{'s' * (least > 1)}, "
                f"and {link.name} needs {needed + 1}"
            )
