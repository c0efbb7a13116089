"""A search for the option values with the smallest validation FD, by Optuna: its space, its trials, what it found.

The journal (:mod:`.journal`) is the one record of what was asked and told; runs are ordinary runs of
:mod:`aeaug.run`, in ``<outputs>/runs/tune-<name>``. Nothing here looks at the test set.
"""
