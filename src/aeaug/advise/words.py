"""What an advice says before it begins, and between its halves."""

from aeaug.advise.asked import Advice
from aeaug.advise.kept import Kept
from aeaug.advise.size import size_of
from aeaug.evaluation.reading import percent
from aeaug.report.verdict.answer import UNKNOWN
from aeaug.run.claims import Claim

__all__ = ["choice_text", "plan_text"]


def plan_text(advice: Advice, found: Kept) -> str:
    """What will be run, and about how long it takes."""
    options, workers = advice.options, found.workers
    size = size_of(found.pace, options, workers, found.images, found.pairs)
    tried, seeds = len(advice.candidates), len(options.tuning_seeds)
    share = f"{size.tuning / size.seconds:.0%} of the time"
    weights = f", {_minutes(size.weights)} of it for {len(options.weights)} weights of R1" if options.weights else ""
    lines = [
        f"advice {advice.name}: {found.pairs} pairs of runs of {found.images:,} images shown, sized to "
        f"{found.minutes:g} minutes, of which it needs about {size.seconds / 60:,.0f}, {workers} at a time",
        f"  1. choosing among {tried} on validation images: none and each of them on "
        f"{seeds} tuning seed{'s' * (seeds > 1)}, {(tried + 1) * seeds} runs, {_minutes(size.tuning)} "
        f"({share}{weights})",
        *(f"       {' '.join(one)}" for one in advice.candidates),
        f"  2. measuring on test images: none and the chosen one, seeds 0 to {found.pairs - 1}, "
        f"{2 * found.pairs} runs, {_minutes(size.measuring)}",
    ]
    return "\n".join(lines)


def choice_text(claim: Claim) -> str:
    """What came of every candidate on the tuning seeds."""
    changes = [f"{one.arm} {UNKNOWN if one.change is None else percent(one.change)}" for one in claim.chosen_among]
    return (
        f"validation FD against {claim.control} on the tuning seeds: {', '.join(changes)}; to be measured: "
        f"{claim.treatment}"
    )


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:,.1f} min" if seconds < 600 else f"{seconds / 60:,.0f} min"
