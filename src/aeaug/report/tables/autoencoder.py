"""What the autoencoders are worth by themselves."""

from collections import defaultdict
from collections.abc import Mapping

from aeaug.evaluation.reading import decimals, spread
from aeaug.report.results import Results
from aeaug.report.tables.table import Row, Table, seen

__all__ = ["autoencoder_table"]


_LABELS = {
    "steps": "training steps",
    "held_out_error": "held-out squared error",
    "perturbed_frechet": "FD of decoded images",
    "random_frechet": "FD of decoded random codes",
    "real_frechet": "FD of another real sample",
    "intrinsic_dimension": "intrinsic dimension of the codes",
    "latent_dim": "dimensions of the codes",
    "probe_accuracy": "accuracy of a linear probe on codes",
    "pixel_probe_accuracy": "accuracy of a linear probe on pixels",
}


def autoencoder_table(results: Results) -> Table | None:
    """What the autoencoders are worth by themselves, against the validation slice: a row a quantity, a column for those
    that the same arms are fed by, each counted once by its key."""
    rows = results.table[results.table["set"] == "autoencoder"].dropna(subset="value")
    found: dict[str, Mapping[str, list[float]]] = {}
    for place, here in rows.groupby("group"):
        group, shared = results.groups[place], defaultdict(list)
        fed = [arm.name for arm in group.arms if arm.settings.get("augmentation.name") != "none"]
        for name, keys in here.groupby("arm")["note"].agg(frozenset).reindex(fed).dropna().items():
            shared[keys].append(name)
        for keys, names in shared.items():
            mine = here[here["note"].isin(keys)].drop_duplicates(["note", "metric"])
            column = mine.groupby("metric", sort=False)["value"].agg(list).to_dict()
            found[f"{results.title(group)}: {', '.join(names)}"] = column
    cells = []
    for key in dict.fromkeys(key for column in found.values() for key in column):
        values = [column.get(key, []) for column in found.values()]
        fine = decimals(value for one in values for value in one)
        cells.append(Row((_label(key), *(spread(one, fine) for one in values))))
    return Table(("autoencoder", *found), tuple(cells), seen(results)) if cells else None


def _label(key: str) -> str:
    """``labels_kept@0.5`` as it is read."""
    name, _, gamma = key.partition("@")
    name = _LABELS.get(name, name.replace("_", " "))
    return f"{name}, γ = {gamma}" if gamma else name
