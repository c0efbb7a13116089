"""The space of a search: a small YAML file, an override's key a line, with the values that it may take.

.. code-block:: yaml

    gan.r1_gamma: {low: 0.5, high: 100, log: true}   # a real number, for one of its ends is written as one
    gan.discriminator_depth: {low: 1, high: 4}       # an integer; {low: 8, high: 64, step: 8} in steps
    gan/loss: [hinge, non_saturating]                # one of these
    augmentation.ratio: {low: 0.1, high: 2.0, arms: [append_gaussian]}   # in these arms alone

Two arms share all parameters that name no arms.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Self

import optuna
import yaml
from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError
from typing_extensions import override

from aeaug.faults import Fault, one_line
from aeaug.option_files import CONF, choices
from aeaug.options import FolderName, Number, Options, shown, validated
from aeaug.run.identity.free import is_free
from aeaug.sweep.composition.overrides import word

__all__ = ["Choices", "Parameter", "Range", "Space", "Value", "read_space"]

Value = bool | int | float | str | None

LARGEST = 2**20  # bytes of a file
NEAR = 0.05  # of a range, from its end

KEPT = {"name", "variant", "seed", "arm", "experiment", "tune", "data", "evaluation", "trainer", "autoencoder.seed"}
"""Options, and whole groups, that say where, when, on what and how a run is measured: trials that differ in them could
not be compared."""
WORK = {"budget", "budget.images", "budget.images_per_epoch", "budget.match", "budget.extend"}


def _scalar(value: Any) -> Value:
    if not isinstance(value, bool | int | float | str | None) or (
        isinstance(value, float) and not math.isfinite(value)
    ):
        raise PydanticCustomError("scalar", "a choice is a word, a finite number, true, false or null")
    return value


class Range(Options):
    """Numbers from ``low`` to ``high``, both included: integers where all that stands there are. ``log``: evenly in
    their logarithm. ``step``: those at ``low`` plus a multiple of it, of which ``high`` is one. ``arms``: that have
    this option; None: all."""

    low: Number
    high: Number
    log: bool = False
    step: Number | None = Field(None, gt=0)
    arms: tuple[FolderName, ...] | None = None
    integer: bool = False

    @model_validator(mode="before")
    @classmethod
    def _typed(cls, values: Any) -> Any:
        if not isinstance(values, Mapping):
            return values
        if "integer" in values:
            raise ValueError("integer: no such option; numbers without a decimal point are integers")
        ends = [values.get("low"), values.get("high"), values.get("step", 1)]
        return {**values, "integer": all(isinstance(one, int) for one in ends)}

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.low < self.high:
            raise ValueError(f"low={self.low:g}: must be below high={self.high:g}")
        if self.log and self.low <= 0:
            raise ValueError(f"low={self.low:g}: must be above 0, for log=true")
        if self.log and self.step is not None:
            raise ValueError(f"step={self.step:g}: a logarithm has no steps; leave out one of step and log")
        if self.step is not None and self.step > self.high - self.low:
            raise ValueError(f"step={self.step:g}: larger than the range from {self.low:g} to {self.high:g}")
        if self.step is not None and (met := self._met(self.step)) is not None:
            raise ValueError(
                f"step={self.step:g}: steps from low={self.low:g} miss high={self.high:g}; the nearest that they meet "
                f"is {met:g}"
            )
        return self

    def _met(self, step: float) -> float | None:
        """The nearest to ``high`` that the steps meet; None where that is ``high``. In decimals, as they are typed."""
        low, high, each = (Decimal(str(one)) for one in (self.low, self.high, step))
        met = low + round((high - low) / each) * each
        return None if met == high else float(met)

    def suggested(self, key: str, trial: optuna.Trial) -> Value:
        """The value that ``trial`` has for ``key``, drawn at the first call."""
        if self.integer:
            step = 1 if self.step is None else int(self.step)
            return trial.suggest_int(key, int(self.low), int(self.high), step=step, log=self.log)
        return trial.suggest_float(key, self.low, self.high, step=self.step, log=self.log)

    def examples(self) -> tuple[Value, ...]:
        """Values that stand for all others where it is asked whether an option may have them."""
        return (int(self.low), int(self.high)) if self.integer else (self.low, self.high)

    def end(self, value: Value) -> str | None:
        """Which end of the range ``value`` lies at, ``lower`` or ``upper``: within ``NEAR`` of the range, of a
        logarithm's in logarithms; None where it lies between."""
        assert isinstance(value, int | float)
        low, high, here = (math.log(one) if self.log else one for one in (self.low, self.high, value))
        share = (here - low) / (high - low)
        return "lower" if share <= NEAR else "upper" if share >= 1 - NEAR else None

    @property
    def words(self) -> str:
        """What it may be, for a reader."""
        low, high = _exact(self.low), _exact(self.high)
        step = f" in steps of {_exact(self.step)}" if self.step else ""
        kind = ", integers" * self.integer + ", logarithmic" * self.log
        return f"{low} to {high}{step}{kind}{_in_arms(self.arms)}"


