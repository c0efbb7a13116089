"""What is measured and shown of a run's models, once, when they are trained: above all stages but the report."""

from aeaug.assessment.assess import assess
from aeaug.assessment.floors import floors
from aeaug.assessment.pictures import code_sets, comparison, nearest_training_images

__all__ = ["assess", "code_sets", "comparison", "floors", "nearest_training_images"]
