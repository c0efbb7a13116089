"""What scikit-learn and SciPy compute, with one thread: the same numbers in every process.

Several would share a sum, in the order in which they finish, and how many they are is the process's: in a worker of
joblib's its share of the cores, else one a core. PyTorch's own threads are an option of the run (``trainer.threads``).
"""

from contextlib import AbstractContextManager

from threadpoolctl import threadpool_limits

__all__ = ["one_thread"]


def one_thread() -> AbstractContextManager[object]:
    """A context in which BLAS and OpenMP have one thread each; to be entered after what uses them is imported, for
    libraries that are not there yet know nothing of it. PyTorch has as many as before, once it is left."""
    limits: AbstractContextManager[object] = threadpool_limits(1)
    return limits
