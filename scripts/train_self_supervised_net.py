"""Train the label-free feature net on training images 35,000 to 59,999 of a data set. It is never given a label.

    python scripts/train_self_supervised_net.py                          # MNIST's: 4 minutes on one CPU thread
    python scripts/train_self_supervised_net.py --data fashion_mnist     # another data set's
    python scripts/train_self_supervised_net.py --out other.pt --seed 1  # another net

It is VICReg (``aeaug/evaluation/spaces/label_free.py``). Images are read from the folder AEAUG_DATA names (default:
data), or downloaded there. The first two commands wrote the weights in the package; see docs/feature_net.md.
"""

import argparse
import os
from pathlib import Path

import torch

from aeaug.data.sets import DATA_SETS
from aeaug.data.splits import FEATURE_NETS_SAW
from aeaug.evaluation.features import load_feature_net, net_path, save_feature_net
from aeaug.evaluation.spaces.label_free import train

FIRST_IMAGE = FEATURE_NETS_SAW.start  # earlier training images stay unseen, to be trained on and compared with
N_IMAGES = FEATURE_NETS_SAW.stop - FIRST_IMAGE


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    own_files = [name for name, one in DATA_SETS.items() if one.files and one.grey]
    parser.add_argument("--data", choices=own_files, default="mnist")
    parser.add_argument("--root", type=Path, default=Path(os.environ.get("AEAUG_DATA", "data")))
    parser.add_argument("--out", type=Path, help="default: the weights in the package")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--batch-size", type=int, default=125)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1, help="another number rounds sums differently")
    parser.add_argument("--images", type=int, default=N_IMAGES, help="use only the first of the 25,000")
    args = parser.parse_args()

    data = DATA_SETS[args.data]
    assert data.files is not None
    out = args.out or net_path(data, "self_supervised")
    if not out.parent.is_dir():
        parser.error(f"--out={out}: no folder {out.parent}")
    if not 2 <= args.batch_size <= args.images <= N_IMAGES:
        parser.error(f"--batch-size={args.batch_size} --images={args.images}: must be 2 ≤ batch ≤ images ≤ {N_IMAGES}")
    torch.set_num_threads(args.threads)
    torch.use_deterministic_algorithms(True)
    try:
        images = data.files.load(args.root).train_images
    except ValueError as error:
        parser.error(str(error))
    seen = slice(FIRST_IMAGE, FIRST_IMAGE + args.images)
    options = {"epochs": args.epochs, "batch_size": args.batch_size, "lr": args.lr, "seed": args.seed}
    net = train(images[seen], **options)
    trained_on = f"{data.title} training images {seen.start} to {seen.stop - 1}, without labels"
    save_feature_net(net, {"trained_on": trained_on, **options}, out)
    _, sha256 = load_feature_net(data, out, space="self_supervised")
    print(f"wrote {out} ({out.stat().st_size / 1e6:.2f} MB, SHA-256 {sha256})")


if __name__ == "__main__":
    main()
