"""From the name of a Hugging Face data set to its rows.

A name is one on the hub, or a path: of a folder or a Parquet file that ``datasets.load_dataset`` takes, or of what
``save_to_disk`` wrote. The package ``datasets`` is an extra, and takes a second to import: it is imported here alone,
when a data set is opened.
"""

import importlib.util
import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aeaug.faults import Fault, in_few_words
from aeaug.installed import with_extra
from aeaug.options import shown

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

__all__ = ["local", "opened", "rows_of"]

HUB = r"[\w.-]+(/[\w.-]+)?"  # what names on the hub look like
FILES = (".parquet",)
SAVED = ("dataset_dict.json", "state.json")  # what save_to_disk writes, of several splits and of one


def local(name: str) -> Path | None:
    """Where the data set of this ``name`` lies; None for one on the hub. Raises :class:`Fault` for a path that leads
    nowhere."""
    path = Path(name)
    try:
        if path.is_dir() or (path.is_file() and path.suffix in FILES):
            return path
        there = path.exists()
    except OSError as error:
        raise Fault(f"data.name={shown(name)}: {in_few_words(error)}") from None
    if there:
        raise Fault(f"data.name={shown(name)}: neither a folder nor a {' or '.join(FILES)} file")
    if not re.fullmatch(HUB, name) or name.startswith("."):
        raise Fault(f"data.name={shown(name)}: no such file or folder, and no name on the hub, as ylecun/mnist is one")
    return None


def opened(name: str, config: str | None, revision: str | None) -> "DatasetDict":
    """All splits of the data set, by their names; images are bytes, and nothing is decoded.

    Raises :class:`Fault`, in one line: without the package, for a name, a configuration or a revision that there is
    not, for what cannot be reached, and for whatever goes wrong within.
    """
    if importlib.util.find_spec("datasets") is None:
        raise Fault(f"data=hf: the package datasets is not installed: {with_extra('hf')}")
    path = local(name)
    if path is None:
        return _from_hub(name, config, revision)
    if revision is not None:
        raise Fault(f"data.revision={shown(revision)}: of a data set on the hub, and data.name={shown(name)} lies here")
    if path.is_dir() and any((path / file).is_file() for file in SAVED):
        if config is not None:
            raise Fault(f"data.config={shown(config)}: data.name={shown(name)} is of save_to_disk, which keeps one")
        return _saved(name, path)
    return _loaded(name, config, None)


@cache
def _from_hub(name: str, config: str | None, revision: str | None) -> "DatasetDict":
    """Asked for once in a process: what it is there does not change while a command runs."""
    return _loaded(name, config, revision)


def _loaded(name: str, config: str | None, revision: str | None) -> "DatasetDict":
    from datasets import load_dataset

    what: dict[str, Any] = {"path": name, "name": config, "revision": revision}
    if name.endswith(FILES) and Path(name).is_file():
        what |= {"path": Path(name).suffix[1:], "data_files": name}
    with _in_one_line(name, config, revision), _quiet():
        return load_dataset(**what)


def _saved(name: str, path: Path) -> "DatasetDict":
    from datasets import Dataset, DatasetDict, load_from_disk

    with _in_one_line(name, None, None), _quiet():
        found = load_from_disk(str(path))
    if isinstance(found, Dataset):
        split = str(found.split or "")
        return DatasetDict({split if split.isidentifier() else "train": found})
    return found


def rows_of(splits: "DatasetDict", split: str, name: str) -> "Dataset":
    """The rows of a ``split``, in the grammar of ``datasets``: ``train``, ``train+test``, ``train[:50%]``. Raises
    :class:`Fault`, in one line, where there is none."""
    from datasets import ReadInstruction, concatenate_datasets

    try:
        asked = ReadInstruction.from_spec(split).to_absolute({key: len(rows) for key, rows in splits.items()})
    except Exception as error:  # of asserts and of ValueErrors
        there = f"data.name={shown(name)} has {', '.join(map(shown, splits))}"
        why = "no such split" if "Unknown split" in str(error) else in_few_words(error)
        raise Fault(f"data.split={shown(split)}: {why}; {there}") from None
    parts = [splits[one.splitname].select(range(one.from_, one.to)) for one in asked]
    return parts[0] if len(parts) == 1 else concatenate_datasets(parts)


@contextmanager
def _in_one_line(name: str, config: str | None, revision: str | None) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # of a loader of whatever there is, from wherever it is
        why = in_few_words(error)
        where = key = f"data.name={shown(name)}"
        if re.search("Config name is missing|BuilderConfig", why):
            key = f"data.config={shown(config)}: of {where}"
        elif revision is not None and "revision" in why.lower():
            key = f"data.revision={shown(revision)}: of {where}"
        elif isinstance(error, ConnectionError):
            why = f"the hub cannot be reached, nothing is kept of it here, and no folder is called so ({why})"
        raise Fault(f"{key}: {why}") from None


@contextmanager
def _quiet() -> Iterator[None]:
    """What its packages say of retries is said once, by us; bars are for terminals."""
    import datasets

    loggers = [logging.getLogger(name) for name in ("datasets", "huggingface_hub", "httpx2", "httpx")]
    levels = [one.level for one in loggers]
    bars = datasets.is_progress_bar_enabled()
    for one in loggers:
        one.setLevel(logging.ERROR)
    if not sys.stderr.isatty():
        datasets.disable_progress_bars()
    try:
        yield
    finally:
        for one, level in zip(loggers, levels, strict=True):
            one.setLevel(level)
        if bars:
            datasets.enable_progress_bars()