class Choices(Options):
    """One of ``choices``; ``arms``: that have this option; None: all."""

    choices: tuple[Annotated[Any, AfterValidator(_scalar)], ...]
    arms: tuple[FolderName, ...] | None = None

    @model_validator(mode="after")
    def _several(self) -> Self:
        if len(self.choices) < 2:
            raise ValueError(f"choices=[{', '.join(map(shown, self.choices))}]: at least two are a choice")
        if len({(type(one), one) for one in self.choices}) < len(self.choices):
            raise ValueError(f"choices=[{', '.join(map(shown, self.choices))}]: one of them stands there twice")
        return self

    def suggested(self, key: str, trial: optuna.Trial) -> Value:
        """The value that ``trial`` has for ``key``, drawn at the first call."""
        value: Value = trial.suggest_categorical(key, self.choices)
        return value

    def examples(self) -> tuple[Value, ...]:
        """All of them."""
        return self.choices

    @property
    def words(self) -> str:
        """What it may be, for a reader."""
        return f"one of {', '.join(map(_as_written, self.choices))}{_in_arms(self.arms)}"


def _exact(number: float) -> str:
    """As short as it can be said, and no other number's words: spaces are compared by them."""
    return short if float(short := f"{number:g}") == number else repr(number)


def _as_written(choice: Value) -> str:
    """In quotes where it is a word that could be read as something else without them."""
    text = word(choice)
    if not isinstance(choice, str):
        return text
    return text if re.fullmatch(r"\w[\w./-]*", text) and yaml.load(text, _Loader) == text else repr(text)


def _in_arms(arms: tuple[str, ...] | None) -> str:
    return f", in {', '.join(arms)} alone" if arms else ""


Parameter = Range | Choices
Space = Mapping[str, Parameter]
"""By the key of the override."""


def read_space(named: str) -> dict[str, Parameter]:
    """The space in the file ``named``, or of that name in ``conf/tune/space``.

    Raises ``ValueError``, a line for each thing that is wrong, which names the file, the key and its value.
    """
    file = Path(named)
    if not file.exists() and (packaged := Path(CONF, "tune", "space", f"{named}.yaml")).is_file():
        file = packaged
    content = _content(file, named)
    lines = [line for key, value in content.items() for line in _wrong(key, value)]
    lines += _twice([key for key in content if isinstance(key, str)])
    if lines:
        raise ValueError("\n".join(f"{file}: {line}" for line in lines))
    return {key: _parsed(value) for key, value in content.items()}


def _content(file: Path, named: str) -> dict[str, Any]:
    try:
        if file.stat().st_size > LARGEST:
            raise ValueError(f"tune.space={shown(named)}: far too large for a space")
        content = yaml.load(file.read_text(encoding="utf-8"), _Loader)
    except OSError as error:
        there = ", ".join(choices("tune/space"))
        raise ValueError(
            f"tune.space={shown(named)}: {error.strerror}; a file, or one of conf/tune/space: {there}"
        ) from None
    except _Twice as error:
        raise ValueError(f"tune.space={shown(named)}: {error}") from None
    except (UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        raise ValueError(f"tune.space={shown(named)}: not readable as YAML ({one_line(error)})") from None
    if not isinstance(content, dict) or not content:
        raise ValueError(f"tune.space={shown(named)}: no option in it; a line is <key>: {{low: …, high: …}} or [a, b]")
    return content


def _wrong(key: Any, value: Any) -> Iterator[str]:
    if not isinstance(key, str) or not re.fullmatch(r"[a-z]\w*([./]\w+)*", key):
        yield f"{shown(key)}: not the key of an option, such as gan.r1_gamma or gan/loss"
        return
    if is_free(key) or key in KEPT | WORK or key.partition(".")[0] in KEPT:
        yield f"{key}: trials that differ in it could not be compared, it is the same in all of them"
        return
    try:
        _parsed(value)
    except Fault:
        raise
    except ValueError as error:
        yield from (
            f"{key}.{line}" if re.match(r"[\w.]+[=:]", line) else f"{key}: {line}" for line in str(error).splitlines()
        )


def _twice(keys: Sequence[str]) -> Iterator[str]:
    first: dict[str, str] = {}
    for key in keys:
        if (other := first.setdefault(key.replace("/", "."), key)) != key:
            yield f"{key}: {other} is the same option; leave out one of them"


def _parsed(value: Any) -> Parameter:
    if isinstance(value, list):
        return validated(Choices, {"choices": value})
    if isinstance(value, dict):
        return validated(Choices, value) if "choices" in value else validated(Range, value)
    raise ValueError(f"{shown(value)} is no range, {{low: …, high: …}}, and no list of choices, [a, b]")


class _Twice(ValueError):
    """A key that stands twice in one mapping, of which the first would be lost."""


class _Loader(yaml.SafeLoader):
    """Safe, and 1e-3 is a number, as in Hydra's files; YAML 1.1 would take it for a word. Keys stand there once."""

    @override
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        lines: dict[tuple[str, str], int] = {}
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                said, line = (key.tag, key.value), key.start_mark.line + 1
                if said in lines:
                    raise _Twice(f"{shown(key.value)} stands there twice, in lines {lines[said]} and {line}")
                lines[said] = line
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$"), list("-+0123456789")
)
