"""In how many features an advice measures: what decides whether there are images enough, and by which distance."""

from aeaug.advise.asked import Advice
from aeaug.evaluation.few_images import are_few
from aeaug.evaluation.spaces.fidelity import fidelity_net
from aeaug.run.enough import leading_features

__all__ = ["distance_of", "features_of"]


def features_of(advice: Advice) -> int:
    """Those of an image in the leading space; a net of others is fetched where it is not there. Raises
    :class:`aeaug.faults.Fault` where it cannot be had."""
    plain, found = advice.plain, leading_features(advice.plain)
    if found is None:
        net, _ = fidelity_net(plain.spaces[0], plain.data.of)
        return net.num_features
    return found


def distance_of(advice: Advice) -> str:
    """The metric that an advice is about: FD, of few test images that to many generated ones."""
    return "frechet_distance_few" if are_few(advice.plain.data.of.test, features_of(advice)) else "frechet_distance"
