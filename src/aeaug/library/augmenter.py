"""LatentAugmenter: an autoencoder of given images, whose codes are perturbed and decoded into new ones.

.. math:: z = \\mathrm{Enc}(x), \\qquad z' = \\text{perturbation}(z), \\qquad x' = \\mathrm{Dec}(z')

``sample`` starts from the codes of the training images, as an injection does; ``transform`` from any images, with
gradients to them, as two-sided and consistency augmentation do (:mod:`aeaug.augmentation.transform`).
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
import PIL.Image
import torch
from torch import Tensor
from torch.utils._pytree import tree_flatten
from torch.utils.data import get_worker_info
from torchvision import tv_tensors
from torchvision.transforms import v2
from typing_extensions import override

from aeaug.augmentation.requirements import unmet
from aeaug.augmentation.sources.decoded import DecodedSource
from aeaug.augmentation.transform import AutoencoderTransform
from aeaug.autoencoder import AutoencoderModule
from aeaug.autoencoder.options import AutoencoderOptions, ClosedFormOptions
from aeaug.data.images import shape_of
from aeaug.faults import reading
from aeaug.library.images import class_labels, signed, training_images
from aeaug.library.options import MOST, AugmenterOptions, augmenter_options, require_labels, resolved
from aeaug.library.pytorch_modes import lasting, training, usual
from aeaug.library.restoring import CALLS, CODES, restored, untrained
from aeaug.library.stored import REMEDY, Stored, read, write
from aeaug.library.training import trained
from aeaug.options import shown
from aeaug.perturbation import LatentCodes
from aeaug.randomness import generator
from aeaug.training.divergence import require_finite

__all__ = ["Drawn", "LatentAugmenter"]

CHUNK = 512  # images that are decoded at once: what is computed in between then stays in a processor's cache
WEIGHTS = "weights of the autoencoder"  # in a pickle


class Drawn(NamedTuple):
    """``images: (n, C, H, W)`` float32 in [-1, 1]; ``sources: (n,)`` int64: the training images that they were made
    for, by their numbers from 0. With ``density``, or a chain that begins with it, images are made for none, and these
    numbers mean nothing."""

    images: Tensor
    sources: Tensor


def _is_plain(part: object) -> bool:
    return isinstance(part, Tensor) and not isinstance(part, tv_tensors.TVTensor)


class Checked(NamedTuple):
    """``images: (N, H, W)`` or ``(N, 3, H, W)`` uint8 and ``labels: (N,)`` int64 as they are trained on, by an
    ``autoencoder`` with a number of steps."""

    images: Tensor
    labels: Tensor | None
    autoencoder: AutoencoderOptions | ClosedFormOptions


class LatentAugmenter(v2.Transform):  # type: ignore[misc]  # torchvision has no types
    """Images from perturbed codes of an autoencoder; a torchvision transform (v2), so it stands in a ``v2.Compose``.

    Images go in and come out in one convention: one channel or three, floats in [-1, 1], or bytes (uint8) in [0, 255];
    what comes out is float32 in [-1, 1] (:mod:`aeaug.library.images`).

    What is drawn is a function of ``seed``, of what for, and of how many calls there were: the same calls give the
    same images, and the global random streams are left alone. In a worker of a ``DataLoader``, which has a copy of it,
    it is one of the worker's seed too, so that workers and epochs differ. Processes that train together and are to draw
    apart need a ``seed`` each, and with ``autoencoder={"name": …, "seed": …}`` can have one autoencoder.
    """

    _transformed_types = (tv_tensors.Image, _is_plain, PIL.Image.Image)  # of a sample's parts; boxes and masks pass

    def __init__(
        self,
        autoencoder: str | Mapping[str, Any] = "mlp",
        perturbation: str | Mapping[str, Any] = "gaussian",
        *,
        seed: int = 0,
        device: str | torch.device = "cpu",
        progress: bool = False,
        **options: Any,
    ) -> None:
        """
        Args:
            autoencoder: a name, of ``conf/autoencoder``, or a mapping with ``name`` and options of it.
            perturbation: a name, of ``conf/perturbation``, or such a mapping; not ``hard``, which asks a discriminator.
            seed: in [0, 2³² - 1], of the autoencoder's training and of all draws.
            device: where it is to work.
            progress: whether training shows a bar.
            options: of the autoencoder or the perturbation, whichever has one of that name, such as ``gamma=0.5`` or
                ``steps=500``; all others have the defaults of their files.

        Raises:
            ValueError: with one line for each thing that is wrong, naming its key and value.
        """
        super().__init__()
        self.options: AugmenterOptions = augmenter_options(autoencoder, perturbation, seed, options)
        self._device, self.progress = _device(device), progress
        self.autoencoder: AutoencoderModule | None = None
        for name in CODES:
            self.register_buffer(name, None)
        self._codes: LatentCodes | None = None
        self._calls = dict.fromkeys(CALLS, 0)

    def fit(self, images: Tensor | np.ndarray[Any, Any], labels: Tensor | np.ndarray[Any, Any] | None = None) -> Self:
        """Train the autoencoder on ``images`` and keep their codes; what was fitted before is forgotten.

        Args:
            images: ``(N, C, H, W)``, grey ones also ``(N, H, W)``, N ≥ 2, of 1 or 3 channels and 8 to 128 pixels a
                side; floats are rounded to the nearest of 256 values.
            labels: ``(N,)`` integers from 0, for ``within=class`` alone.

        ``steps=auto``, the default, is as many steps as suit so many of MNIST's images, whatever these show: of others,
        try what the held-out error says (``stopping="hold_out"``).

        Raises:
            ValueError: in one line, for images or labels of another form; for too few for the perturbation; for an
                autoencoder that there is none of with such images; for ``steps=auto`` of another number of images or
                another autoencoder than was measured.
            aeaug.training.divergence.Diverged: where training does.
        """
        with training(self._device):
            given, classes, encoder = self.check(images, labels)
            autoencoder = trained(encoder, given, self._device, self.progress)
            decoded = DecodedSource(autoencoder, given.to(self._device), self.options.perturbation, classes)
            self._take(decoded.autoencoder, decoded.codes)
        self._calls = dict.fromkeys(self._calls, 0)
        return self

    def check(
        self, images: Tensor | np.ndarray[Any, Any], labels: Tensor | np.ndarray[Any, Any] | None = None
    ) -> "Checked":
        """Return what :meth:`fit` would train on, and do nothing. Raises ``ValueError`` where it would."""
        given = training_images(images)
        classes, count = class_labels(labels, len(given)), len(given)
        perturbation, encoder = self.options.perturbation, self.options.autoencoder
        of = f"the number of images, {count}"
        if faults := list(unmet(perturbation, encoder, count, of, None)):
            raise ValueError("\n".join(faults))
        require_labels(perturbation, classes)
        return Checked(given, classes, resolved(encoder, count, shape_of(given)))

    def sample(self, n: int) -> Tensor:
        """Return ``n``, 1 to 10,000,000, new images ``(n, C, H, W)`` float32 in [-1, 1], of perturbed codes of training
        images: of each of these before any a second time, in random order.

        Raises ``ValueError`` for another ``n`` and before :meth:`fit`, and
        :class:`aeaug.training.divergence.Diverged` where an image is not finite.
        """
        return self.draw(n).images

    @torch.no_grad()
    def draw(self, n: int) -> Drawn:
        """The same with the training images that they were made for (:class:`Drawn`)."""
        if isinstance(n, bool) or not isinstance(n, int | np.integer) or not 1 <= n <= MOST:
            raise ValueError(f"n={shown(n)}: must be a whole number from 1 to {MOST:,}")
        autoencoder, codes = self._fitted()
        device = codes.z.device
        draw = self._generator("sample", device)
        with usual(), torch.autocast(device.type, enabled=False):
            passes = torch.rand(-(-n // len(codes.z)), len(codes.z), generator=draw, device=device).argsort(1)
            index = passes.flatten()[:n]
            images = torch.empty(n, *autoencoder.shape, device=device)
            z = self.options.perturbation(codes, index, draw)
            for made, part in zip(images.split(CHUNK), z.split(CHUNK), strict=True):
                made.copy_(autoencoder.decode(part))
            drawn = Drawn(require_finite(images, "autoencoder", "from the perturbed codes of training images"), index)
        self._calls["sample"] += 1
        return drawn

    @override
    def forward(self, *inputs: Any) -> Any:
        """Transform the image of a sample, as torchvision has it: one tensor, or of several parts the image among them.

        Raises ``ValueError``, in one line, for a sample of which torchvision would hand back every part as it is, such
        as an array or a video.
        """
        parts, _ = tree_flatten(inputs)
        if not any(self._needs_transform_list(parts)):
            kinds = ", ".join(dict.fromkeys(type(part).__name__ for part in parts)) or "nothing"
            raise ValueError(f"images: {kinds}, expected a tensor; of arrays torch.from_numpy(images) makes one")
        return super().forward(*inputs)

    @override
    def transform(self, images: Tensor, params: object = None) -> Tensor:
        """Return Dec(perturb(Enc(x))) for ``images: (B, C, H, W)`` or one ``(C, H, W)``, in the same shape, float32 in
        [-1, 1]; gradients pass to them as far as the perturbation lets them, none to the autoencoder.

        ``params`` is torchvision's, and of no use. Raises ``ValueError``, in one line, for images of another form or on
        another device, for ``density`` and ``within=class``, which say nothing of other images, and before
        :meth:`fit`.
        """
        if isinstance(images, PIL.Image.Image):
            raise ValueError("images: a picture of Pillow's, expected a tensor; v2.PILToTensor() makes one")
        autoencoder, codes = self._fitted()
        options = self.options
        if faults := list(unmet(options.perturbation, options.autoencoder, None, "", "transform")):
            raise ValueError("\n".join(faults))
        given, device = signed(images, autoencoder.shape), codes.z.device
        if given.device != device:
            raise ValueError(f"images: they are on {given.device}, and the augmenter is on {device}")
        whole = AutoencoderTransform(autoencoder, codes, options.perturbation)
        with usual():
            made = whole(given.reshape(-1, *autoencoder.shape), self._generator("transform", device))
        self._calls["transform"] += 1
        made = made.reshape(given.shape)
        return tv_tensors.wrap(made, like=images) if isinstance(images, tv_tensors.TVTensor) else made

    def save(self, path: str | Path) -> None:
        """Write options, weights, codes, and how often it has drawn into one safetensors file, whole or not at all; a
        file that is there is replaced. The training images are not in it, their codes and labels are.

        Raises ``ValueError`` before :meth:`fit`, ``OSError`` where nothing can be written.
        """
        autoencoder, _ = self._fitted()
        own = {"shape": list(autoencoder.shape), "calls": self._calls}
        write(Path(path), Stored({**self.options.model_dump(mode="json"), **own}, self.state_dict()))

    @classmethod
    def load(cls, path: str | Path, device: str | torch.device = "cpu") -> Self:
        """Return what :meth:`save` wrote, on ``device``; it goes on drawing where that had got to. No code is run.

        Raises :class:`aeaug.faults.Fault`, a ``ValueError`` of one line that names the file, for one that is missing,
        damaged or of another kind.
        """
        place = _device(device)
        with lasting(), reading(Path(path), REMEDY):
            found = restored(read(Path(path)))
            options = found.options
            augmenter = cls(options.autoencoder.model_dump(), options.perturbation.model_dump(), seed=options.seed)
            augmenter._take(found.autoencoder, found.codes)
            augmenter._calls = found.calls
            augmenter.to(place)
        return augmenter

    @override
    def train(self, mode: bool = True) -> Self:
        """The autoencoder stays as it is: frozen, and in evaluation."""
        super().train(mode)
        if self.autoencoder is not None:
            self.autoencoder.eval()
        return self

    @override
    def extra_repr(self) -> str:
        fitted = f", {len(self.z)} codes" if self.z is not None else ", not fitted"
        return f"autoencoder={self.options.autoencoder.name}, {self.options.perturbation!r}{fitted}"

    @override
    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        super()._apply(fn, recurse)
        self._codes = None  # to another device or type
        if self.z is not None:
            self._device = self.z.device
        return self

    @override
    def _load_from_state_dict(self, *arguments: Any) -> None:
        super()._load_from_state_dict(*arguments)
        self._codes = None

    def __getstate__(self) -> dict[str, Any]:
        """For pickles and copies: the autoencoder by its weights, for one with parametrizations has no other way."""
        autoencoder, state = self.autoencoder, self.__dict__.copy()
        if autoencoder is not None:
            state["_modules"] = {name: one for name, one in state["_modules"].items() if name != "autoencoder"}
            state[WEIGHTS] = autoencoder.shape, autoencoder.state_dict()
        return state

    @override
    def __setstate__(self, state: dict[str, Any]) -> None:
        own = dict(state)
        stored = own.pop(WEIGHTS, None)
        with lasting():
            buffers = own["_buffers"].items()  # in inference mode a copy's are tensors of that
            own["_buffers"] = {name: one.clone() if one is not None else None for name, one in buffers}
            super().__setstate__(own)
            self._codes = None
            if stored is not None:
                shape, weights = stored
                autoencoder = untrained(self.options, shape)
                autoencoder.load_state_dict(weights)
                self.autoencoder = autoencoder.to(self._device).eval().requires_grad_(False)

    def _take(self, autoencoder: AutoencoderModule, codes: LatentCodes) -> None:
        self.autoencoder, self._codes = autoencoder, codes
        self.z, self.deviation, self.labels = codes.z, codes.deviation, codes.labels

    def _fitted(self) -> tuple[AutoencoderModule, LatentCodes]:
        if self.autoencoder is None or self.z is None:
            raise ValueError("LatentAugmenter: fit(images) comes first, or load(path)")
        if self.z.dtype != torch.float32:
            raise ValueError(f"LatentAugmenter: it was converted to {self.z.dtype}, and computes in float32 alone")
        if self._codes is None:
            self._codes = LatentCodes(self.z, self.deviation, self.labels)
        return self.autoencoder, self._codes

    def _generator(self, purpose: str, device: torch.device) -> torch.Generator:
        """For the next call: in a worker, whose calls begin anew in every epoch, by its seed too."""
        calls, worker = self._calls[purpose], get_worker_info()
        position = (calls,) if worker is None else (calls, worker.seed)
        return generator(self.options.seed, f"augmenter's {purpose}", *position, device=device)


def _device(device: str | torch.device) -> torch.device:
    try:
        place = torch.empty(0, device=device).device
        if place.type == "meta":
            raise RuntimeError("it holds no numbers")
        return place
    except (RuntimeError, AssertionError, TypeError) as error:
        why = str(error).partition("\n")[0]
        raise ValueError(f"device={shown(device)}: there is no such device here ({why[:120]})") from None
