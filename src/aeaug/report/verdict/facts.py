"""What a verdict's numbers rest on, in words: its units, their variances, and what the runs were helped by."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import numpy as np

from aeaug.evaluation.reading import amount, number
from aeaug.report.arms import Arm
from aeaug.report.statistics.equal_seconds import moments
from aeaug.report.statistics.exact_test import variance_components
from aeaug.report.statistics.halves import unlike_halves
from aeaug.report.statistics.pairs import Key, over_sizes
from aeaug.report.statistics.trend import BENT, crossing_text
from aeaug.report.verdict.judgement import Verdict
from aeaug.run.claims import EQUAL_SECONDS, FEWEST_READINGS
from aeaug.run.identity.settings import differing
from aeaug.run.metrics import METRICS
from aeaug.run.options import is_upper_bound
from aeaug.run.records import RunRecord
from aeaug.run.weight_of_r1 import is_tuned

__all__ = ["facts", "few_readings", "readings", "telling_facts", "units"]


_MODES = METRICS["modes"]


def facts(row: Verdict) -> tuple[str, ...]:
    """A phrase each: which units there are; what the choice of few test images makes; arms that have collapsed; where
    subsets and initialisations are crossed, both standard deviations; best readings out of few, or the seconds at which
    pairs are compared; weights of R1 that are not the tuned ones; training images that a feature net has seen; images
    beyond the training subset that an arm was shown; runs that went on after they had been measured; autoencoders that
    were not trained for a fixed number of steps; pairs whose halves were made under different circumstances; where a
    trend's effect is 0; what its metric does not tell; and first of all, in what the two arms differ besides what the
    claim says."""
    crossing, caution = _crossing(row), row.claim.measure.caution
    of_units = _units(row)
    rests_on = (*_few_images(row), *_collapsed(row), *_read(row), *_tuned(row), *_helped(row), *_unlike(row))
    return (*_besides(row), *of_units, *[crossing] * bool(crossing), *rests_on, *[caution] * bool(caution))


def telling_facts(row: Verdict) -> tuple[str, ...]:
    """Those without which its number is taken for another one: of arms that differ in more than is said, of one
    training set alone, of a trend that is no straight line, against an arm that has collapsed, at a weight of R1 that
    nobody tuned, with few readings to choose the best from."""
    crossing = _crossing(row)
    bent = [crossing] * crossing.startswith(BENT)
    of_one = _units(row) if row.by_seed else ()
    return (*_besides(row), *of_one, *bent, *_collapsed(row), *_tuned_in_short(row), *_few(row))


def readings(runs: Iterable[RunRecord]) -> list[int]:
    """Of how many readings the best of a run is one, each number once."""
    return sorted({int(count) for run in runs if (count := run.numbers.get(("generated", "of", "best", "")))})


def few_readings(runs: Iterable[RunRecord]) -> str:
    """How few readings the best of a run was chosen from, where they are fewer than a claim about it needs."""
    few = [count for count in readings(runs) if count < FEWEST_READINGS]
    return f"the best reading is the best of {' or '.join(map(str, few))}, {FEWEST_READINGS} are wanted" if few else ""


def units(differences: Mapping[Key, float], *, by_seed: bool) -> list[str]:
    """What pairs with these ``differences`` are, ``by_seed`` where all share one training set."""
    if by_seed:
        return ["over initialisations: all seeds share one training set, and nothing is said of others"]
    crossed: dict[int, list[float]] = defaultdict(list)
    for (subset, _), difference in differences.items():
        crossed[subset].append(difference)
    if (found := variance_components(list(crossed.values()))) is None:
        return []
    between, within = np.sqrt(found)
    return [
        f"{len(crossed)} subsets, {sum(map(len, crossed.values()))} pairs: standard deviation {between:.2g} "
        f"between subsets, {within:.2g} between initialisations"
    ]


def _units(row: Verdict) -> list[str]:
    shared = [size.group.size for size in row.sizes if size.found.shared]
    said = [f"with {' and '.join(shared)} images all seeds share one training set"] * bool(shared and not row.by_seed)
    if row.claim.of == "spread" and not row.by_seed:  # an initialisation has no deviation of its own
        pairs = over_sizes([size.found.measured for size in row.sizes])
        subsets = len({subset for subset, _ in pairs})
        crossed = f"{subsets} subsets, {len(pairs)} pairs: the value of a subset is the mean of its initialisations"
        return [*said, *[crossed] * (subsets < len(pairs))]
    return [*said, *units(over_sizes([size.found.measured for size in row.sizes]), by_seed=row.by_seed)]


def _besides(row: Verdict) -> list[str]:
    """In what treatment and control differ that the claim does not name: its file is held to that before a run, and
    runs of other files, or of several experiments, are not. Where it names nothing, what no arm is about."""
    stated, found = row.claim.differs, dict[str, None]()
    for size in row.sizes:
        if size.treatment is None or size.control is None:
            continue
        both = size.treatment.settings, size.control.settings
        for section, keys in differing(*both).items():
            if section in stated if stated is not None else section not in ("data", "budget", "trainer", "evaluation"):
                continue
            for key in keys:
                treatment, control = (one.get(key, "not set") for one in both)
                found[f"{key}={treatment} in {size.treatment.name}, {control} in {size.control.name}"] = None
    return [f"the arms differ in more than the claim says: {'; '.join(found)}"] * bool(found)


def _crossing(row: Verdict) -> str:
    """Where the effect of a trend ends."""
    if row.claim.of != "trend":
        return ""
    sizes = {n_train: units for n_train, units in row.by_size.items() if n_train is not None}
    lost = any(size.lost for size in row.sizes)
    text = crossing_text(list(sizes), list(sizes.values()))
    return f"{text}, of measured pairs" if text and lost else text


def _few_images(row: Verdict) -> list[str]:
    if row.images is None:
        return []
    low, high = (amount(end, row.claim.quantity) for end in row.images.interval)
    return [f"by the choice of the {number(row.images.images)} test images alone, 95% interval {low} to {high}"]


def _arms(row: Verdict) -> list[Arm]:
    return [arm for size in row.sizes for arm in (size.treatment, size.control) if arm is not None]


def _read(row: Verdict) -> list[str]:
    if row.claim.reading == EQUAL_SECONDS:
        found = [
            moment
            for size in row.sizes
            if size.treatment is not None and size.control is not None
            for moment in moments(size.treatment, size.control)
        ]
        between = dict.fromkeys(number(end) for end in (min(found), max(found))) if found else {}
        return [
            f"compared after {' to '.join(between)} processor seconds, where the faster run of a pair ended"
        ] * bool(found)
    return _few(row)


def _few(row: Verdict) -> list[str]:
    said = few_readings(run for arm in _arms(row) for run in arm.runs)
    return [said] * bool(said)


def _collapsed(row: Verdict) -> list[str]:
    """Arms whose images are of half of the classes that real images have, or fewer: at the claim's reading, by the
    median over runs."""
    reading, said = "best" if row.claim.reading == "best" else "end", dict[str, None]()
    for size in row.sizes:
        for arm in (size.treatment, size.control):
            runs = () if arm is None else arm.runs
            found = [value for run in runs if (value := run.of(_MODES, reading=reading)) is not None]
            real = [value for run in runs if (value := run.of(_MODES, "real")) is not None]
            if arm is not None and found and real and (left := np.median(found)) <= np.median(real) / 2:
                of = f"{left:g} of {np.median(real):g} classes among its images"
                said[f"the arm {arm.name} has collapsed with {size.group.size} images: {of}"] = None
    return list(said)


def _tuned(row: Verdict) -> list[str]:
    """Where an arm's weight of R1 is none that was tuned."""
    return [f"{name} with {size} images: gan.r1_gamma={word}" for name, size, word in _untuned(row)]


