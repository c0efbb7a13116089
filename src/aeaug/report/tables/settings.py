"""What each arm does, and what all of them have in common."""

from collections.abc import Mapping, Sequence

from aeaug.evaluation.reading import NONE
from aeaug.report.results import Results
from aeaug.report.tables.table import Row, Table
from aeaug.run.labels import uses_labels

__all__ = ["common_settings", "settings_table"]

_STAGES = ("augmentation.", "source.", "filter.", "schedule.", "gate.", "perturbation.")


def settings_table(results: Results) -> Table | None:
    """What each arm does: how it perturbs and injects, and whatever else differs between the arms that use it."""
    arms = {(group.family, arm.name): arm for group in results.groups for arm in group.arms if arm.settings}
    found = [arm.settings for arm in arms.values()]
    shown = {key: None for key in (k for s in found for k in s) if key.startswith(_STAGES) or _differs(key, found)}
    usual = {"source.name": "decoded", "filter.name": "none", "schedule.name": "constant"}
    idle = {key for key, name in usual.items() if all(settings.get(key, name) == name for settings in found)}
    keys = [key for key in shown if key != "data.n_train" and key not in idle]
    labels = {name: ", ".join(uses_labels(arm.settings)) for name, arm in arms.items()}
    columns = [*keys, *["labels used by"] * any(labels.values())]
    if not keys:
        return None
    rows = tuple(
        Row((name[1], *(arm.settings.get(key, NONE) for key in keys), *[labels[name] or NONE] * any(labels.values())))
        for name, arm in arms.items()
    )
    return Table(("arm", *columns), rows)


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
