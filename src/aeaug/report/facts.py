"""What a verdict's numbers rest on, in words: its units, their variances, and what the runs were helped by."""

from collections import defaultdict

import numpy as np

from aeaug.evaluation.reading import number
from aeaug.report.judgement import Verdict
from aeaug.report.pairs import over_sizes
from aeaug.report.statistics import variance_components

__all__ = ["facts"]


def facts(row: Verdict) -> tuple[str, ...]:
    """A phrase each: which units there are; where subsets and initialisations are crossed, both standard deviations;
    training images that a feature net has seen; runs that went on after they had been measured; autoencoders that were
    not trained for a fixed number of steps."""
    return (*_units(row), *_helped(row))


def _units(row: Verdict) -> list[str]:
    said, shared = [], [size for size in row.sizes if size.found.shared]
    if row.by_seed:
        said.append("over initialisations: all seeds share one training set, and nothing is said of others")
    elif shared:
        where = " and ".join(size.group.size for size in shared)
        said.append(f"with {where} images all seeds share one training set")
    crossed: dict[int, list[float]] = defaultdict(list)
    for (subset, _), difference in over_sizes([size.found.measured for size in row.sizes]).items():
        crossed[subset].append(difference)
    if not row.by_seed and (found := variance_components(list(crossed.values()))) is not None:
        between, within = np.sqrt(found)
        said.append(
            f"{len(crossed)} subsets, {sum(map(len, crossed.values()))} pairs: standard deviation {between:.2g} "
            f"between subsets, {within:.2g} between initialisations"
        )
    return said


def _helped(row: Verdict) -> list[str]:
    arms = [arm for size in row.sizes for arm in (size.treatment, size.control) if arm is not None]
    seen = max((run.counts.get("data.net_seen", 0.0) for arm in arms for run in arm.runs), default=0.0)
    said = [f"{number(seen)} of the training images were seen by the feature nets"] * bool(seen)
    stopped = {
        f"{arm.name}: autoencoder.stopping={word}"
        for arm in arms
        if (word := arm.settings.get("autoencoder.stopping", "fixed")) != "fixed"
    }
    runs = [run for arm in arms for run in arm.runs]
    if before := [run.words["extended"] for run in runs if "extended" in run.words]:
        said.append(
            f"{len(before)} of {len(runs)} runs had been measured before, at {' and '.join(dict.fromkeys(before))} "
            "images, and went on: this budget was chosen after a look"
        )
    return [*said, *sorted(stopped)]
