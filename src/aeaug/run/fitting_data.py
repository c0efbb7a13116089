"""Whether a run's data are there, and fit what is asked of them: said before any work, and without what trains, which
takes seconds to import."""

from pathlib import Path

from torch import Tensor

from aeaug.augmentation.requirements import require_classes
from aeaug.data.splits import Splits
from aeaug.data.subset import held_out_of
from aeaug.run.debug import few
from aeaug.run.options import RunOptions, idle_stages, is_upper_bound

__all__ = ["require_data", "require_fit"]


def require_data(options: RunOptions) -> None:
    """Raise ``ValueError``, in one line, for data that is missing or damaged, or too small, and as
    :func:`require_fit` does."""
    data = options.data
    splits = data.of.load(Path(data.place))
    if options.debug:
        splits = few(splits, data.of.shape[0])
    require_fit(options, splits, splits.subset(data.n_train, data.subset_seed, balanced=bool(data.balanced)))


def require_fit(options: RunOptions, splits: Splits, positions: Tensor) -> None:
    """Raise ``ValueError``, in one line, where of the subset at ``positions`` of the pool some class is too small for
    what is perturbed within it, or no real image is left that an upper bound could show."""
    if "perturbation" not in idle_stages(options.augmentation.name, options.source.name):
        labels, data = splits.pool_labels[positions], options.data
        if count := options.held_out(len(labels)):
            labels = labels[~held_out_of(labels, count, data.subset_seed, balanced=bool(data.balanced))]
        require_classes(options.perturbation, labels)
    beyond = options.augmentation.name != "none" and is_upper_bound(options.source.name)
    if beyond and not len(splits.fresh(positions)):
        asked = "null" if options.data.n_train is None else options.data.n_train
        raise ValueError(
            f"source={options.source.name}: data.n_train={asked} leaves no image "
            f"of data={options.data.choice} that is not in the subset"
        )
