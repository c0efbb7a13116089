r"""Overfitting of the discriminator (Karras et al. 2020, arXiv:2006.06676, section 3).

.. math::
    r_t = E[sign D(train)], \qquad r_v = \frac{E[D(train)] - E[D(validation)]}{E[D(train)] - E[D(generated)]}

:math:`r_v` is 0 where validation images look like training images to the discriminator, and 1 where they look
generated. :math:`r_t` needs no validation images: near 1, every training image is called real. Both are of raw
training images, never of injected ones, and of the generator that is trained, not of its average: it is the one that
the discriminator plays against.
"""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from aeaug.gan.controllers.r_v import gaps
from aeaug.gan.module import GANModule
from aeaug.randomness import generator

__all__ = ["OverfittingProbe"]

LARGEST = 1_000
CHUNK = 500


class OverfittingProbe:
    """What the discriminator says of images it is trained on and of others, at one moment of the training.

    Calling it changes nothing that training depends on: no weight, mode, gradient or random stream.
    """

    def __init__(self, train: Tensor, validation: Tensor, decoded: Tensor | Callable[[], Tensor] | None = None) -> None:
        """``train``, ``validation``, ``decoded``: ``(N, C, H, W)`` in [-1, 1], an N each, of which at most 1,000
        are used, evenly spaced; ``decoded`` are images as they are injected, None where nothing is, and where they
        depend on the training what makes them as they are at that moment.

        Raises ``ValueError`` for images of another shape, or none.
        """
        sets = {"train": train, "validation": validation}
        self._decoded = decoded if callable(decoded) else None
        if isinstance(decoded, Tensor):
            sets["decoded"] = decoded
        for name, images in sets.items():
            if images.ndim != 4 or images.shape[1:] != train.shape[1:] or len(images) == 0:
                expected = ", ".join(["N", *map(str, train.shape[1:])]) if train.ndim == 4 else "N, C, H, W"
                raise ValueError(f"{name}: expected shape ({expected}), N > 0, got {tuple(images.shape)}")
        self._sets = {name: _spread(images) for name, images in sets.items()}

    @torch.no_grad()
    def __call__(self, module: GANModule) -> dict[str, float | None] | None:
        """Mean logits ``logit_<set>`` and shares with D(x) > 0, ``real_<set>``, of the sets ``train``, ``validation``,
        ``generated`` and ``decoded`` (None where nothing is injected), ``r_t`` and ``r_v``.

        Of decoded images, ``real_decoded`` is the discriminator's accuracy: they are shown to it as real ones.
        ``r_v`` is None where its denominator is not above 0 by two standard errors: a discriminator that does not call
        training images more real than generated ones gives no scale to read it on. ``r_t`` and the shares are None
        where the loss gives the sign of a logit no meaning. Generated images are as many as the larger of ``train`` and
        ``validation``, and always of the same latents. None instead of the whole where a logit
        is not finite.
        """
        n = max(len(self._sets["train"]), len(self._sets["validation"]))
        z = torch.randn(n, module.latent_dim, generator=generator(module.seed, "overfitting latents"))
        with torch.autocast(module.device.type, enabled=False):  # float32, whatever the training's precision is
            decoded = {} if self._decoded is None else {"decoded": _spread(self._decoded())}
            inputs = (
                self._sets | decoded | {"generated": torch.cat([module.generator(part) for part in _parts(z, module)])}
            )
            logits = {name: _logits(module, images) for name, images in inputs.items()}
        if not all(bool(values.isfinite().all()) for values in logits.values()):
            return None
        report: dict[str, float | None] = {}
        for name in ("train", "validation", "generated", "decoded"):
            values = logits.get(name)
            report[f"logit_{name}"] = None if values is None else float(values.mean())
            signs = values if module.loss.zero_decides else None
            report[f"real_{name}"] = None if signs is None else float((signs > 0).double().mean())
        report["r_t"] = float(logits["train"].sign().mean()) if module.loss.zero_decides else None
        report["r_v"] = _r_v(logits["train"], logits["validation"], logits["generated"])
        return report


def _logits(module: GANModule, images: Tensor) -> Tensor:
    """Logits ``(N,)`` of ``images: (N, C, H, W)`` in double precision, on the CPU."""
    return torch.cat([module.judge(part) for part in _parts(images, module)]).double().cpu()


def _parts(inputs: Tensor, module: GANModule) -> Iterator[Tensor]:
    return (part.to(module.device) for part in inputs.split(CHUNK))


def _r_v(train: Tensor, validation: Tensor, generated: Tensor) -> float | None:
    numerator, denominator = gaps(train, validation, generated).tolist()
    return numerator / denominator if denominator else None


def _spread(images: Tensor) -> Tensor:
    """At most 1,000 of ``images``, evenly spaced: representative whatever their order."""
    n = min(LARGEST, len(images))
    return images[torch.arange(n) * len(images) // n].float()
