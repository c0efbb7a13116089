"""The page of a search: what was found, and Optuna's figures, in one file that needs no other."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import optuna
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from aeaug.tune.figures import figures_of, history, script
from aeaug.tune.found import Found
from aeaug.tune.result import option_file
from aeaug.tune.search import Search
from aeaug.writing import write_whole

__all__ = ["write_page"]


def write_page(search: Search, studies: Mapping[str, optuna.Study], found: Sequence[Found]) -> Path:
    """Write ``<outputs>/tune/<name>/report.html`` and return where it is."""
    loader = ChoiceLoader([PackageLoader("aeaug.tune"), PackageLoader("aeaug.report")])
    blocks: dict[str, Any] = {"trim_blocks": True, "lstrip_blocks": True}
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, **blocks)
    text = environment.get_template("search.html.j2").render(
        search=search,
        found=found,
        space={key: one.words for key, one in search.space.items()},
        option_files={one.arm: option_file(search, one.arm).name for one in found if one.best},
        history=history(studies),
        figures={arm: list(figures_of(search, arm, study)) for arm, study in studies.items()},
        script=Markup(script()),
        markup=Markup,
        command=search.command(),
        version=version("aeaug"),
        optuna=optuna.__version__,
    )
    file = search.folder / "report.html"
    write_whole(file, text)
    return file
