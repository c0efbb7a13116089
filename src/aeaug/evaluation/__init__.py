"""How good a set of images is: features once, then every metric on them, against as many reference images."""

from aeaug.evaluation.evaluator import Evaluator
from aeaug.evaluation.features import FeatureNet, Features, extract, load_feature_net
from aeaug.evaluation.metric import Metrics

__all__ = ["Evaluator", "FeatureNet", "Features", "Metrics", "extract", "load_feature_net"]
