"""Where a user's images are from: what a source has to tell of them, and how its bytes are read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

__all__ = ["Image", "Listing", "Source"]


class Image(NamedTuple):
    """``name``: what messages call it, no other of its source's images; ``label``: the name of its class, empty where
    there are none; ``signature``: its size in bytes, and numbers of which one is another where its bytes may be."""

    name: str
    label: str
    signature: tuple[int, ...]


@dataclass(frozen=True)
class Listing:
    """What a source has, told without reading the images; equal listings are of the same images.

    ``images``: in an order that is the same every time; ``class_names``: in their order, empty without classes;
    ``found``: the source's options, as they were found where they were left to be; ``remarks``: what else the reader
    should know, a line each; ``read``: from a position in ``images`` to the bytes of its file, whatever they are.
    """

    images: list[Image]
    class_names: tuple[str, ...]
    found: Mapping[str, str]
    remarks: tuple[str, ...]
    read: Callable[[int], bytes] = field(compare=False, repr=False)


class Source(Protocol):
    """A frozen dataclass: equal sources are the same place, asked for the same."""

    @property
    def key(self) -> str:
        """What says where it is, as it is typed: ``data.root=photographs``."""
        ...

    @property
    def place(self) -> str:
        """The same without the key."""
        ...

    @property
    def title(self) -> str:
        """What sentences call its images."""
        ...

    @property
    def noun(self) -> str:
        """What an image of it is: a file, …"""
        ...

    @property
    def telling(self) -> str:
        """The option, one of a listing's ``found``, that says how classes are told; ``none`` is: not at all."""
        ...

    @property
    def shelf(self) -> tuple[str, str]:
        """Where in a cache stands what is known of its images: a folder for all sources of its kind, and what tells
        this one from the others."""
        ...

    @property
    def folder(self) -> Path | None:
        """The folder that it is; None where it is none."""
        ...

    @property
    def name(self) -> str:
        """What a description of its images is called (:class:`aeaug.data.description.DataSet`)."""
        ...

    def settled(self, found: Mapping[str, str]) -> "Source":
        """The same place, with what a listing ``found``: nothing is left to be found out."""
        ...

    def listing(self) -> Listing:
        """What there is now. Raises :class:`aeaug.faults.Fault`, in one line, where that is no set of images."""
        ...
