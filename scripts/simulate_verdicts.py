"""How often whole reports err, and what they find: the tables in docs/evaluation.md.

python scripts/simulate_verdicts.py                 # 12 claims, 12 pairs: 10 times the 23 s of --reports 100
python scripts/simulate_verdicts.py --reports 2000  # the table
python scripts/simulate_verdicts.py --of spread --reports 4000  # that of single claims of a spread
"""

import argparse
import math
import time
from collections.abc import Iterable

from aeaug.report.verdict.simulation import DISTRIBUTIONS, Scenario, SpreadScenario, apart, outcomes
from aeaug.run.claims import LEVEL

CLAIMS = 12
TINY = 0.01  # standard deviations: so small an effect matters that it hides no error


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, default=1000, help="of nothing; a quarter of them of the rest")
    parser.add_argument("--pairs", type=int, default=12, help="pairs a claim")
    parser.add_argument("--of", choices=("centre", "spread"), default="centre", help="what claims are of")
    given = parser.parse_args()
    began = time.process_time()
    if given.of == "spread":
        print(f"single claims of a spread, {given.pairs} pairs, {given.reports:,} reports; shares ± standard error\n")
        print("| standard deviations | correlation | results | what matters | what is counted | share |")
        print("| --- | --- | --- | --- | --- | --- |")
        for line in _of_spread(given.reports, given.pairs):
            print(line, flush=True)
        print(f"\n{time.process_time() - began:.0f} s of one thread")
        return
    print(
        f"{CLAIMS} claims, {given.pairs} pairs, {given.reports:,} reports of nothing, a quarter of them of the rest; "
        "shares ± standard error\n"
    )
    print("| what is true | differences | sizes | what is counted | share |")
    print("| --- | --- | --- | --- | --- |")
    for line in _lines(given.reports, given.pairs):
        print(line, flush=True)
    print(f"\n{_exact(given.pairs)}\n{time.process_time() - began:.0f} s of one thread")


