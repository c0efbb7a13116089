"""How the nets behind feature spaces are fitted: AdamW with a one-cycle schedule over shuffled batches."""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn

from aeaug.randomness import generator
from aeaug.training.progress import progress_bar

__all__ = ["fit"]


def fit(
    parameters: Iterable[nn.Parameter],
    n: int,
    loss_of: Callable[[Tensor, torch.Generator], Tensor],
    *,
    epochs: int,
    batch_size: int,
    lr: float,
    weight_decay: float,
    seed: int,
    net: str,
    draws: str,
    progress: bool,
) -> None:
    """Minimise ``loss_of`` over ``epochs`` passes of n images, each in an order of its own, without the last few that
    fill no batch. ``loss_of(batch, draw)``: the loss of the images with these indices, ``(batch_size,)``; ``draw`` is
    one generator an epoch, of the ``seed``, for orders and ``draws``. ``net``: its name on the bar."""
    optimizer = torch.optim.AdamW(parameters, lr=lr, weight_decay=weight_decay)
    steps = n // batch_size
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=lr, total_steps=epochs * steps)
    total, quiet = range(epochs * steps), not progress
    with progress_bar(total, net, unit="step", mininterval=0.5, disable=quiet) as bar:
        for epoch in range(epochs):
            draw = generator(seed, f"{net} order and {draws}", epoch)
            order = torch.randperm(n, generator=draw)
            for batch in order[: steps * batch_size].split(batch_size):
                loss = loss_of(batch, draw)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()
                bar.update()
            bar.set_postfix(epoch=epoch + 1, loss=f"{loss.item():.4f}")