def _tuned_in_short(row: Verdict) -> list[str]:
    """The same of all arms at once, where there is R1: without it nothing is left to tune."""
    words = dict.fromkeys(word for *_, word in _untuned(row) if not word.startswith("0,"))
    return [f"gan.r1_gamma={' and '.join(words)}"] * bool(words)


def _untuned(row: Verdict) -> list[tuple[str, str, str]]:
    """Arms, sizes, and what is said of their weights of R1 that nobody tuned, each once."""
    return list(
        dict.fromkeys(
            (arm.name, size.group.size, word)
            for size in row.sizes
            for arm in (size.treatment, size.control)
            if arm is not None
            for run in arm.runs
            if (word := run.words.get("weight_of_r1", "")) and not is_tuned(word)
        )
    )


def _unlike(row: Verdict) -> list[str]:
    both = [(one.treatment, one.control) for one in row.sizes if one.treatment is not None and one.control is not None]
    said = unlike_halves(both)
    return [f"halves of pairs were not trained alike: {said}"] * bool(said)


def _helped(row: Verdict) -> list[str]:
    arms = _arms(row)
    fresh = sorted({arm.name for arm in arms if is_upper_bound(arm.settings.get("source.name"))})
    beyond = [f"{' and '.join(fresh)}: shown real images beyond the training subset, an upper bound"] * bool(fresh)
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
    return [*said, *beyond, *sorted(stopped)]
