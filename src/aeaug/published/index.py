"""What there is in docs/results, and what there is not: docs/results/README.md."""

from collections import Counter
from collections.abc import Iterable

from aeaug.evaluation.reading import number
from aeaug.published.experiment import Experiment, heading
from aeaug.published.markdown import GENERATED, code, table
from aeaug.report.results import Results
from aeaug.report.tables.arms import cost_metric
from aeaug.report.verdict.verdict import verdicts

__all__ = ["index_page"]

_WORDS = """Every number of an experiment's page is made by `make results` from the table beside it, one row a number
([what the columns hold](../evaluation.md#the-table-behind-a-report)), and from nothing else; questions, commands and
what is not run yet are of its file in conf/experiment.
`python scripts/report.py results=docs/results/<experiment>.parquet` makes the whole report, with figures and a table of
all arms that a browser sorts and filters."""

# Typed: what was named in the plan of the experiments and has no file, or was left out of one.
_LEFT_OUT = """Without a file are some arms: at the weight of R1 that suits the GAN without an autoencoder, DiffAugment,
APA and LeCam (of the first see [rivals](rivals.md) and [regularised](regularised.md)); at a weight of its own,
consistency, and rivals other than DiffAugment; any arm but `none` and `append_gaussian` with 2,000 images at its own
weight."""

_AROUND = """[prototype.md](prototype.md) and signs.csv are of looks around, on seeds that are kept for tuning: they
stand in [strategies.md](../strategies.md)."""


def index_page(found: Iterable[Experiment]) -> str:
    """A line for each experiment with a table, and a list of those without."""
    every = list(found)
    rows = [
        (f"[{one.name}]({one.name}.md)", one.recipe.question, _verdicts(one), one.progress, _seconds(one, one.results))
        for one in every
        if one.results is not None
    ]
    columns = ("experiment", "question", "verdicts", "runs", "seconds of training")
    parts = ["# Results", GENERATED, _WORDS, table(columns, rows, words=4)]
    missing = [one for one in every if one.results is None]
    lines = [
        f"- {code(one.name)}, {number(one.announced.total())} runs: {one.recipe.question} {one.recipe.time}".rstrip()
        for one in missing
    ]  # fmt: skip
    said = "\n".join(lines) or "Every experiment that has a file and is meant to be published has a table."
    parts.append(f"## Not run\n\n{said}\n\n{_LEFT_OUT}")
    return "\n\n".join([*parts, _AROUND]) + "\n"


def _verdicts(one: Experiment) -> str:
    if one.results is None or not (found := verdicts(one.results)):
        return "no claim"
    counts = Counter(heading(row, brief=True) for row in found)
    return "; ".join(f"{count} × {said}" if count > 1 else said for said, count in counts.items())


def _seconds(one: Experiment, results: Results) -> str:
    """Of processors where a table has those, which older runs did not count."""
    kind = "of processors" if cost_metric(results).key == "processor_seconds" else "by the clock"
    return f"{number(one.seconds())} {kind}"
