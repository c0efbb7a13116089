"""The report's figures: each takes the results and returns a chart, or None where there is nothing to draw."""

from aeaug.report.figures.association import autoencoder_quality
from aeaug.report.figures.change import change_by_axis, change_by_size
from aeaug.report.figures.course import change_over_training
from aeaug.report.figures.drawing import Chart
from aeaug.report.figures.intervals import claim_intervals, effect_intervals
from aeaug.report.figures.pairs import evidence, frechet_by_arm, paired_differences
from aeaug.report.figures.profile import performance_profile
from aeaug.report.figures.quality import class_shares, cost, precision_recall
from aeaug.report.figures.training import judgements, overfitting, training_curves

__all__ = ["Chart", "autoencoder_quality", "change_by_axis", "change_by_size", "change_over_training",
           "claim_intervals", "class_shares", "cost", "effect_intervals", "evidence", "frechet_by_arm",
           "judgements", "overfitting", "paired_differences", "performance_profile", "precision_recall",
           "training_curves"]  # fmt: skip
