"""How good a set of images is: features once, then every metric on them, against as many reference images."""

from aeaug.evaluation.evaluator import Evaluator
from aeaug.evaluation.features import (
    SPACES,
    Extractor,
    FeatureNet,
    Features,
    Space,
    extract,
    load_feature_net,
    load_feature_nets,
)
from aeaug.evaluation.metric import Metrics

__all__ = [
    "SPACES",
    "Evaluator",
    "Extractor",
    "FeatureNet",
    "Features",
    "Metrics",
    "Space",
    "extract",
    "load_feature_net",
    "load_feature_nets",
]
