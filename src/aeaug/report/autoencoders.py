"""What the autoencoders of one training-set size are worth by themselves, against the validation slice.

Runs that share an autoencoder repeat its numbers, so each is counted once, by its key. Autoencoders of arms that set
them up alike belong together: they differ by their seed's subset.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from aeaug.report.collect import Arm, Group
from aeaug.report.curves import band
from aeaug.report.drawing import INK, Chart, Style, chart, legend, panels
from aeaug.report.records import AutoencoderQuality
from aeaug.report.scales import log_scale
from aeaug.report.table import Cell, Row, Table, decimals, spread

__all__ = ["Autoencoders", "autoencoders", "perturbed_figure", "perturbed_tables", "quality_table"]

_READ: dict[str, tuple[Callable[[AutoencoderQuality], float | None], int]] = {
    "probe on codes\u00a0↑": (lambda q: q.probe_accuracy, 3),
    "probe on pixels (floor)": (lambda q: q.pixel_probe_accuracy, 3),
    "intrinsic dimension": (lambda q: q.intrinsic_dimension, 1),
    "of latent dimensions": (lambda q: q.latent_dim, 0),
}


@dataclass(frozen=True)
class Autoencoders:
    """Those that are set up alike: `name`, the arms they belong to, and the quality of each, all at the same gammas."""

    name: str
    arms: tuple[Arm, ...]
    qualities: tuple[AutoencoderQuality, ...]

    @property
    def gammas(self) -> tuple[float, ...]:
        """Strengths of the noise on the codes, 0 for plain reconstruction."""
        return self.qualities[0].gammas


def autoencoders(group: Group) -> list[Autoencoders]:
    """The measured autoencoders of `group`, by how they are set up; arms that use none may report another's."""
    kinds: dict[str, dict[str, AutoencoderQuality]] = {}
    users: dict[str, list[Arm]] = {}
    names: dict[str, str] = {}
    setups: dict[str, str] = {}
    # The control's config names an autoencoder that it does not use: arms that use theirs come first.
    for arm in sorted(group.arms, key=lambda arm: not any(key.startswith("autoencoder.") for key in arm.settings)):
        own = {key: value for key, value in arm.settings.items() if key.startswith("autoencoder.")}
        for run in arm.runs:
            found = run.results.autoencoder if run.results else None
            if found is None or found.quality is None:
                continue
            setup = setups.setdefault(found.key, f"{own} {found.quality.gammas}")
            kinds.setdefault(setup, {}).setdefault(found.key, found.quality)
            names.setdefault(setup, str(own.get("autoencoder.name", "autoencoder")))
            if own and arm not in users.setdefault(setup, []):
                users[setup].append(arm)
    plain = len(set(names.values())) == len(names)
    return [
        Autoencoders(
            names[setup] if plain else f"{names[setup]}, {' and '.join(arm.name for arm in users.get(setup, []))}",
            tuple(users.get(setup, [])),
            tuple(by_key.values()),
        )
        for setup, by_key in kinds.items()
    ]


def quality_table(found: Sequence[Autoencoders]) -> Table:
    """Each kind of autoencoder: held-out error, FDs with their floor, and its codes as features beside the pixels."""
    fine = _fine(found)
    rows = []
    for kind in found:
        cells = [
            spread([q.held_out_error for q in kind.qualities], 4),
            spread([q.perturbed_frechet[0] for q in kind.qualities], fine),
            spread([q.random_frechet for q in kind.qualities], fine),
            spread([q.real_frechet for q in kind.qualities], fine),
        ]
        for read, digits in _READ.values():
            cells.append(spread([value for q in kind.qualities if (value := read(q)) is not None], digits))
        trained = len(kind.qualities)
        rows.append(Row((Cell(kind.name, f"{trained} trained" if trained > 1 else "1 trained"), *cells)))
    distances = "FD, reconstructions\u00a0↓", "FD, random latents\u00a0↓", "FD, real sample (floor)"
    return Table(("autoencoder", "held-out error\u00a0↓", *distances, *_READ), tuple(rows))


def perturbed_tables(found: Sequence[Autoencoders]) -> list[Table]:
    """For each kind, FD of images decoded from codes with noise γ, and the share of them that keep their label."""
    tables = []
    for kind in found:
        fd = [spread([q.perturbed_frechet[k] for q in kind.qualities], _fine(found)) for k in range(len(kind.gammas))]
        kept = [spread([q.labels_kept[k] for q in kind.qualities], 3) for k in range(len(kind.gammas))]
        rows = Row((Cell("FD\u00a0↓"), *fd)), Row((Cell("labels kept\u00a0↑"), *kept))
        title = "Codes with noise" + (f", {kind.name}" if len(found) > 1 else "")
        tables.append(Table(("noise on codes", *(f"γ\u00a0=\u00a0{g:g}" for g in kind.gammas)), rows, title=title))
    return tables


def perturbed_figure(group: Group, found: Sequence[Autoencoders], looks: Mapping[str, Style]) -> Chart | None:
    """FD and labels kept over γ, one line a kind of autoencoder; None of none."""
    if not found:
        return None
    seen: list[float] = []
    with panels(2, 1, 1.9, alike=False) as (figure, (distance, kept)):
        for kind in found:
            look = looks[kind.arms[0].variant] if kind.arms and len(found) > 1 else Style(0, INK, "o", "-")
            for axes, values in (
                (distance, np.array([q.perturbed_frechet for q in kind.qualities])),
                (kept, np.array([[100 * share for share in q.labels_kept] for q in kind.qualities])),
            ):
                band(axes, kind.gammas, values, look, kind.name)
            seen += [fd for q in kind.qualities for fd in (*q.perturbed_frechet, q.random_frechet, q.real_frechet)]
        qualities = [q for kind in found for q in kind.qualities]
        for value, label, dash, above in (
            (np.median([q.random_frechet for q in qualities]), "random latents", (0, (1, 1.5)), False),
            (np.median([q.real_frechet for q in qualities]), "another real sample", (0, (4, 2)), True),
        ):
            distance.axhline(float(value), color=INK, linewidth=1.1, linestyle=dash)
            distance.annotate(
                label,
                (0 if not above else 1, float(value)),
                (3 if not above else -3, 3),
                xycoords=("axes fraction", "data"),
                textcoords="offset points",
                ha="right" if above else "left",
                fontsize=8.5,
            )
        log_scale(distance, "y", min(seen) / 1.2, max(seen) * 1.35)
        distance.set_ylabel("FD (log scale)")
        kept.set_ylim(0, 104)
        kept.set_ylabel("labels kept (%)")
        kept.set_xlabel("noise on the codes, γ (0: reconstruction)")
        if len(found) > 1:
            legend(figure, [kind.name for kind in found])
    return chart(
        figure,
        f"perturbed-codes-{group.size}",
        "Decoded images as noise on the codes grows",
        "Lines are medians over the trained autoencoders, bands reach from smallest to largest. Noise is Gaussian, γ "
        "times the spread of each code dimension. An arm that perturbs codes is useful where images have moved away "
        "from their originals, yet keep their label and stay near the real ones.",
        "perturbations of another kind than Gaussian noise, whatever the arms use.",
    )


def _fine(found: Sequence[Autoencoders]) -> int:
    return decimals(q.real_frechet for kind in found for q in kind.qualities)
