"""Train the feature net that every metric is measured with, on MNIST's training images 10,000 to 59,999.

    python scripts/train_feature_net.py                                  # 4 minutes on one CPU thread
    python scripts/train_feature_net.py --out /tmp/net.pt --seed 1

MNIST is read from the folder AEAUG_DATA names (default: data). The weights in the package were written by the first
command; the same command writes the same file, byte for byte, on the same processor and library versions. See
docs/feature_net.md.
"""

import argparse
import os
from io import BytesIO
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, pad
from tqdm import tqdm

from aeaug.evaluation.features import FEATURE_NET_PATH, FeatureNet, extract, load_feature_net

FIRST_IMAGE = 10_000  # earlier training images stay unseen, so that they can serve as references


def to_images(stored: Tensor) -> Tensor:
    """Stored ``(N, 28, 28)`` uint8 to ``(N, 1, 28, 28)`` float32 in [-1, 1]."""
    return stored.unsqueeze(1) / 127.5 - 1


def shift(images: Tensor, pixels: int, generator: torch.Generator) -> Tensor:
    """Each of ``images (B, 1, 28, 28)`` moved by up to ``pixels`` along each axis, filled with background."""
    n, _, height, width = images.shape
    padded = pad(images.squeeze(1), (pixels,) * 4, value=-1.0)
    offset = torch.randint(0, 2 * pixels + 1, (2, n, 1), generator=generator)
    rows = offset[0] + torch.arange(height)
    columns = offset[1] + torch.arange(width)
    return padded[torch.arange(n)[:, None, None], rows[:, :, None], columns[:, None, :]].unsqueeze(1)


def train(stored: Tensor, labels: Tensor, *, epochs: int, batch_size: int, lr: float, pixels: int, seed: int) -> FeatureNet:
    """A feature net trained with AdamW and a one-cycle schedule on ``stored (N, 28, 28)`` uint8."""
    generator = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):  # layers initialise themselves from the global stream
        torch.manual_seed(seed)
        net = FeatureNet()
    optimizer = torch.optim.AdamW(net.parameters(), lr=lr, weight_decay=0.01)
    steps = epochs * (len(stored) // batch_size)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=lr, total_steps=steps)
    with tqdm(total=steps, desc="feature net", unit="step") as bar:
        for _ in range(epochs):
            order = torch.randperm(len(stored), generator=generator)
            for batch in order[: len(stored) // batch_size * batch_size].split(batch_size):
                _, logits = net(shift(to_images(stored[batch]), pixels, generator))
                loss = cross_entropy(logits, labels[batch])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()
                bar.update()
                if bar.n % 50 == 0:
                    bar.set_postfix(loss=f"{loss.item():.4f}", refresh=False)
    return net


def accuracy(net: FeatureNet, stored: Tensor, labels: Tensor) -> float:
    return (extract(to_images(stored), net).logits.argmax(1) == labels).double().mean().item()


def write(content: dict[str, object], path: Path) -> None:
    """Write beside the target, then rename: a killed run leaves the previous weights."""
    buffer = BytesIO()  # torch.save writes a path's name into the file; a buffer keeps the bytes the same anywhere
    torch.save(content, buffer)
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(buffer.getvalue())
    os.replace(partial, path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=Path(os.environ.get("AEAUG_DATA", "data")))
    parser.add_argument("--out", type=Path, default=FEATURE_NET_PATH)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--batch-size", type=int, default=125)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--shift", type=int, default=1, help="largest shift in pixels, along each axis")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()

    torch.set_num_threads(args.threads)
    torch.use_deterministic_algorithms(True)
    from torchvision.datasets import MNIST

    tr, te = MNIST(args.root, train=True, download=False), MNIST(args.root, train=False, download=False)
    net = train(
        tr.data[FIRST_IMAGE:], tr.targets[FIRST_IMAGE:], epochs=args.epochs, batch_size=args.batch_size,
        lr=args.lr, pixels=args.shift, seed=args.seed,
    )
    net.eval()
    test = accuracy(net, te.data, te.targets)
    metadata: dict[str, object] = {
        "trained_on": f"MNIST training images {FIRST_IMAGE} to 59999",
        "epochs": args.epochs,
        "batch_size": args.batch_size,
        "lr": args.lr,
        "shift": args.shift,
        "seed": args.seed,
        "test_accuracy": test,
    }
    write({"state_dict": net.state_dict(), "metadata": metadata}, args.out)
    _, sha256 = load_feature_net(args.out)
    print(f"test accuracy {test:.2%}\nwrote {args.out} ({args.out.stat().st_size / 1e6:.2f} MB, SHA-256 {sha256})")


if __name__ == "__main__":
    main()
