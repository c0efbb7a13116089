"""A finished run as a long table: one row a number, with the set of images it is of.

============ ==========================================================================================================
column       holds
============ ==========================================================================================================
experiment   folder in ``runs``
arm          what the run does, its variant without the size of the training set
n_train      size of the training set; empty: all there is
subset       seed of the training subset: what one sample of the world is called
seed         of everything else that is random; with the subset it pairs the arms
state        running, done, diverged, failed, interrupted; missing where the folder says nothing
split        what was compared with: ``test``, once, at the end; ``validation``, over training and for the autoencoder
set          the set of images: generated, or one of its floors (``real``: other real samples, the mean over draws, and
             ``real_sd``, their standard deviation; ``copy``: of the training subset; ``pixels``: a Gaussian fitted to
             them; ``decoded``: what was injected; ``reconstructed``); for what the discriminator says also ``train``
             and ``validation``. And what is of no set: ``run``, ``autoencoder`` (``note``: its key), ``setting``,
             ``record`` (provenance, in words), ``claim`` (``note``: as JSON, with the time at which it was stated;
             ``images``: shown by then)
metric       its key (:mod:`aeaug.run.metrics`), or a dotted key of the config
reading      of generated images: ``end`` of the budget, or ``best`` validation FD; empty for all else
space        of the features, by its name (:mod:`aeaug.evaluation.spaces`), ``classifier``, …; empty for what works on
             none. The leading one, which comes first in the record ``spaces``, has all metrics and the curves
images       shown to the discriminator so far, for curves; empty for the number at the end
value, note  the number, or words; a number's note says what the reader has to know of it
============ ==========================================================================================================

An experiment is the concatenation of its runs, and everything that a report shows is computed from it.
"""

__all__ = ["COLUMNS"]

COLUMNS = {
    "experiment": "str",
    "arm": "str",
    "n_train": "Int64",
    "subset": "int64",
    "seed": "int64",
    "state": "str",
    "split": "str",
    "set": "str",
    "metric": "str",
    "reading": "str",
    "space": "str",
    "images": "Int64",
    "value": "float64",
    "note": "str",
}
"""The table's columns and their types in pandas; empty words are ``""``."""
