"""Effects by size with their intervals, and beside them the paired probability of improvement: of every claim, with its
verdict, and of FD in every comparison."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from aeaug.evaluation.spaces import in_words
from aeaug.report.arms import Arm
from aeaug.report.figures.contrasts import Contrast, contrasts
from aeaug.report.figures.drawing import Chart, styles
from aeaug.report.figures.forest import Block, Line, forest
from aeaug.report.results import Results
from aeaug.report.statistics.comparison import lost_pairs, values_of
from aeaug.report.statistics.decision import Ends, ends_of
from aeaug.report.statistics.exact_test import Paired, of_differences
from aeaug.report.statistics.pairs import Key, Pairs, by_unit, one_training_set, over_sizes, reaching
from aeaug.report.statistics.probability import Improvement, improvement, on_side
from aeaug.report.verdict.judgement import SizeVerdict, Verdict
from aeaug.report.verdict.verdict import verdicts
from aeaug.run.claims import READINGS, Claim
from aeaug.run.metrics import METRICS

__all__ = ["claim_intervals", "effect_intervals"]

_FD = METRICS["frechet_distance"]
_POOLED = "all sizes"
_TREND = "per tenfold images"


def claim_intervals(results: Results) -> Chart | None:
    """Every claim: its sizes, all of them together, and the other reading and space; None without any pair."""
    rows, looks, blocks = verdicts(results), styles(results), []
    numbers = {claim: n for n, claim in enumerate(dict.fromkeys(row.claim for row in rows), 1)}
    for row in rows:
        claim = row.claim
        if lines := tuple(_of_claim(row)):
            title = f"{numbers[claim]}. {claim.treatment} {claim.direction} than {claim.control}"
            title += f", {_short(READINGS['best'])}" * (claim.reading == "best")
            title += f", {in_words(claim.space)}" * (claim.space != results.spaces[0])
            title += f", {row.family}" * (len(results.families) > 1)
            blocks.append(Block(title, claim.quantity, looks[claim.treatment], lines, claim.bounds))
    return forest(blocks, "claim-intervals", "share of pairs\non the claimed side")


def effect_intervals(results: Results) -> Chart | None:
    """FD in every comparison, at both readings: its sizes, and all of them together; None without any pair."""
    looks, several = styles(results), len(results.families) > 1
    blocks = []
    for one in contrasts(results):
        if lines := tuple(_of_contrast(one)):
            title = one.name + (f", {one.family}" if several else "")
            about = [c for c in one.claims if (c.metric, c.space, c.of) == (_FD.key, results.spaces[0], "centre")]
            effects = [c.smallest_effect for c in about if c.reading in READINGS]
            zone = _FD.bounds(min(effects)) if effects else None
            blocks.append(Block(title, _FD, looks[one.treatment], lines, zone))
    return forest(blocks, "effect-intervals", "share of pairs\nwith the lower FD")


def _of_claim(row: Verdict) -> Iterator[Line]:
    claim = row.claim

    def line(one: Verdict | SizeVerdict, name: str, sizes: Sequence[SizeVerdict], words: str, strong: bool) -> Line:
        assert one.paired is not None
        assert one.ends is not None
        better = _won(claim, one.measured, sizes)
        return Line(name, one.measured or one.paired, better, words, strong=strong, ends=one.ends.span)

    if len(row.sizes) > 1:
        for size in row.sizes:
            if size.paired is not None:
                yield line(size, f"{size.group.size} images", [size], size.outcome or "", strong=False)
    if row.paired is not None:
        pooled = _TREND if claim.of == "trend" else _POOLED
        name = pooled if len(row.sizes) > 1 else f"{row.sizes[0].group.size} images"
        yield line(row, name, row.sizes, row.short_heading, strong=True)
    for mark in row.marks:
        if not mark.sizes:
            yield Line(_short(mark.name), mark.paired, None, mark.words, open=True)
        for group, one in mark.sizes:  # the average's sign would say nothing
            yield Line(f"{_short(mark.name)}, {group.size}", one.paired, None, one.words, open=True)


def _won(claim: Claim, measured: Paired | None, sizes: Sequence[SizeVerdict]) -> Improvement | None:
    """How often a pair lies on the claimed side. Of a spread, a trend, and at equal seconds, a run has no number of its
    own to rank: it is counted where no pair is lost."""
    if claim.of == "centre" and claim.reading in READINGS:
        arms = [(size.treatment, size.control) for size in sizes if size.treatment and size.control]
        return improvement(arms, claim.measure, claim.sign, claim.reading, claim.space)
    if measured is None or any(size.found.diverged for size in sizes):
        return None
    return on_side(measured, claim.sign)


def _of_contrast(one: Contrast) -> Iterator[Line]:
    pooled = [(_POOLED, [arms for _, *arms in one.sizes])] * (len(one.sizes) > 1)
    for name, arms in [*((f"{group.size} images", [arms]) for group, *arms in one.sizes), *pooled]:
        for reading in READINGS:
            paired, ends = _differences(arms, reading)
            if paired is not None:
                better = improvement([(arm, control) for arm, control in arms], _FD, -1, reading)
                said = name if reading == "end" else _short(READINGS[reading])
                lost = sum(arm.count("diverged") for pair in arms for arm in pair)
                words = f"{lost} diverged" * bool(lost)
                strong = name == _POOLED and reading == "end"
                yield Line(said, paired, better, words, reading != "end", strong, ends.span if ends else None)


def _differences(arms: Sequence[Sequence[Arm]], reading: str) -> tuple[Paired | None, Ends | None]:
    """Differences of log FD by unit, over the units that were measured at every size; and over those that diverged too,
    placed on either side as pairs of a claim are."""
    sizes, shared = [], []
    for treatment, control in arms:
        one, other = (values_of(arm, _FD, reading=reading) for arm in (treatment, control))
        found = {key: one[key] - other[key] for key in one.keys() & other.keys()}
        lost = tuple(lost_pairs(treatment, control, one, other))
        sizes.append(Pairs(found, lost, max(map(abs, found.values()), default=0.0)))
        shared.append(one_training_set((*treatment.runs, *control.runs), {*found, *lost}))
    sizes = reaching(sizes)

    def pooled(each: Iterable[Mapping[Key, float]]) -> dict[int, float]:
        return over_sizes([by_unit(differences, by_seed=all(shared)) for differences in each])

    placed = (pooled(size.placed(side) for size in sizes) for side in (-1, 1))
    return of_differences(pooled(size.measured for size in sizes)), ends_of(placed)


def _short(words: str) -> str:
    """Without what stands in brackets."""
    return words.split(" (")[0]
