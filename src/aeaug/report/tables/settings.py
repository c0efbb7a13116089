"""What each arm does, and what all of them have in common."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from aeaug.evaluation.reading import NONE
from aeaug.report.arms import Arm
from aeaug.report.results import Results
from aeaug.report.tables.table import Row, Table
from aeaug.run.labels import uses_labels

__all__ = ["common_settings", "settings_table"]

_STAGES = ("augmentation.", "source.", "filter.", "schedule.", "gate.", "perturbation.")


def settings_table(results: Results) -> Table | None:
    """What each arm does: how it perturbs and injects, and whatever else differs between the arms that use it."""
    arms: dict[tuple[str, str], list[tuple[str, Arm]]] = defaultdict(list)  # with the size at which it has them
    for group in results.groups:
        for arm in group.arms:
            if arm.settings:
                arms[group.family, arm.name].append((group.size, arm))
    found = [arm.settings for sizes in arms.values() for _, arm in sizes]
    shown = {key: None for key in (k for s in found for k in s) if key.startswith(_STAGES) or _differs(key, found)}
    usual = {"source.name": "decoded", "filter.name": "none", "schedule.name": "constant"}
    idle = {key for key, name in usual.items() if all(settings.get(key, name) == name for settings in found)}
    keys = [key for key in shown if key != "data.n_train" and key not in idle]
    labels = {name: ", ".join(uses_labels(sizes[0][1].settings)) for name, sizes in arms.items()}
    columns = [*keys, *["labels used by"] * any(labels.values())]
    if not keys:
        return None
    rows = tuple(
        Row((name[1], *(_by_size(key, sizes) for key in keys), *[labels[name] or NONE] * any(labels.values())))
        for name, sizes in arms.items()
    )
    return Table(("arm", *columns), rows)


def _by_size(key: str, sizes: Sequence[tuple[str, Arm]]) -> str:
    """The value that an arm has at all its sizes, or each with the sizes at which it has it."""
    held: dict[str, list[str]] = defaultdict(list)
    for size, arm in sizes:
        held[arm.settings.get(key, NONE)].append(size)
    if len(held) == 1:
        return next(iter(held))
    return ", ".join(f"{value} ({', '.join(those)} images)" for value, those in held.items())


def common_settings(results: Results) -> dict[str, str]:
    """The settings that all arms share, in dotted keys."""
    found = [arm.settings for group in results.groups for arm in group.arms if arm.settings]
    every = dict.fromkeys(key for settings in found for key in settings)
    return {key: found[0][key] for key in every if len({settings.get(key) for settings in found}) == 1}


def _differs(key: str, found: Sequence[Mapping[str, str]]) -> bool:
    """Whether arms that use the key's stage differ in it; its name also where an arm does without it."""
    stage, _, option = key.partition(".")
    using = [s for s in found if option == "name" or any(other.startswith(f"{stage}.") for other in s)]
    return len({setting.get(key) for setting in using}) > 1
