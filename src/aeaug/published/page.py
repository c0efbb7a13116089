"""The page of one experiment, docs/results/<name>.md."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from aeaug.evaluation.reading import NONE, number
from aeaug.published.beside import beside, themselves
from aeaug.published.commands import command_lines
from aeaug.published.experiment import Experiment, heading, size_words
from aeaug.published.markdown import GENERATED, code, prose, table
from aeaug.published.repeats import MADE_AGAIN
from aeaug.report import tables
from aeaug.report.arms import Group
from aeaug.report.page import evidence_text, p_text, size_text, support_texts
from aeaug.report.results import Results
from aeaug.report.setting import fingerprints
from aeaug.report.statistics.decision import effect_text
from aeaug.report.tables.arms import cost_metric
from aeaug.report.verdict.verdict import Verdict, verdicts

__all__ = ["experiment_page"]

_CLAIMS_SAY = """Each was written down before the runs. An effect is the mean over pairs, one training subset and seed
in both arms, with its 95% interval, or below six pairs its range; p is corrected over all claims, that of a size,
beneath, over the sizes of its claim.
[How verdicts come about](../evaluation.md#claims-and-verdicts)."""
_ARMS_SAY = """Medians over runs, with [smallest–largest]; × floor is FD over that of another real sample, label-free FD
the same distance in the features of a second net, that was trained without labels. A paired change is the mean over
pairs against the control, with its 95% interval, or below six pairs its range."""
_FLOORS = ("frechet_distance", "precision", "recall", "coverage", "authenticity", "class_kl")


def experiment_page(one: Experiment, known: Sequence[str] = ()) -> str:
    """The page of an experiment that has a table. ``known``: which of its runs others had before
    (:func:`aeaug.published.repeats.known_before`)."""
    assert one.results is not None
    parts = [f"# {one.name}", GENERATED, one.recipe.question, prose(f"{one.progress}. {_made_of(one)}")]
    parts += [
        *_claims(one, one.results, known),
        *_arms(one.results),
        *_orders(one, one.results),
        *_origin(one, one.results),
        *_runs(one),
    ]
    return "\n\n".join(parts) + "\n"


def _made_of(one: Experiment) -> str:
    again = code(f"python scripts/report.py results=docs/results/{one.name}.parquet")
    return f"All numbers are of [{one.name}.parquet]({one.name}.parquet); {again} makes the whole report of it."


def _claims(one: Experiment, results: Results, known: Sequence[str]) -> Iterator[str]:
    found = verdicts(results)
    if not found:
        yield "## Claims\n\nIt makes none."
        return
    again = f" {MADE_AGAIN} {', '.join(known)}." * bool(known)
    yield f"## Claims\n\n{prose(_CLAIMS_SAY + again)}"
    columns = ("", "claim", "verdict", "effect", "p", "training images")
    rows = [(str(place), *_verdict(row)) for place, row in enumerate(found, 1)]
    yield table(columns, rows, words=6)
    yield "\n\n".join(_evidence(one, place, row) for place, row in enumerate(found, 1))


def _verdict(row: Verdict) -> tuple[str, ...]:
    sizes = ", ".join(size.group.size for size in row.sizes)
    return row.claim.statement, f"**{heading(row)}**", evidence_text(row), p_text(row) or NONE, sizes or NONE


def _evidence(one: Experiment, place: int, row: Verdict) -> str:
    """What stands beside a verdict, and what repeats it."""
    claim = row.claim
    arms = f"{code(claim.treatment)} against {code(claim.control)}, claimed to be {claim.direction}"
    opening = f"{claim.statement} {arms}: {row.reason}."
    itself = [f"{size} images: {claim.at_size.label} {change}" for size, change in themselves(row).items()]
    said = (*map(size_text, row.beneath), *itself, *support_texts(row), *beside(row), *row.remarks)
    lines = [f"- the smallest effect that matters: {effect_text(claim)}", *(f"- {text}" for text in said)]
    lines += [f"- {code(command)}" for command in command_lines(one.recipe, claim)]
    return "\n".join([f"### Claim {place}", "", opening, "", *lines])


def _arms(results: Results) -> Iterator[str]:
    several = len(results.words("device")) > 1
    machines = " Seconds are of several machines (below): arms may differ in them by these." * several
    yield f"## Arms\n\n{prose(_ARMS_SAY + machines)}"
    for group in results.groups:
        parts = [] if len(results.groups) == 1 and not group.n_train else [f"### {results.title(group)}"]
        if (found := tables.arms_table(results, group)) is None:
            yield "\n\n".join([*parts, "No run is done."])
            continue
        parts.append(table(found.columns, [(code(row.cells[0]), *row.cells[1:]) for row in found.rows]))
        parts += [floors] if (floors := _floors(results, group)) else []
        yield "\n\n".join([*parts, *[found.remark] * bool(found.remark)])


def _orders(one: Experiment, results: Results) -> Iterator[str]:
    """Whether the autoencoders' quality orders the GANs that they feed."""
    if (found := tables.association_table(results)) is not None:
        yield "## Does the autoencoder's quality decide?"
        rows = [tuple(row.cells) for row in found.rows if row.kind != "title"]
        interim = "Interim: runs are waited for, and with them others of these autoencoders. " * bool(one.waiting)
        yield f"{table(found.columns, rows, words=1)}\n\n{prose(interim + found.remark)}"


def _floors(results: Results, group: Group) -> str:
    """What the same numbers are of other images."""
    found = tables.metrics_table(results, _FLOORS, only=group)
    rows = [row.cells for row in found.rows if row.kind == "floor"] if found is not None else []
    return table(("for comparison", *found.columns[1:]), rows) if found is not None and rows else ""


def _origin(one: Experiment, results: Results) -> Iterator[str]:
    yield "## How it was made"
    yield "```\n" + "\n".join(_typed(one)) + "\n```"
    said = {
        "commit": _commits(one),
        "versions": results.words("versions"),
        "device": results.words("device"),
        "data": results.words("data"),
    }
    lines = [f"- {key}: {'; '.join(words)}" for key, words in said.items() if words]
    lines.append(f"- {', '.join(f'{label} {start}' for label, start in fingerprints(results))}")
    counted = Counter(what for _, other in one.departures for what in other)
    lines += [f"- otherwise than announced: {what} ({number(count)} runs)" for what, count in counted.items()]
    lines += _processors(results)
    if ends := sorted(word[:10] for word in results.words("finished")):
        lines.append(f"- finished: {' to '.join(dict.fromkeys((ends[0], ends[-1])))}")
    lines += _hours(one)
    lines.append(f"- {_cost(results)}: {number(one.seconds())} in all, of the runs that are done")
    yield "\n".join(lines)


def _commits(one: Experiment) -> list[str]:
    """How many runs were made at which commit; of several, and of what was not committed."""
    found = Counter(run.words["code"] for run in one.runs if "code" in run.words)
    words = {name: name.replace(", changed", " with changes that were not committed") for name in found}
    return [
        f"{words[name]} ({number(count)} run{'s' * (count > 1)})" if len(found) > 1 else words[name]
        for name, count in found.items()
    ]


def _processors(results: Results) -> list[str]:
    """On which processor runs were made, with how many threads; of several, which arms: their seconds do not
    compare."""
    arms: dict[str, dict[str, None]] = {}
    for run in results.runs:
        if processor := run.words.get("processor"):
            arms.setdefault(processor, {})[run.arm] = None
    threads = [f"- threads: {' or '.join(found)}"] if (found := results.words("threads")) else []
    if len(arms) < 2:
        return [*(f"- processor: {processor}" for processor in arms), *threads]
    said = (f"{processor}: {', '.join(map(code, arms[processor]))}" for processor in sorted(arms))
    return [f"- processors, of which seconds do not compare: {'; '.join(said)}", *threads]


def _hours(one: Experiment) -> list[str]:
    """How long runs were under way, all that a run does included, and how many at a time."""
    spans = sorted(
        (datetime.fromisoformat(run.words["started"]), datetime.fromisoformat(run.words["finished"]))
        for run in one.runs
        if run.state == "done" and {"started", "finished"} <= run.words.keys()
    )
    if not spans:
        return []
    busy, until = timedelta(), spans[0][0]
    for started, finished in spans:
        busy += max(finished, until) - max(started, until)
        until = max(until, finished)
    if not busy:  # all took less than the second in which they began
        return []
    together = sum((finished - started for started, finished in spans), timedelta()) / busy
    runs = f"{number(len(spans))} run{'s' * (len(spans) > 1)}"
    return [
        f"- hours under way, evaluation included: {busy / timedelta(hours=1):.1f} for {runs}, {together:.1f} at a time"
    ]


def _typed(one: Experiment) -> list[str]:
    """The commands, each whole."""
    sweep = "-m " * bool(one.recipe.swept)
    lines = [f"python scripts/train.py {sweep}{' '.join(overrides)}" for overrides in one.recipe.sweeps]
    return [*lines, f"python scripts/report.py experiment={one.name}"]


def _cost(results: Results) -> str:
    """``training (processor s)`` in words."""
    label = cost_metric(results).label
    return f"seconds of {re.sub(r' .(processor )?s.$', lambda kind: ', of processors' * bool(kind[1]), label)}"


def _runs(one: Experiment) -> Iterator[str]:
    """Which runs there are and which are not, by arm and size, and what they took."""
    rest = one.waiting.total()
    yield "## Runs"
    said = f"Not run yet: {number(rest)} of the runs that the commands above make."
    yield said if rest else "Nothing that the commands above make is missing."
    there = [(run.arm, run.n_train) for run in one.runs]
    rows = []
    for place in dict.fromkeys([*one.announced, *there]):
        states = [run.state for run in one.runs if (run.arm, run.n_train) == place]
        counts = states.count("done"), states.count("diverged"), one.waiting[place]
        shown = (NONE if not count else number(count) for count in counts)
        seconds = one.seconds(place)
        rows.append((code(place[0]), size_words(place[1]), *shown, number(seconds) if seconds else NONE))
    yield table(("arm", "training images", "done", "diverged", "not run yet", "seconds"), rows)