def _lines(reports: int, pairs: int) -> Iterable[str]:
    nothing = [0.0] * CLAIMS
    decided = "reports that support or refute anything"
    for name in DISTRIBUTIONS:
        found = outcomes(Scenario(name, nothing, TINY, pairs), reports)
        yield _row("nothing", name, 1, decided, [_any(one, "supported", "refuted") for one in found])
    nested = Scenario("normal", nothing, TINY, pairs, sizes=3)
    found = outcomes(nested, reports)
    yield _row("nothing", "normal", 3, decided, [_any(one, "supported", "refuted") for one in found])
    alone = outcomes(Scenario("normal", [0.0], TINY, pairs, sizes=3), reports)
    single = [_any(one, "supported", "refuted") for one in alone]
    yield _row("nothing", "normal", 3, "single claims, flipped by whole seeds", single)
    for what, scenario in (
        ("nothing; all claims share their control", Scenario("normal", nothing, TINY, pairs, shared=True)),
        ("nothing; the same, skewed results", Scenario("lognormal minus its mean", nothing, TINY, pairs, shared=True)),
        ("nothing; two initialisations a subset", Scenario("normal", nothing, TINY, 2 * pairs, initialisations=2)),
        ("nothing; a tenth of all runs diverge", Scenario("normal", nothing, TINY, pairs, diverging=(0.1, 0.1))),
        ("nothing; a tenth of treatments diverge", Scenario("normal", nothing, TINY, pairs, diverging=(0.1, 0.0))),
    ):
        found = outcomes(scenario, reports)
        hits = [_any(one, "supported", "refuted") for one in found]
        yield _row(what, scenario.distribution, 1, decided, hits)
    tests = max(50, reports // 4)
    share = apart(nested, tests)
    yield _text("nothing", "normal", 3, "single claims, were sizes flipped apart", share, tests)
    reports = max(20, reports // 4)
    for smallest in (1.0, 2.0):
        exact = [smallest] * CLAIMS
        skewed = ("lognormal minus its mean",) * (smallest == 1.0)
        for name in ("normal", "Student t3", *skewed):
            found = outcomes(Scenario(name, exact, smallest, pairs), reports)
            truth = f"{smallest:g} sd, which is exactly what matters"
            yield _row(truth, name, 1, 'reports that call any "no effect"', [_any(one, "no effect") for one in found])
    half = [1.0] * (CLAIMS // 2) + [0.0] * (CLAIMS // 2)
    found = outcomes(Scenario("normal", half, 1.0, pairs), reports)
    wrong = [
        _any(one[: CLAIMS // 2], "no effect", "refuted") or _any(one[CLAIMS // 2 :], "supported", "refuted")
        for one in found
    ]
    yield _row("1 sd in half of the claims, which is what matters", "normal", 1, "reports with any error", wrong)
    for name in ("normal", "Student t3"):
        found = outcomes(Scenario(name, [1.5] * CLAIMS, 0.5, pairs), reports)
        hits = [outcome == "supported" for one in found for outcome in one]
        yield _row("1.5 sd, where 0.5 sd matters", name, 1, "claims that are supported", hits)
    for more, chance in (("", 0.0), ("; one run in 24 diverges", 1 / 24)):
        of = Scenario("normal", [1.5] * CLAIMS, 0.5, pairs, shared=True, diverging=(chance, chance))
        hits = [outcome == "supported" for one in outcomes(of, reports) for outcome in one]
        truth = f"1.5 sd, where 0.5 sd matters; one control{more}"
        yield _row(truth, "normal", 1, "claims that are supported", hits)
    found = outcomes(Scenario("normal", [1.5] + [0.0] * (CLAIMS - 1), 0.5, pairs), reports)
    yield _row("1.5 sd in one claim", "normal", 1, "of it: supported", [one[0] == "supported" for one in found])
    found = outcomes(Scenario("normal", nothing, 2.0, pairs), reports)
    none = [outcome == "no effect" for one in found for outcome in one]
    yield _row("nothing, where 2 sd matter", "normal", 1, 'claims that are called "no effect"', none)


def _of_spread(reports: int, pairs: int) -> Iterable[str]:
    mean = math.sqrt(2 / math.pi)  # absolute deviation of a normal distribution from its centre, in standard deviations
    normal, decided = "normal", ("supported", "refuted")
    for name, correlation, ratio, smallest, which in (
        *((name, 0.8, 1.0, TINY, decided) for name in DISTRIBUTIONS if name != "lognormal minus its median"),
        (normal, 0.0, 1.0, TINY, decided),
        (normal, 0.8, 1.0, 0.5, ("no effect",)),
        (normal, 0.8, 2.0, mean, ("no effect",)),
        (normal, 0.8, 1.5, 0.1, ("supported",)),
        (normal, 0.8, 2.0, 0.1, ("supported",)),
        (normal, 0.8, 3.0, 0.1, ("supported",)),
    ):
        found = outcomes(SpreadScenario(name, [math.log(ratio)], smallest, pairs, correlation=correlation), reports)
        hits = [_any(one, *which) for one in found]
        share, of = sum(hits) / len(hits), len(hits)
        error = math.sqrt(max(share * (1 - share), 1 / of) / of)
        truth, counted = "equal" if ratio == 1 else f"{ratio:g} to 1", " or ".join(which)
        yield f"| {truth} | {correlation:g} | {name} | {smallest:.2g} | {counted} | {share:.3f} ± {error:.3f} |"


def _exact(pairs: int) -> str:
    """What the shares of errors are, where differences are independent and symmetric: k patterns of 2^n pass a test."""
    level, patterns = LEVEL / CLAIMS, 2**pairs
    difference, none = 2 * math.floor(level * patterns / 2) / patterns, math.floor(level * patterns) / patterns
    of_reports = [1 - (1 - share) ** CLAIMS for share in (difference, none)]
    return f"exactly: {of_reports[0]:.3f} of reports find a difference of 0, {of_reports[1]:.3f} call what matters none"


def _any(outcomes: list[str], *which: str) -> bool:
    return any(outcome in which for outcome in outcomes)


def _row(truth: str, name: str, sizes: int, counted: str, hits: list[bool]) -> str:
    return _text(truth, name, sizes, counted, sum(hits) / len(hits), len(hits))


def _text(truth: str, name: str, sizes: int, counted: str, share: float, of: int) -> str:
    error = math.sqrt(max(share * (1 - share), 1 / of) / of)
    return f"| {truth} | {name} | {sizes} | {counted} | {share:.3f} ± {error:.3f} |"


if __name__ == "__main__":
    main()
