"""The report's figures: each takes the results and returns a chart, or None where there is nothing to draw."""

from aeaug.report.figures.change import change_by_axis, change_by_size
from aeaug.report.figures.drawing import Chart
from aeaug.report.figures.pairs import evidence, frechet_by_arm, paired_differences
from aeaug.report.figures.quality import class_shares, cost, precision_recall
from aeaug.report.figures.training import judgements, overfitting, training_curves

__all__ = ["Chart", "change_by_axis", "change_by_size", "class_shares", "cost", "evidence",
           "frechet_by_arm", "judgements", "overfitting", "paired_differences", "precision_recall",
           "training_curves"]  # fmt: skip
