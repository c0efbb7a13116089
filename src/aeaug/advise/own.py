"""The folders of an advice's runs, each of the run that is asked for: a sweep leaves another one there as it is."""

from collections.abc import Iterator, Sequence

from aeaug.advise.asked import Advice, Candidate
from aeaug.run.folder.folder import RunFolder

__all__ = ["own_folders"]


def own_folders(
    advice: Advice, name: str, candidate: Candidate, seeds: Sequence[int], images: int
) -> Iterator[RunFolder]:
    """Those of one candidate in the experiment ``name``, whether or not a run began in them. Raises ``ValueError``, in
    one line, where another run is in one, or a process is at work."""
    for options in advice.runs(name, candidate, seeds, images).values():
        folder = RunFolder(options)
        if (found := folder.check() or folder.of_other_code()) is not None:
            raise found
        yield folder
