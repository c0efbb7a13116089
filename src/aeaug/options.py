"""What every option is: typed, finite, in a range that stands beside it; and how a wrong one is said in one line."""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    StringConstraints,
    ValidationError,
    model_serializer,
)
from pydantic_core import PydanticCustomError

__all__ = [
    "MOST_BYTES",
    "RUN",
    "FolderName",
    "Integer",
    "Number",
    "Options",
    "PathName",
    "Seed",
    "Several",
    "Text",
    "choice_of",
    "flat",
    "listed",
    "looked_up",
    "require_folder_name",
    "shown",
    "span",
    "validated",
]

LONGEST_VALUE = 80  # characters of a value in a message
MOST_BYTES = 200  # of a name: file systems take 255, and some names get a suffix
PART_BYTES, PATH_BYTES = 255, 4096  # of a path
CONTROL = ("Cc", "Cs", "Zl", "Zp")  # of Unicode: control characters, halves of some, breaks of line and paragraph

NAME = r"\w[\w.,=+-]*"
RUN = r"seed=\d+(,subset=\d+)?"  # what a run's folder is called

# pydantic's words for what a config does not call so.
PLAINER = {"tuple_type": "input should be a list"}
PLAINER |= dict.fromkeys(("model_type", "model_attributes_type"), "input should be a group of options")

Model = TypeVar("Model", bound=BaseModel)


class Options(BaseModel):
    """Options that belong together. What is unknown, not finite or of another type is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Several(Options):
    """A group of which several may be chosen: a field for each, None where it is not."""

    @model_serializer(mode="wrap")
    def _without_the_rest(self, serialized: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: one for name, one in serialized(self).items() if one is not None}

    def chosen(self) -> dict[str, Any]:
        """Those that are, by their names, in the order of the fields."""
        return {name: one for name, one in self if one is not None}

    def require_one_of(self, alike: Sequence[str], group: str, why: str) -> None:
        """Raise ``ValueError`` where several of those that are ``alike`` are chosen of a ``group``, as it is typed."""
        names = [name for name in self.chosen() if name in alike]
        if len(names) > 1:
            raise ValueError(f"{group}=[{','.join(names)}]: {why}; leave one")


def looked_up(*words: str) -> BeforeValidator:
    """None for each of ``words``: a number that is looked up where all other options are known."""
    return BeforeValidator(lambda value: None if isinstance(value, str) and value in words else value)


def _number(value: Any) -> Any:
    """pydantic would take true for 1 and "5" for 5."""
    if isinstance(value, bool | str):
        raise PydanticCustomError("number", "input should be a number")
    return value


def _name(value: str) -> str:
    return _without(_fault_of_name(value), value)


def _path(value: str) -> str:
    return _without(_fault_of_path(value), value)


Number = Annotated[float, BeforeValidator(_number)]

Integer = Annotated[int, BeforeValidator(_number)]
"""1e5 is one, too."""

FolderName = Annotated[str, AfterValidator(_name)]
"""A name that becomes a folder, or stands in a folder's name."""

PathName = Annotated[str, AfterValidator(_path)]
"""Where something lies; an empty path would be the current folder."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
"""Words."""

Seed = Annotated[Integer, Field(ge=0, le=2**32 - 1)]


def validated(model: type[Model], values: Mapping[str, Any]) -> Model:
    """Return ``values`` as a ``model``.

    Raises ``ValueError`` with one line for each key that is wrong, ``key=value: what is wrong with it``.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise ValueError("\n".join(_line(model, detail) for detail in error.errors(include_url=False))) from None


def choice_of(section: Mapping[str, Any]) -> str:
    """As which choice of its group the options of a ``section`` are typed: by their ``kind``, where their ``name`` is
    that of something else."""
    return str(section.get("kind", section.get("name")))


def flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Leaves of nested options under dotted keys, as they are typed: ``{"a": {"b": 1}}`` gives ``{"a.b": 1}``."""
    leaves: dict[str, Any] = {}
    for key, value in tree.items():
        leaves |= flat(value, f"{prefix}{key}.") if isinstance(value, Mapping) else {f"{prefix}{key}": value}
    return leaves


def require_folder_name(key: str, name: str) -> None:
    """Raise ``ValueError``, naming ``key``, for a ``name`` that would lead out of its folder, or is none."""
    if fault := _fault_of_name(name):
        raise ValueError(f"{key}={shown(name)}: {fault}")


def span(sizes: Sequence[int]) -> str:
    """What is known of, behind its key: ``=500`` of one size, `` from 100 to 2000`` of several in ascending order."""
    return f"={sizes[0]}" if len(sizes) == 1 else f" from {sizes[0]} to {sizes[-1]}"


def listed(words: Iterable[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``: each of some, in a line, once."""
    *others, last = dict.fromkeys(words)
    return f"{', '.join(others)} and {last}" if others else last


def shown(value: object) -> str:
    """``value`` as a message has it: in one line, cut where it is long, control characters escaped, None as null."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    try:
        text = str(value)
    except ValueError:  # an integer of thousands of digits
        text = f"a number of {value.bit_length()} bits" if isinstance(value, int) else type(value).__name__
    text = text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _fault_of_name(name: str) -> str | None:
    if not re.fullmatch(NAME, name):
        return "a name has letters, digits and any of _ . , = + -, and begins with no sign"
    if (length := len(name.encode())) > MOST_BYTES:
        return f"a name has at most {MOST_BYTES} bytes, and this one has {length}"
    if re.fullmatch(RUN, name):
        return "so are the folders of runs called; take another name"
    return None


def _fault_of_path(path: str) -> str | None:
    if not path.strip():
        return "a path must not be empty"
    if any(unicodedata.category(character) in CONTROL for character in path):
        return "a path has no line breaks or other control characters"
    parts = [len(part.encode()) for part in path.split("/")]
    if max(parts) > PART_BYTES or sum(parts) + len(parts) > PATH_BYTES:
        return f"a path has at most {PATH_BYTES} bytes, {PART_BYTES} from one / to the next"
    return None


def _without(fault: str | None, value: str) -> str:
    if fault:
        raise PydanticCustomError("name", fault)
    return value


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that a value of this annotation may be, or be made of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def _line(model: type[BaseModel], detail: Any) -> str:
    keys, models = _place(model, detail["loc"])
    path, kind, value = ".".join(keys), detail["type"], detail["input"]
    if kind == "value_error":
        message = str(detail["ctx"]["error"])  # of a validator of ours, which names its keys
        if path.endswith("schedule"):  # of whatever is scheduled
            return re.sub(r"\bschedule\.", f"{path}.", message)
        return message.replace("claims.", f"{'.'.join(keys[:2])}.") if keys[:1] == ["claims"] else message
    if kind == "missing":
        return f"{path}: it is missing"
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        key = detail["ctx"]["discriminator"].strip("'")
        if kind == "union_tag_not_found" or not (isinstance(value, Mapping) and key in value):
            return f"{path}.{key}: it is missing"
        return f"{path}.{key}={shown(value[key])}: must be one of {detail['ctx']['expected_tags'].replace(chr(39), '')}"
    if kind == "extra_forbidden":
        fields = [field for one in models for field in one.model_fields]
        near = difflib.get_close_matches(keys[-1], fields, 1)
        return f"{path}={shown(value)}: no such option" + (f"; is it {near[0]}?" if near else "")
    message = PLAINER.get(kind, detail["msg"])
    return f"{path}={shown(value)}: {message[0].lower()}{message[1:]}"


def _tags(model: type[BaseModel]) -> list[Any]:
    """What tells a model from the others of its union."""
    fields = [model.model_fields[key] for key in ("kind", "name", "network") if key in model.model_fields]
    return [value for field in fields for value in get_args(field.annotation)]


def _place(model: type[BaseModel], location: Sequence[str | int]) -> tuple[list[str], list[type[BaseModel]]]:
    """The keys that lead to a ``location`` in ``model``, and the models that the last of them is an option of.

    Where one of several models is meant, pydantic puts its name (append, gaussian, …) into the location: not a key.
    """
    keys: list[str] = []
    here: list[type[BaseModel]] = [model]
    for place, part in enumerate(location, 1):
        if len(here) > 1 and (chosen := [one for one in here if part in _tags(one)]):
            here = chosen
            continue
        keys.append(str(part))
        if place < len(location):
            fields = [one.model_fields[str(part)] for one in here if part in one.model_fields]
            here = [inner for field in fields for inner in _models(field.annotation)] or here
    return keys, here
