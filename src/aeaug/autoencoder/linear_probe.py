"""Linear probe: how much of the label a linear classifier reads off codes it did not shape (Alain & Bengio 2016,
arXiv:1610.01644).

Multinomial logistic regression with an L2 penalty of inverse strength 0.1, on inputs standardised by the training rows,
so that the scale and offset of a dimension do not matter. The same number on raw pixels is the floor that codes have to
beat.
"""

from torch import Tensor

from aeaug.one_thread import one_thread

__all__ = ["linear_probe"]

MOST_ROWS = 5_000
# Inverse strength of the penalty. Of 1, 0.1 and 0.01 the best or within 1.1% of it, on MNIST's pixels and on 16 to 64
# of their principal components, from 100 to 3,500 training images.
C = 0.1
MOST_ITERATIONS = 10_000  # far beyond the about 100 it takes


def linear_probe(z: Tensor, labels: Tensor, test_z: Tensor, test_labels: Tensor) -> float:
    """Accuracy in [0, 1] on ``test_z (M, D)`` with ``test_labels (M,)`` of a probe trained on ``z (N, D)``, ``labels
    (N,)``.

    Trained on the first 5,000 rows at most; on the CPU, in float64.

    Raises:
        ValueError: for shapes that do not match, no rows, values that are not finite, or labels of one class only.
    """
    _check("z", z, labels, z.shape[-1])
    _check("test_z", test_z, test_labels, z.shape[-1])
    z, labels = z[:MOST_ROWS], labels[:MOST_ROWS]
    if len(labels.unique()) < 2:
        raise ValueError(f"labels: a probe needs at least 2 classes, got only {labels[0].item()}")
    # A second, in every process that trains.
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    probe = make_pipeline(StandardScaler(), LogisticRegression(C=C, max_iter=MOST_ITERATIONS))
    with one_thread():
        probe.fit(z.detach().cpu().double().numpy(), labels.cpu().numpy())
        return float(probe.score(test_z.detach().cpu().double().numpy(), test_labels.cpu().numpy()))


def _check(name: str, z: Tensor, labels: Tensor, dimensions: int) -> None:
    if z.ndim != 2 or z.shape[1] != dimensions or labels.shape != z.shape[:1] or len(z) == 0:
        raise ValueError(
            f"{name}: expected shape (N, {dimensions}) with N >= 1 and as many labels, "
            f"got {tuple(z.shape)} and {tuple(labels.shape)}"
        )
    if not bool(z.isfinite().all()):
        raise ValueError(f"{name}: some values are not finite")
