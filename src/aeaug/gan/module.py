"""The GAN as a LightningModule with manual optimization.

One training step shows the discriminator a batch of B images and B generated ones, takes one step of the discriminator
and, where it is its turn, one of the generator, and averages the generator's weights (:mod:`aeaug.gan.averaging`).

What the discriminator does with its images is open in three places, beside the loss: *views* (:mod:`aeaug.gan.views`)
through which it sees all of them, *penalties* (:mod:`aeaug.gan.penalties`), terms of its loss, of which R1 is one, and
*pseudo* images (:mod:`aeaug.gan.pseudo`) of the generator among those that stand for real ones.
*Controllers* (:mod:`aeaug.gan.controllers`) watch what it says, for whoever wants a rate to follow it.

Latents are a function of (seed, step), so two arms see the same ones and a resumed run goes on with them; with several
processes each takes its share of the global batch's latents. Draws of views and penalties are of (seed, step, process).
"""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from functools import partial
from typing import Any, cast

import lightning as L
import torch
from lightning.pytorch.core.optimizer import LightningOptimizer
from lightning.pytorch.trainer.states import TrainerFn
from pydantic import TypeAdapter
from torch import Tensor

from aeaug.data import Batch, Block, to_float
from aeaug.data.images import Shape
from aeaug.data.loader import Share
from aeaug.data.sets.mnist import MNIST
from aeaug.faults import Fault
from aeaug.gan.averaging import decay
from aeaug.gan.controllers import Watch
from aeaug.gan.controllers.r_v import MOST_JUDGED
from aeaug.gan.epoch_losses import EpochLosses
from aeaug.gan.losses import LOSSES
from aeaug.gan.networks import build_discriminator, build_generator
from aeaug.gan.penalties import R1, Penalty, PenaltyOptions
from aeaug.gan.pseudo import Pseudo, PseudoOptions
from aeaug.gan.rated import Rated, whole
from aeaug.gan.regularised import dropping, looked_at
from aeaug.gan.schedules import WeightSchedule, share_of
from aeaug.gan.seen import Judged, Seen
from aeaug.gan.terms import Terms
from aeaug.gan.views import View, ViewOptions, seen_through
from aeaug.options import Several
from aeaug.randomness import generator, seeded_init
from aeaug.training.checkpoint import within_epoch
from aeaug.training.divergence import require_finite, require_sound, scale
from aeaug.training.hooks import are_heard

__all__ = ["GANModule"]


