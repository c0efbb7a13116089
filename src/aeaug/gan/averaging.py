r"""The moving average of the generator's weights (Karras et al. 2018, arXiv:1710.10196).

.. math::  \theta_{EMA} \leftarrow d\,\theta_{EMA} + (1 - d)\,\theta, \qquad d = 2^{-B / h}

with B images in a step and a half-life of h images, at most a share of those seen so far, so that the first weights
are soon forgotten (as the code of Karras et al. 2020 has it, arXiv:2006.06676).
"""

__all__ = ["decay"]


def decay(images: int, seen: int, halflife: float, rampup: float | None) -> float:
    """d after a step of so many ``images``, before which ``seen`` were shown. ``halflife``: h in images, 0: no average;
    ``rampup``: the share (None: no such limit)."""
    if rampup is not None:
        halflife = min(halflife, rampup * seen)
    return 0.5 ** (images / halflife) if halflife else 0.0