class GANModule(L.LightningModule):
    """Generator, discriminator, and the generator's moving average ``ema`` (what is evaluated).

    ``GANModule.load_from_checkpoint(path, weights_only=True)`` rebuilds it from its saved scalars. Of a file that holds
    the average alone (``best.ckpt``), ``generator`` becomes that too, and the discriminator is untrained.

    Before ``fit``, :meth:`look_through` gives it views, :meth:`penalise` penalties that no scalars describe,
    ``watch.add`` controllers and :meth:`hold_out` images that some of them ask about: they are part of a training, not
    of what was trained.
    """

    def __init__(
        self,
        network: str = "mlp",
        latent_dim: int = 64,
        generator_width: int = 256,
        generator_depth: int = 2,
        discriminator_width: int = 256,
        discriminator_depth: int = 2,
        loss: str = "non_saturating",
        lr_generator: float = 2e-3,
        lr_discriminator: float = 1e-3,
        beta1: float = 0.0,
        beta2: float = 0.99,
        r1_gamma: float = 1.0,
        r1_every: int = 8,
        r1_on: str = "mixture",
        r1_schedule: Mapping[str, Any] | None = None,
        penalty: Mapping[str, Any] | None = None,
        penalty_schedule: Mapping[str, Any] | None = None,
        view: Mapping[str, Any] | None = None,
        view_schedule: Mapping[str, Any] | None = None,
        pseudo: Mapping[str, Any] | None = None,
        pseudo_schedule: Mapping[str, Any] | None = None,
        discriminator_steps: int = 1,
        spectral_norm: bool = False,
        dropout: float = 0.0,
        ema_halflife_images: float = 50_000,
        ema_rampup: float | None = 0.05,
        seed: int = 0,
        log_every: int = 200,
        shape: Shape = MNIST.shape,
    ) -> None:
        """``network``: of :data:`aeaug.gan.networks.NETWORKS`; ``latent_dim``: numbers of a latent; widths and depths:
        as of :func:`aeaug.gan.networks.build_generator` and its like; ``lr_…``, ``beta1``, ``beta2``: of the two Adams;
        ``loss``: of :data:`aeaug.gan.losses.LOSSES`; ``r1_gamma``: weight of R1 (0: none), applied every ``r1_every``
        steps, multiplied by it, on all images that stand for real ones (``r1_on``: mixture) or those that are (real);
        ``penalty``: further ones, the options of :class:`aeaug.gan.penalties.PenaltyOptions`; ``view``:
        through what it sees images, those of :class:`aeaug.gan.views.ViewOptions`; ``pseudo``: what replaces images
        that stand for real ones, those of :class:`aeaug.gan.pseudo.PseudoOptions`; ``r1_schedule``,
        ``penalty_schedule``, ``view_schedule``, ``pseudo_schedule``: the share of their weights, or of rates of their
        own, over training, the options of one of :mod:`aeaug.gan.schedules` (None: all of it);
        ``discriminator_steps``: after how many of them the generator takes one, on the latents of the last;
        ``spectral_norm``, ``dropout`` in [0, 1): of the discriminator (:mod:`aeaug.gan.regularised`);
        ``ema_halflife_images``: half-life of the averaging (0: none), at most ``ema_rampup`` times the images seen so
        far, so that the first weights are soon forgotten (None: no such limit); ``seed``: initial weights, latents and
        draws; ``log_every``: steps between log entries, of which there is one an epoch at least; ``shape``: (C, H, W)
        of an image, MNIST's where a checkpoint says none.

        Raises ``ValueError`` for an unknown network, loss, view, penalty or schedule, for values out of range, and for
        a shape that there is no such network of."""
        super().__init__()
        for name, count in (("discriminator_steps", discriminator_steps), ("log_every", log_every)):
            if count < 1:
                raise ValueError(f"{name}={count}: must be at least 1")
        penalty, view, pseudo = (
            {name: dict(one) for name, one in (some or {}).items()} for some in (penalty, view, pseudo)
        )
        r1_schedule, penalty_schedule, view_schedule, pseudo_schedule = (
            one and dict(one) for one in (r1_schedule, penalty_schedule, view_schedule, pseudo_schedule)
        )
        # Of MNIST's images nothing is said, as in the checkpoints of when there were no others.
        self.save_hyperparameters(ignore=["shape"] if shape == MNIST.shape else [])
        self.automatic_optimization = False
        self.latent_dim, self.seed, self.log_every = latent_dim, seed, log_every
        self.lr_generator, self.lr_discriminator, self.betas = lr_generator, lr_discriminator, (beta1, beta2)
        self.discriminator_steps = discriminator_steps
        self._regularised = bool(spectral_norm or dropout)
        self.ema_halflife_images, self.ema_rampup = ema_halflife_images, ema_rampup
        if loss not in LOSSES:
            raise ValueError(f"gan.loss={loss}: must be one of {', '.join(LOSSES)}")
        self.loss = LOSSES[loss]
        penalties: dict[str, Penalty] = PenaltyOptions.model_validate(penalty).chosen()
        self.watch = Watch()
        of_penalties = self._share("penalty", penalty_schedule, bool(penalties))
        of_r1 = self._share("r1", r1_schedule, bool(r1_gamma))
        shares = {**dict.fromkeys(penalties, of_penalties), "r1": of_r1}
        if r1_gamma:
            penalties = {"r1": R1(gamma=r1_gamma, every=r1_every, on=r1_on), **penalties}  # type: ignore[arg-type]
        self.terms = Terms(penalties, {name: shares[name] for name in penalties})
        self._compared: tuple[Tensor, Tensor] | None = None
        self.views: tuple[View, ...] = self._following("view", ViewOptions.model_validate(view), view_schedule)
        self.pseudo: tuple[Pseudo, ...] = self._following(
            "pseudo", PseudoOptions.model_validate(pseudo), pseudo_schedule
        )
        with seeded_init(seed, "generator's weights"):
            self.generator = build_generator(network, latent_dim, generator_width, generator_depth, shape)
        with seeded_init(seed, "discriminator's weights"):
            self.discriminator = build_discriminator(
                network, discriminator_width, discriminator_depth, spectral_norm, dropout, shape
            )
        # Not torch's AveragedModel: it asks the device twice a step how often it has averaged, which stalls a GPU.
        self.ema = deepcopy(self.generator).requires_grad_(False)
        watched = {"generator": self.generator, "discriminator": self.discriminator, "averaged generator": self.ema}
        self._watched = watched
        self._start = [float(scale(network)) for network in watched.values()]
        self._rank, self._world_size = 0, 1
        self._counted: Any = None
        """The Trainer's count of steps, ``global_step``, where nobody listens to them; else Lightning counts."""
        self.steps = 0
        self.images_seen = 0
        self.images_discriminated = 0
        """Images that went forward through the discriminator in training, of all processes: real and generated ones in
        its own step, those of penalties, generated ones, and real ones where the loss compares pairs, in the
        generator's step, and those that a controller asks about; not those that perturbations and filters ask a
        snapshot about (:mod:`aeaug.gan.snapshot`)."""
        self._images_pseudo: Tensor | int = 0
        self._further_passes = 0
        self._losses = EpochLosses(discriminator_steps)

    def _share(self, name: str, schedule: Mapping[str, Any] | None, weighs: bool) -> Share | None:
        """That of the weight of a penalty, or of several alike, or of the rates of a group, after so many images; None
        where nothing ``weighs``, or all of it does all the time."""
        if schedule is None:
            return None
        known = TypeAdapter(WeightSchedule).validate_python(schedule)
        return share_of(known, self.watch, name) if weighs else None

    def _following(self, group: str, options: Several, schedule: Mapping[str, Any] | None) -> tuple[Any, ...]:
        """What those of a ``group`` that are chosen make: rates of their own go with its ``schedule``, others follow a
        controller."""
        chosen = options.chosen()
        share = self._share(group, schedule, any(isinstance(one, Rated) for one in chosen.values()))
        return tuple(self._made(name, one, share) for name, one in chosen.items())

    def _made(self, name: str, options: Any, share: Share | None) -> Any:
        if isinstance(options, Rated):
            if (fading := options.fading()) is not None:
                self.watch.time(name, fading)
            return options.at(share or whole)
        controller = getattr(options, "controller", None)
        return options if controller is None else options.at(self.watch.add(name, controller))

    @property
    def images_pseudo(self) -> int:
        """Real images in whose place the discriminator was shown ones of the generator, about, of all processes."""
        return int(self._images_pseudo)

    def look_through(self, *views: View) -> None:
        """Have the discriminator see every image, real or generated, through ``views``, one after another."""
        self.views = views

    def penalise(self, name: str, penalty: Penalty, share: Share | None = None) -> None:
        """Add a term to the discriminator's loss, with this ``share`` of its weight after so many images (None: all of
        it). What it remembers is kept in checkpoints by this ``name``."""
        self.terms.add(name, penalty, share)

    def hold_out(self, train: Tensor, held_out: Tensor) -> None:
        """Have controllers know what the discriminator says of ``train: (N, H, W)`` or ``(N, C, H, W)`` uint8, the
        images that it is trained on, in random order, and of M others, ``held_out``; of the first 256 of each."""
        self._compared = to_float(train[:MOST_JUDGED]), to_float(held_out[:MOST_JUDGED])

    def on_fit_start(self) -> None:
        """Find once what each step needs: weights, processes, who has hooks. Raises ``ValueError`` where a controller
        asks about images that are held out, and none are."""
        if self._compared is not None:
            train, held_out = self._compared
            self._compared = train.to(self.device), held_out.to(self.device)
        elif self.watch.judges:
            raise ValueError("a controller follows r_v: hold_out(train, held_out) says of which images")
        self._averaged, self._current = tuple(self.ema.parameters()), tuple(self.generator.parameters())
        self._discriminating = tuple(self.discriminator.parameters())
        self._rank, self._world_size = self.trainer.global_rank, self.trainer.world_size
        steps = self.trainer.fit_loop.epoch_loop.manual_optimization.optim_step_progress
        self._counted = None if are_heard(self.trainer, self) else steps

    def configure_optimizers(self) -> Sequence[torch.optim.Optimizer]:
        """Two Adams, in one kernel each: (generator's, discriminator's)."""
        adam = torch.optim.Adam
        return (
            adam(self.generator.parameters(), lr=self.lr_generator, betas=self.betas, fused=True),
            adam(self.discriminator.parameters(), lr=self.lr_discriminator, betas=self.betas, fused=True),
        )

    def forward(self, z: Tensor) -> Tensor:
        """Generate ``(B, C, H, W)`` in [-1, 1] from ``z: (B, latent_dim)``, with the averaged weights."""
        images: Tensor = self.ema(z)
        return images

    @torch.no_grad()
    def sample(self, n: int, seed: int, purpose: str, batch_size: int = 1000) -> Tensor:
        """Return ``n`` images ``(n, C, H, W)`` of the averaged generator; the latents depend on ``(seed, purpose)``
        alone, so every arm gets the same. Raises :class:`Diverged` where an image is not finite, ``ValueError`` for
        ``n`` below 1."""
        if n < 1:
            raise ValueError(f"n={n}: must be at least 1")
        return require_finite(torch.cat(list(self._parts(n, seed, purpose, batch_size))), "generator", self._when)

    def samples(self, n: int, seed: int, purpose: str, batch_size: int = 1000) -> Iterator[Tensor]:
        """The images of :meth:`sample`, so many at a time, however many there are."""
        for images in self._parts(n, seed, purpose, batch_size):
            yield require_finite(images, "generator", self._when)

    def _parts(self, n: int, seed: int, purpose: str, batch_size: int) -> Iterator[Tensor]:
        z = torch.randn(n, self.latent_dim, generator=generator(seed, purpose)).to(next(self.ema.parameters()))
        for part in z.split(batch_size):
            with torch.no_grad():  # whoever asks for the next ones has a state of his own meanwhile
                images = self(part).float()
            yield images

    def training_step(self, batch: Batch | Block, batch_idx: int) -> None:
        """One step of the discriminator, and where it is the generator's turn one of the generator, for the batch, or
        for each of a block."""
        optimizers = cast(list[LightningOptimizer], self.optimizers())
        if isinstance(batch, Batch):
            self._step(batch, optimizers, self.trainer.is_last_batch)
            return
        for place, one in enumerate(batch, 1):
            if place > 1:
                torch.clear_autocast_cache()  # Lightning's is of a whole training_step, in which weights change now
            self._step(one, optimizers, place == batch.steps and self.trainer.is_last_batch)

    def _step(self, batch: Batch, optimizers: list[LightningOptimizer], last: bool) -> None:
        """``last``: of the epoch."""
        optimizer_g, optimizer_d = optimizers
        count = len(batch.images)
        generators_turn = (self.steps + 1) % self.discriminator_steps == 0
        with torch.set_grad_enabled(generators_turn):
            fake = self.generator(self._latents(count))

        # Discriminator: real and generated images, and those of penalties, in one pass; no layer looks across a batch.
        handed_out, batch = batch, self._with_pseudo(batch)
        both, view = torch.cat([batch.images, fake.detach()]), "the discriminator's view"
        images = self._seen(both, view)
        real, seen_fake = images.split(count)
        self._further_passes = 0
        terms = self.terms.due(self.steps, self.images_seen)
        # What stands beside an image is seen through the same draws of every view as that.
        made = [term.penalty.more(both, self._draw) for term in terms]
        beside = [None if some is None else self._seen(some, view) for some in made]
        further = [some for some in beside if some is not None]
        logits = self._discriminate(torch.cat([images, *further]) if further else images, "own pass").float()
        own_logits, *further_logits = logits.split(2 * count)
        real_logits, fake_logits = own_logits.split(count)
        loss_d = objective = self.loss.discriminator_loss(real_logits, fake_logits)
        seen = Seen(
            self._discriminate,
            real,
            seen_fake,
            batch.synthetic,
            real_logits,
            fake_logits,
            self._draw,
            self._mean,
            self.images_seen,
            self._judged,
        )
        of_further = iter(further_logits)
        for term, some in zip(terms, beside, strict=True):
            more_logits = () if some is None else next(of_further).split(count)
            value = term.penalty(seen, more_logits, term.state)
            self._losses.of_penalty(term.name, value.detach().float())
            objective = objective + term.weight * value
        self._descend(optimizer_d, objective)

        self._losses.of_discriminator(loss_d.detach())
        if generators_turn:
            self._losses.of_generator(self._step_generator(optimizer_g, fake, real))
        images_in_step = count * self._world_size
        self.watch.observe(seen, images_in_step, last)
        self._average(images_in_step)
        self.steps += 1
        self.images_seen += images_in_step
        if self._is_logged(last) and self._losses:
            decoded = handed_out.synthetic
            if self.pseudo:  # of those, not the ones that are the generator's now
                decoded = decoded & (handed_out.images == batch.images).flatten(1).all(1)
            self._log(~batch.synthetic, decoded, real_logits.detach(), fake_logits.detach())

    def _is_logged(self, last: bool) -> bool:
        """Every so many steps of an epoch, and at the end of one that has fewer."""
        return self._losses.steps % self.log_every == 0 or (self._losses.steps < self.log_every and last)

    def _step_generator(self, optimizer: LightningOptimizer, fake: Tensor, real: Tensor) -> Tensor:
        """One step through the discriminator just updated, whose weights need no gradient here; return the loss."""
        self._freeze_discriminator(True)
        images = self._seen(fake, "the generator's view")
        if self.loss.pairs:
            fake_logits, real_logits = (
                self._discriminate(torch.cat([images, real]), "generator's pass").float().chunk(2)
            )
        else:
            fake_logits, real_logits = self._discriminate(images, "generator's pass").float(), None
        loss = self.loss.generator_loss(fake_logits, real_logits)
        self._descend(optimizer, loss)
        self._freeze_discriminator(False)
        return loss.detach()

    def _descend(self, optimizer: LightningOptimizer, loss: Tensor) -> None:
        """One step of an optimizer."""
        if self._counted is None:
            optimizer.zero_grad()
            self.manual_backward(loss)
            optimizer.step()
            return
        within = optimizer.optimizer
        within.zero_grad()
        loss.backward()
        self._counted.increment_ready()
        within.step()
        self._counted.increment_completed()

    def on_train_epoch_start(self) -> None:
        """Begin the epoch's mean losses anew, and what its controllers have decided on."""
        self._losses.clear()
        self.watch.begin_epoch()

    def on_train_epoch_end(self) -> None:
        """Log the losses and growths that :meth:`require_sound` returns, as ``training/…``, for callbacks to go by, and
        raise :class:`Diverged` where training has diverged in this epoch."""
        of_epoch = self.require_sound()
        self.log_dict({f"training/{key}": value for key, value in of_epoch.items()}, logger=False)

    def require_sound(self, last: int | None = None) -> dict[str, float]:
        """Return ``loss_discriminator`` and ``loss_generator``, means over the ``last`` steps of this epoch (None: all
        of them) and all processes, and ``growth_generator`` and ``growth_discriminator`` since the first weights.

        Raises :class:`Diverged` where one of them says so, or the average's weights do; on all processes alike. And
        :class:`Fault` for an epoch that was cut short before the generator's first step.
        """
        if not self._losses:
            raise Fault(
                f"gan.discriminator_steps={self.discriminator_steps}: the epoch ended after {self._losses.steps} steps "
                "of the discriminator, before the generator's first"
            )
        scales = torch.stack([scale(network) for network in self._watched.values()])
        here = torch.cat([self._losses.mean(last), scales])
        loss_d, loss_g, *now = cast(Tensor, self.trainer.strategy.reduce(here, reduce_op="mean")).tolist()
        growth = {name: size / start for name, size, start in zip(self._watched, now, self._start, strict=True)}
        require_sound(growth, {"discriminator's loss": loss_d, "generator's loss": loss_g}, self._when)
        return {
            "loss_discriminator": loss_d,
            "loss_generator": loss_g,
            "growth_generator": growth["generator"],
            "growth_discriminator": growth["discriminator"],
        }

    def mean_losses(self, last: int | None = None) -> dict[str, float]:
        """Mean losses ``loss_d`` and ``loss_g`` over the ``last`` steps of this epoch (None: all of them) and all
        processes, each of which has to ask."""
        loss_d, loss_g = self._mean(self._losses.mean(last)).tolist()
        return {"loss_d": loss_d, "loss_g": loss_g}

    def mean_penalties(self) -> dict[str, float]:
        """Each penalty by its name, the mean over the steps of this epoch at which it was due and all processes, each
        of which has to ask: with its weight, and without what a schedule makes of that."""
        found = self._losses.penalties()
        means = self._mean(torch.stack(list(found.values()))).tolist() if found else []
        return dict(zip(found, means, strict=True))

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Store where training stands."""
        checkpoint["progress"] = {
            "steps": self.steps,
            "images_seen": self.images_seen,
            "images_discriminated": self.images_discriminated,
        }
        if states := self.terms.state_dict():
            checkpoint["progress"]["penalties"] = states
        if watched := self.watch.state_dict():
            checkpoint["progress"]["controllers"] = watched
        if self.pseudo:
            checkpoint["progress"]["images_pseudo"] = self.images_pseudo

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Restore where training stood; complete a ``state_dict`` that holds the average alone.

        Raises :class:`Fault` where a training is to go on from within an epoch: its images, and what was observed so
        far, begin with an epoch, and the rest of it would not be what an undisturbed training sees."""
        if self._trainer is not None and self._trainer.state.fn == TrainerFn.FITTING and within_epoch(checkpoint):
            raise Fault(
                f"the checkpoint was saved within epoch {checkpoint['epoch']}, after "
                f"{checkpoint['progress']['images_seen']} images, and the rest of that epoch would show others than in "
                "an undisturbed training: go on from one of an epoch's end, which ModelCheckpoint(every_n_epochs=1) "
                "keeps; GANModule.load_from_checkpoint takes its weights"
            )
        self.steps = checkpoint["progress"]["steps"]
        self.images_seen = checkpoint["progress"]["images_seen"]
        self.images_discriminated = checkpoint["progress"]["images_discriminated"]
        self.terms.load_state_dict(checkpoint["progress"].get("penalties", {}))
        self.watch.load_state_dict(checkpoint["progress"].get("controllers", {}))
        self._images_pseudo = int(checkpoint["progress"].get("images_pseudo", 0))
        weights = checkpoint["state_dict"]
        if all(key.startswith("ema.") for key in weights):
            untrained = {key: one for key, one in self.state_dict().items() if key.startswith("discriminator.")}
            averaged = {f"generator.{key.removeprefix('ema.')}": one for key, one in weights.items()}
            checkpoint["state_dict"] = {**weights, **averaged, **untrained}

    def _latents(self, n: int) -> Tensor:
        draw = generator(self.seed, "training latents", self.steps, device=self.device)
        z = torch.randn(n * self._world_size, self.latent_dim, generator=draw, device=self.device)
        return z[self._rank * n : (self._rank + 1) * n]

    def _with_pseudo(self, batch: Batch) -> Batch:
        """Images of the generator in place of some that stand for real ones, which are no real ones then."""
        for one in self.pseudo:
            name = type(one).__name__
            found = one(
                batch.images,
                partial(self._fresh, len(batch.images), f"latents of {name}"),
                self._draw(name),
                self.images_seen,
            )
            if found is not None:
                images, replaced = found
                self._images_pseudo = self._images_pseudo + (replaced & ~batch.synthetic).sum() * self._world_size
                batch = batch._replace(images=images, synthetic=batch.synthetic | replaced)
        return batch

    @torch.no_grad()
    def _fresh(self, n: int, purpose: str) -> Tensor:
        images: Tensor = self.generator(
            torch.randn(n, self.latent_dim, generator=self._draw(purpose), device=self.device)
        )
        return images.float()

    def _seen(self, images: Tensor, purpose: str) -> Tensor:
        return seen_through(self.views, images, self._draw, purpose, self.images_seen)

    def judge(self, images: Tensor) -> Tensor:
        """Return the discriminator's logits ``(B,)`` of ``images: (B, C, H, W)`` as who looks at it sees them:
        without views or dropout, and nothing of it moves."""
        with looked_at(self.discriminator):
            logits: Tensor = self.discriminator(images)
        return logits

    @torch.no_grad()
    def _judged(self) -> Judged:
        """What is said of images that are held out, and of others: on all processes alike."""
        assert self._compared is not None
        train, held_out = self._compared
        draw = generator(self.seed, "latents beside images held out", self.steps, device=self.device)
        z = torch.randn(max(len(train), len(held_out)), self.latent_dim, generator=draw, device=self.device)
        with torch.autocast(self.device.type, enabled=False):  # float32, whatever the training's precision is
            images = torch.cat([train, held_out, self.generator(z)])
            logits = self.judge(images)
        self.images_discriminated += len(images) * self._world_size
        return Judged(*logits.split([len(train), len(held_out), len(z)]))

    def _discriminate(self, images: Tensor, of: str | None = None) -> Tensor:
        """Logits ``(B,)`` of ``images``, in the discriminator's "own pass" of this step, in the "generator's pass", or
        (None) in a further one, of a penalty. What is dropped out in the first two is the same in every arm."""
        if of is None:
            self._further_passes += 1
        self.images_discriminated += len(images) * self._world_size
        logits: Tensor
        if not self._regularised:
            logits = self.discriminator(images)
        else:
            self.discriminator.train(of == "own pass")
            with dropping(self.discriminator, self._draw(f"dropout, {of or f'further pass {self._further_passes}'}")):
                logits = self.discriminator(images)
        return logits

    def _draw(self, purpose: str) -> torch.Generator:
        return generator(self.seed, purpose, self.steps, self._rank, device=self.device)

    def _mean(self, value: Tensor) -> Tensor:
        if self._world_size == 1:
            return value
        return cast(Tensor, self.trainer.strategy.reduce(value, reduce_op="mean"))

    @torch.no_grad()
    def _average(self, images_in_step: int) -> None:
        d = decay(images_in_step, self.images_seen, self.ema_halflife_images, self.ema_rampup)
        torch._foreach_lerp_(self._averaged, self._current, 1 - d)

    def _freeze_discriminator(self, frozen: bool) -> None:
        for weights in self._discriminating:
            weights.requires_grad_(not frozen)

    def _log(self, real: Tensor, decoded: Tensor, real_logits: Tensor, fake_logits: Tensor) -> None:
        """``real``, ``decoded: (B,)`` bool: which of those that stand for real ones are."""
        metrics = {f"training/{key}": value for key, value in self.require_sound(self.log_every).items()}
        groups = (
            ("real", real_logits[real]),
            ("decoded", real_logits[decoded]),
            ("generated", fake_logits),
        )
        metrics |= {f"training/logit_{name}": float(group.mean()) for name, group in groups if len(group)}
        for logger in self.loggers:
            logger.log_metrics(metrics, step=self.images_seen)

    @property
    def _when(self) -> str:
        return f"after {self.images_seen} images"
